#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KeePassXC asks its user before it shows a program a secret: what is said of that, and what follows from
each answer. A daemon that was just started has been allowed nothing."""

from cycle import A_WHILE, KeyringTest
from keepassxc import ACCESS, ALLOW_ONCE, CLOSE, DENY_FOR_GOOD, KeePassXC, is_installed
from rig import main, skip


class Access(KeyringTest):
    def open_keyring(self):
        return KeePassXC(self.world, confirm=True)

    def setUp(self):
        super().setUp()
        self.sign_in()
        self.assert_kept()
        self.assertEqual(self.daemon.stop(), 0)
        self.start_daemon()
        self.sim.forget_requests()

    def assert_nothing_new(self):
        """Neither an item nor a grant."""
        self.assert_kept()
        self.assertEqual(len(self.keyring.entries()[0]), 3)
        self.assertEqual(self.refreshes(), [])

    def test_what_is_said(self):
        self.assert_locked()
        self.assertEqual(self.diagnosed(), "items-locked")
        self.assertNotIn("keyring is locked", self.in_script("token", status=5).err)
        self.assertNotIn("keyring is unlocked", self.ctl("doctor").out)
        self.assertEqual(self.keyring.asks(), [])
        self.assert_nothing_new()

    def test_allowed(self):
        self.at_terminal("token", asked=[ACCESS])
        self.assertEqual(self.diagnosed(), "unlocked")
        self.assert_token_is_served()
        self.in_script("refresh")
        self.assert_kept()

    def test_not_answered_and_allowed_later(self):
        self.at_terminal("token", answer=CLOSE, asked=[ACCESS], status=5)
        self.assert_locked()
        self.assert_nothing_new()
        self.at_terminal("token", asked=[ACCESS])
        self.assert_token_is_served()

    def test_allowed_once(self):
        """One read uses it up, so that the next write would be asked for."""
        self.at_terminal("token", answer=ALLOW_ONCE, asked=[ACCESS])
        self.assert_token_is_served()
        self.in_script("refresh", status=5)
        self.assert_nothing_new()
        self.at_terminal("refresh", asked=[ACCESS])
        self.assert_kept()
        self.clock.pass_by(A_WHILE)
        self.in_script("refresh")
        self.assert_kept()

    def test_refused_for_good(self):
        """It asks no more then, and does half of what it is told to: a new item stays an empty one."""
        self.at_terminal("token", answer=DENY_FOR_GOOD, asked=[ACCESS], status=5)
        self.at_terminal("token", status=5)
        self.at_terminal(*self.login_arguments(), status=5)
        other = self.sim.application()
        self.assert_refused("KeyringLocked", self.client.manager, "AddApplication", "(ss)",
                            other["client_id"], other["client_secret"], interactive=True)
        self.assert_nothing_new()
        self.assert_nothing_asked_for()

    def test_signing_in_again(self):
        before = self.client.find_account().path
        self.assertEqual(self.sign_in_at_terminal(asked=[ACCESS]).path, before)
        self.assertEqual(len(self.client.accounts()), 1)
        self.assert_kept()

    def test_a_script_that_signs_in_or_out(self):
        self.in_script(*self.login_arguments(), status=5)
        self.in_script("logout", status=5)
        self.assert_nothing_new()
        self.assert_nothing_asked_for()

    def test_signing_out(self):
        self.at_terminal("logout", asked=[ACCESS])
        self.assert_nothing_kept()


if __name__ == "__main__":
    if not is_installed():
        skip("needs keepassxc, Xvfb and xdotool")
    main()
