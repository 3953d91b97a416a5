#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signing in once more, and as somebody else."""

from gi.repository import GLib

from rig import EndToEndTest, main


class Again(EndToEndTest):
    def test_the_same_user_keeps_id_and_label(self):
        first = self.sign_in(label="work")
        token = first.get_token()
        self.sim.kill_tokens(client_id=self.client_id)
        second = self.sign_in()
        self.assertEqual(second.path, first.path)
        self.assertEqual(second.get("Label"), "work")
        self.assertGreater(second.generation, token.generation)
        self.assertNotEqual(second.get_token().value, token.value)
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_at_the_account_itself(self):
        first = self.sign_in()
        again = self.begin_sign_in(account=GLib.Variant("o", first.path))
        self.sim.allow(again.code)
        self.assertEqual(again.await_account().path, first.path)

    def test_another_user_is_another_account(self):
        self.sim.add_user("maria-2")
        ivan = self.sign_in()
        maria = self.sign_in("maria-2")
        self.assertNotEqual(maria.path, ivan.path)
        self.assertEqual(maria.get("Label"), "maria-2")
        self.assertNotEqual(self.client.get_token("maria-2").value,
                            self.client.get_token("ivan").value)
        self.assertEqual(self.client.get_token(), self.client.get_token("ivan"))
        maria.sign_out()
        self.assertEqual([account.path for account in self.client.accounts()], [ivan.path])
        self.assertEqual(ivan.get_token().value, self.live_grant()["access_token"])

    def test_the_secret_is_needed_once(self):
        self.sign_in()
        request = self.client.sign_in(client_id=self.client_id)
        self.sim.allow(request.prompt()["user_code"])
        request.await_account()


class OtherUser(EndToEndTest):
    """Maria presses Allow although Ivan was expected."""

    def setUp(self):
        super().setUp()
        self.sim.add_user("maria")
        self.ivan = self.sign_in(label="work")
        self.before, self.token = self.ivan.all(), self.ivan.get_token()

    def assert_refused_for_maria(self, request):
        """Returns her account."""
        response, results = request.await_end()
        self.assertEqual(response, 2)
        self.assertEqual(request.await_error(), "AccessDenied")
        self.assertIn("belongs to ivan, but maria signed in", results["message"])
        self.assertEqual(results["login"], "maria")
        self.assert_untouched(self.ivan, self.before)
        self.assertEqual(self.ivan.get("Label"), "work")
        self.assertEqual(self.ivan.get_token(), self.token)
        self.assertEqual(len(self.client.accounts()), 2)
        maria, = (a for a in self.client.accounts() if a.path == results["account"])
        self.assertTrue(maria.get("Saved"))
        self.assertEqual(maria.get_token().value, self.grant_of_maria()["access_token"])
        return maria

    def maria_signs_in(self):
        again = self.begin_sign_in(account=GLib.Variant("o", self.ivan.path), label="mine")
        self.sim.allow(again.code, "maria")
        return self.assert_refused_for_maria(again)

    def grant_of_maria(self):
        return self.sim.grants(login="maria", alive=True)[-1]

    def test_an_account_is_made_for_her(self):
        maria = self.maria_signs_in()
        self.assertEqual(maria.get("Login"), "maria")
        self.assertEqual(maria.get("Label"), "maria")
        self.world.restart_daemon()
        self.assertEqual(maria.get_token().value, self.grant_of_maria()["access_token"])
        self.assert_untouched(self.ivan, self.before)

    def test_she_is_here_already(self):
        maria = self.sign_in("maria")
        token = maria.get_token()
        self.sim.kill_tokens("maria")
        self.assertEqual(self.maria_signs_in().path, maria.path)
        self.assertGreater(maria.generation, token.generation)

    def test_by_code(self):
        self.sim.knobs(refresh_mode="B")
        again = self.client.sign_in(flow="code", account=GLib.Variant("o", self.ivan.path))
        url = again.prompt()["authorization_url"]
        self.assertIn("&login_hint=ivan&", url)
        again.submit(self.sim.authorize(url, "maria")["code"])
        maria = self.assert_refused_for_maria(again)
        maria.refresh()
        self.assertEqual(maria.get_token().value, self.grant_of_maria()["access_token"])


if __name__ == "__main__":
    main()
