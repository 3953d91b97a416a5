#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KeePassXC as it comes: no program is shown a secret until the user has allowed it."""

from cycle import Cycle, KeyringTest
from keepassxc import ACCESS, UNLOCK, KeePassXC, is_installed
from rig import main, skip


class Confirming(Cycle, KeyringTest):
    AFTER_START = [ACCESS]
    AFTER_LOCK = [UNLOCK]

    def open_keyring(self):
        return KeePassXC(self.world, confirm=True)


if __name__ == "__main__":
    if not is_installed():
        skip("needs keepassxc, Xvfb and xdotool")
    main()
