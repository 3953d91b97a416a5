#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KDE without gnome-keyring: KWallet can be started by a name of its own, and nobody does so."""

from cycle import KeyringTest
from kwallet import KWALLETD, PASSWORD, PROGRAM, WINDOW, KWallet, is_installed
from rig import main, skip
from rig.keyring import SECRETS


class Started(KeyringTest):
    def open_keyring(self):
        keyring = KWallet(self.world, PASSWORD)
        keyring.stop()
        self.world.let_the_bus_start(KWALLETD, PROGRAM, **keyring.environment)
        self.addCleanup(self.end_started)
        return keyring

    def end_started(self):
        if self.client.owner_of(KWALLETD):
            self.world.end_started(KWALLETD)

    def test_it_is_started(self):
        self.client.await_owner(SECRETS)
        self.assert_locked_or_served(5)
        with self.keyring.user() as user:
            self.ctl_login()
        self.assertEqual(user.answered, [WINDOW])
        self.assert_kept()
        self.assert_locked_or_served(0)

    def assert_locked_or_served(self, status):
        self.in_script("token", status=status)


if __name__ == "__main__":
    if not is_installed():
        skip("needs KWallet, Xvfb and xdotool")
    main()
