#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""gnome-keyring whose keyring has no password, so that its file is plain text: it comes up locked, and
opens to whoever asks."""

from cycle import Cycle, KeyringTest
from gnome_keyring import BlankKeyring, is_installed
from rig import main, skip


class Blank(Cycle, KeyringTest):
    def open_keyring(self):
        return BlankKeyring(self.world)

    def lock_and_unlock(self):
        """Nobody notices that it was locked."""
        self.keyring.lock()
        self.renew()
        self.keyring.lock()
        self.at_terminal("token")
        self.in_script("refresh")


if __name__ == "__main__":
    if not is_installed():
        skip("needs gcr-prompter, Xvfb and xdotool")
    main()
