#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""gnome-keyring whose keyring has a password."""

from cycle import Cycle, KeyringTest
from gnome_keyring import UNLOCK, GnomeKeyring, is_installed
from rig import main, skip


class Password(Cycle, KeyringTest):
    AFTER_LOCK = [UNLOCK]

    def open_keyring(self):
        return GnomeKeyring(self.world)


if __name__ == "__main__":
    if not is_installed():
        skip("needs gcr-prompter, Xvfb and xdotool")
    main()
