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

    def test_another_user_at_the_account(self):
        first = self.sign_in()
        token = first.get_token()
        self.sim.add_user("maria")
        again = self.begin_sign_in(account=GLib.Variant("o", first.path))
        self.sim.allow(again.code, "maria")
        self.assertEqual(again.await_error(), "AccessDenied")
        self.assertEqual(first.get_token(), token)

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


if __name__ == "__main__":
    main()
