#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Taking over the tokens of another program: afterwards the only live ones are ours; or nothing has
changed."""

from gi.repository import GLib

from rig import EndToEndTest, main
from rig.waiting import await_until


class ImportTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.pair = self.sim.sign_in_elsewhere(self.app)
        self.sim.forget_requests()

    def begin(self, pair=None, app=None, **given):
        pair, app = pair or self.pair, app or self.app
        given = {"refresh_token": pair["refresh_token"], "access_token": pair["access_token"],
                 "client_secret": app["client_secret"], **given}
        return self.client.sign_in(client_id=app["client_id"], flow="import", **{
            name: value for name, value in given.items() if value is not None})

    def assert_ours(self, account):
        """One live refresh token, which the keyring holds; the copy is dead."""
        alive = self.sim.grants(alive=True, client_id=self.client_id)
        self.assertEqual(len(alive), 1)
        self.assertEqual(account.state, "active")
        account.await_is("Saved", True)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"], alive[0]["refresh_token"])
        self.assertEqual(account.get_token().value, alive[0]["access_token"])
        self.assertNotEqual(alive[0]["refresh_token"], self.pair["refresh_token"])
        self.assertEqual(self.refresh_elsewhere()["error"], "invalid_grant")

    def refresh_elsewhere(self):
        """The other program, with its copy."""
        return self.sim.post_token(self.app, grant_type="refresh_token",
                                   refresh_token=self.pair["refresh_token"])

    def assert_ends(self, request, error, pattern="."):
        self.assertEqual(request.await_error(), error)
        self.assertRegex(request.await_end()[1]["message"], pattern)

    def assert_nothing_changed(self):
        """Nothing is here, nothing was revoked, and the other program goes on."""
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(self.sim.requests(path="/revoke_token"), [])
        self.assertNotIn("error", self.refresh_elsewhere())


class Taken(ImportTest):
    def test_a_whole_pair(self):
        account = self.begin().await_account()
        self.assertEqual(account.get("Login"), "ivan")
        self.assertEqual(account.get("Label"), "ivan")
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(self.client.manager("ListApplications")[0], [self.client_id])
        self.assert_ours(account)
        self.world.restart_daemon()
        self.assert_ours(account)

    def test_a_label_of_ones_own(self):
        self.assertEqual(self.begin(label="work").await_account().get("Label"), "work")

    def test_no_access_token(self):
        account = self.begin(access_token=None).await_account()
        self.assertEqual(account.get("Login"), "ivan")
        self.assert_ours(account)

    def test_a_dead_access_token(self):
        account = self.begin(access_token="y0_dead").await_account()
        self.assertEqual(account.get("Login"), "ivan")
        self.assert_ours(account)

    def test_the_same_access_token_comes_back(self):
        self.sim.knobs(refresh_mode="A")
        account = self.begin().await_account()
        self.assertEqual(account.get_token().value, self.pair["access_token"])
        self.assert_ours(account)

    def test_a_known_application_needs_no_secret(self):
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.assert_ours(self.begin(client_secret=None).await_account())

    def test_a_lost_answer(self):
        self.sim.knobs(old_refresh_token="survives")
        self.sim.trouble("lost@/token*1")
        account = self.begin().await_account()
        self.assertEqual(len(self.refreshes()), 2)
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])

    def test_a_token_that_cannot_be_revoked(self):
        """It was issued without a device: only the user can end it."""
        outcome = self.begin().await_account().sign_out()
        self.assertFalse(outcome["revoked"])
        self.assertIn("https://id.yandex.ru/personal/data-access", outcome["reason"])

    def test_whoever_turns_out_to_be_here(self):
        account = self.sign_in(label="work")
        self.sim.kill_tokens(client_id=self.client_id)
        self.pair = self.sim.sign_in_elsewhere(self.app)
        imported = self.begin(access_token=None).await_account()
        self.assertEqual(imported.path, account.path)
        self.assertEqual([a.path for a in self.client.accounts()], [account.path])
        self.assertEqual(account.get("Label"), "work")
        self.assert_ours(account)
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_it_asks_nothing_of_the_user(self):
        self.sim.trouble("held@/info*1")
        request = self.begin()
        self.sim.wait("/info", trouble="held")
        self.assert_refused("InvalidArgs", request.prompt)
        self.assert_refused("InvalidArgs", request.submit, "1234567")
        self.assertEqual(self.sim.let_go(), 1)
        request.await_account()


class NotTaken(ImportTest):
    def test_a_refresh_token_that_is_used_up(self):
        self.pair = self.refresh_elsewhere() | {"refresh_token": self.pair["refresh_token"]}
        self.assert_ends(self.begin(), "SignInNeeded", "refresh token")
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(len(self.sim.grants(alive=True, client_id=self.client_id)), 1)

    def test_a_pair_that_was_ended(self):
        self.sim.kill_tokens(client_id=self.client_id)
        self.assert_ends(self.begin(), "SignInNeeded")
        self.assertEqual(self.keyring.ours(), [])

    def test_a_token_of_another_application(self):
        other = self.sim.application()
        self.assert_ends(self.begin(app=other), "InvalidArgs", "another application")
        self.assertEqual(self.sim.requests(path="/token"), [])
        self.assert_nothing_changed()

    def test_a_refresh_token_of_another_application(self):
        self.assert_ends(self.begin(app=self.sim.application(), access_token=None), "SignInNeeded")
        self.assert_nothing_changed()

    def test_a_wrong_secret(self):
        self.assert_ends(self.begin(client_secret="wrong"), "AppRefused")
        self.assertEqual(self.client.manager("ListApplications")[0], [])
        self.assert_nothing_changed()

    def test_a_wrong_secret_of_a_known_application(self):
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.assert_ends(self.begin(client_secret="wrong"), "InvalidArgs", "another secret")
        self.assertEqual(self.sim.requests(path="/token"), [])

    def test_a_blocked_application(self):
        self.sim.block_application(self.client_id)
        self.assert_ends(self.begin(), "AppRefused")
        self.sim.unblock_application(self.client_id)
        self.assert_nothing_changed()

    def test_whoever_is_here_already(self):
        account = self.sign_in()
        self.pair = self.sim.sign_in_elsewhere(self.app)
        before, token = account.all(), account.get_token()
        self.sim.forget_requests()
        self.assert_ends(self.begin(), "InvalidArgs", "signed in here already")
        self.assertEqual(self.sim.requests(path="/token"), [])
        self.assert_untouched(account, before)
        self.assertEqual(account.get_token(), token)

    def test_offline(self):
        for trouble in ("reset-accept", "503@/info", "503@/token", "reset-before@/token"):
            with self.subTest(trouble):
                self.sim.trouble(trouble)
                request = self.begin()
                self.assertIn(request.await_error(), ("Offline", "ServerTrouble"))
                self.sim.trouble()
                self.assertEqual(self.client.accounts(), [])
                self.assertEqual(self.keyring.ours(), [])
        self.assert_nothing_changed()

    def test_a_locked_keyring(self):
        self.keyring.lock()
        self.assert_refused("KeyringLocked", self.begin)
        self.assertEqual(self.sim.requests(), [])
        self.keyring.unlock()
        self.assert_nothing_changed()

    def test_bad_options(self):
        given = {"client_id": self.client_id, "client_secret": self.client_secret, "flow": "import"}
        for wrong in ({}, {"refresh_token": ""}, {"refresh_token": "a b"}, {"refresh_token": "й"},
                      {"refresh_token": "x" * 16385}, {"refresh_token": "r", "access_token": ""},
                      {"refresh_token": "r", "access_token": "a\r\nX: 1"},
                      {"refresh_token": GLib.Variant("u", 5)}):
            with self.subTest(wrong):
                self.assert_refused("InvalidArgs", self.client.sign_in, **given, **wrong)
        account = self.sign_in()
        self.assert_refused("InvalidArgs", self.client.sign_in, flow="import", refresh_token="r",
                            account=GLib.Variant("o", account.path))


class Left(ImportTest):
    def test_cancelled_before_yandex_was_asked(self):
        self.sim.trouble("held@/info*1")
        request = self.begin()
        self.sim.wait("/info", trouble="held")
        request.cancel()
        self.assertEqual(request.await_end()[0], 1)
        self.assertEqual(self.sim.let_go(), 1)
        self.assert_nothing_changed()

    def test_cancelled_while_it_is_renewed(self):
        """Yandex may have renewed it by then: it stays, as an account."""
        self.sim.trouble("held@/token*1")
        request = self.begin()
        self.sim.wait("/token", trouble="held")
        request.cancel()
        self.assertEqual(self.sim.let_go(), 1)
        await_until(lambda: self.keyring.ours("account"), "the account in the keyring")
        account, = self.client.accounts()
        self.assert_ours(account)

    def test_killed_while_it_is_renewed(self):
        """Without a service manager that keeps what is under way: the pair that the other program has is good as
        long as Yandex lets it be."""
        self.sim.knobs(old_refresh_token="survives")
        self.sim.trouble("held@/token*1")
        self.begin()
        self.sim.wait("/token", trouble="held")
        self.daemon.kill()
        self.world.start_daemon()
        self.assertEqual(self.client.accounts(), [])
        account = self.begin().await_account()
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])


if __name__ == "__main__":
    main()
