#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadisk-tokend-server for a user who has a keyring, which only its own password opens."""

from rig.machine import USER, main_on_machine
from server_case import CREDENTIAL, KEYRING_LOCKED, MAKE_KEYRING, PASSWORD, ServerTest


class OwnPassword(ServerTest):
    def setUp(self):
        super().setUp()
        self.user(MAKE_KEYRING)

    def test_it_is_not_made_up(self):
        self.assertIn("--password-file", self.enable(status=1))
        self.root(f"! test -e {CREDENTIAL}")

    def test_from_a_line(self):
        """An editor, or echo, ends it with a newline."""
        self.enable("--password-file -", stdin=PASSWORD + "\n")
        self.restart()
        self.assert_locked(False)

    def test_from_a_file(self):
        self.machine.write("/root/password", PASSWORD)
        self.enable("--password-file /root/password")
        self.assert_locked(False)

    def test_from_a_terminal(self):
        terminal = self.machine.at_terminal(f"yadisk-tokend-server enable {USER}")
        self.addCleanup(terminal.close)
        terminal.await_text(f"Password of the keyring of {USER}:.*press TAB")
        # The question is there a moment before its answer is hidden.
        terminal.type(PASSWORD[0])
        terminal.await_text("[•*]")
        terminal.type(PASSWORD[1:] + "\n")
        self.assertEqual(terminal.await_end(), 0, terminal.shown)
        self.assertNotIn(PASSWORD, terminal.shown)

    def test_a_wrong_one(self):
        """Our words lead to the page, and nothing is lost."""
        self.enable("--password-file -", stdin="battery staple", status=1)
        self.assert_wrong("is unlocked")
        self.assertIn("The keyring is locked.", self.user("yadiskctl token", status=KEYRING_LOCKED))
        self.assertIn("yadisk-tokend-server(8)", self.user("yadiskctl doctor", status=KEYRING_LOCKED))
        self.enable("--password-file -", stdin=PASSWORD)
        self.assert_locked(False)

    def test_a_wrong_one_after_the_right_one(self):
        self.enable("--password-file -", stdin=PASSWORD)
        self.assertIn("The one before it is back",
                      self.enable("--password-file -", stdin="battery staple", status=1))
        self.assert_locked(False)
        self.check()


if __name__ == "__main__":
    main_on_machine(__file__)
