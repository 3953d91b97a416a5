#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is deleted in gnome-keyring, or the whole keyring, as by somebody who forgot its password."""

from gnome_keyring import GnomeKeyring, is_installed
from reset import KeyringTest, Reset
from rig import main, skip


class Deleted(Reset, KeyringTest):
    def open_keyring(self):
        return GnomeKeyring(self.world)


if __name__ == "__main__":
    if not is_installed():
        skip("needs gcr-prompter, Xvfb and xdotool")
    main()
