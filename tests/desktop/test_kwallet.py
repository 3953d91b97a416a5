#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KWallet whose wallet has a password."""

from cycle import Cycle, KeyringTest
from kwallet import PASSWORD, WINDOW, KWallet, is_installed
from rig import main, skip


class Password(Cycle, KeyringTest):
    AFTER_LOCK = [WINDOW]

    def open_keyring(self):
        return KWallet(self.world, PASSWORD)


if __name__ == "__main__":
    if not is_installed():
        skip("needs KWallet, Xvfb and xdotool")
    main()
