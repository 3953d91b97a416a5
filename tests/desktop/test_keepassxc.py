#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KeePassXC that lets every program see its secrets."""

from cycle import Cycle, KeyringTest
from keepassxc import UNLOCK, KeePassXC, is_installed
from rig import main, skip


class Open(Cycle, KeyringTest):
    AFTER_LOCK = [UNLOCK]

    def open_keyring(self):
        return KeePassXC(self.world, confirm=False)


if __name__ == "__main__":
    if not is_installed():
        skip("needs keepassxc, Xvfb and xdotool")
    main()
