#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A keyring of gnome-keyring that opens without a signal on the bus: through its control socket, as PAM opens
it, or because its password is empty."""

from session_case import KEYRING_LOCKED, SessionTest, run


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


class BlankPassword(SessionTest):
    """As where nobody types a password at login. gnome-keyring says Locked until it is asked to unlock, and then
    it needs no password."""

    def setUp(self):
        super().setUp()
        self.make_keyring(password="")
        self.log_in()

    def test_everything_works_without_a_terminal(self):
        self.sign_in()
        self.assertIn(self.app["client_id"], self.ctl("apps").stdout)
        self.log_out()

        self.log_in()
        before = self.live_grant()
        self.assert_token(before["access_token"])
        self.assertEqual(self.ctl("refresh").returncode, 0)
        after = self.live_grant()
        self.assertNotEqual(after["access_token"], before["access_token"])
        self.assert_token(after["access_token"])
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"], after["refresh_token"])
        self.assert_nobody_was_asked()

    def test_the_daemon_opens_it_by_itself(self):
        """Nobody calls it for a token, or to look at anything."""
        self.sign_in()
        self.log_out()
        self.log_in()
        self.await_account()
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assert_nobody_was_asked()


if __name__ == "__main__":
    run(__file__)
