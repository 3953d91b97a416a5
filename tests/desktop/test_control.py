#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A keyring of gnome-keyring that opens without a signal on the bus: through its control socket, as PAM opens
it, or because its password is empty."""

from rig.waiting import await_until
from session_case import KEYRING_LOCKED, SessionTest, run

# The daemon looks at a locked keyring once a minute while something waits for it; and then some.
LOOKS_EVERY_SECONDS = 100


class Control(SessionTest):
    """The session begins with the keyring locked, and the daemon has seen that."""

    def setUp(self):
        super().setUp()
        self.token = self.have_signed_in()
        self.log_in()
        self.await_locked()

    def test_a_token_is_there_right_afterwards(self):
        daemon = self.session.pid
        self.unlock_through_control()
        self.assert_token(self.token)
        self.assertEqual(self.session.pid, daemon)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assert_nobody_was_asked()

    def test_asked_too_early(self):
        """The answer to the first call says nothing about the second, soon after it."""
        self.assert_fails(KEYRING_LOCKED, "keyring is locked", "token")
        self.unlock_through_control()
        self.assert_token(self.token)
        self.assert_nobody_was_asked()

    def test_every_verb_looks(self):
        self.unlock_through_control()
        self.assert_token(self.token)
        account, = self.client.accounts()
        for arguments in (("token",), ("token", "--force"), ("refresh",), ("rename", account.id, "disk"),
                          ("default", account.id), ("apps",), ("logout", account.id)):
            with self.subTest(arguments):
                self.keyring.lock()
                self.await_locked()
                self.unlock_through_control()
                done = self.ctl(*arguments)
                self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.keyring.ours("account"), [])
        self.assert_nobody_was_asked()

    def test_a_sign_in_looks(self):
        self.unlock_through_control()
        self.sign_in(login=self.sim.add_user("olga")["login"])
        self.assertEqual(len(self.keyring.ours("account")), 2)
        self.assert_nobody_was_asked()

    def test_what_waits_is_saved_though_nobody_calls(self):
        """Locked between the request and its answer, and unlocked later."""
        self.keyring.unlock()
        account = self.await_account()
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        refresh = account.begin_refresh()
        self.sim.wait("/token", client_id=self.app["client_id"], trouble="held")
        self.keyring.lock()
        self.sim.let_go()
        refresh.result()
        self.assertFalse(account.get("Saved"))
        self.unlock_through_control()
        await_until(lambda: account.get("Saved"), "that it is saved", LOOKS_EVERY_SECONDS)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        self.assert_nobody_was_asked()


class BlankPassword(SessionTest):
    """As where nobody types a password at login. gnome-keyring says Locked until it is asked to unlock, and then
    it needs no password."""

    def setUp(self):
        super().setUp()
        self.make_keyring(password="")
        self.log_in()

    def test_everything_works_without_a_terminal(self):
        account = self.sign_in()
        self.assertIn(self.app["client_id"], self.ctl("apps").stdout)
        self.log_out()

        self.log_in()
        self.assert_token(account_token := self.live_grant()["access_token"])
        self.assertEqual(self.ctl("refresh").returncode, 0)
        self.assertNotEqual(self.live_grant()["access_token"], account_token)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        self.assertTrue(account.get("Saved"))
        self.assert_nobody_was_asked()

    def test_the_daemon_opens_it_by_itself(self):
        """Nobody has called it yet."""
        self.sign_in()
        self.log_out()
        self.log_in()
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assertEqual(self.client.accounts()[0].state, "active")
        self.assert_nobody_was_asked()


if __name__ == "__main__":
    run(__file__)
