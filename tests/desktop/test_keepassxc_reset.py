#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is deleted in KeePassXC, or its whole database."""

from keepassxc import KeePassXC, is_installed
from reset import KeyringTest, Reset
from rig import main, skip


class Deleted(Reset, KeyringTest):
    def open_keyring(self):
        return KeePassXC(self.world, confirm=False)


if __name__ == "__main__":
    if not is_installed():
        skip("needs keepassxc, Xvfb and xdotool")
    main()
