#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KWallet whose wallet has no password."""

from cycle import BriefCycle, KeyringTest
from kwallet import BLANK, KWallet, is_installed
from rig import main, skip


class Blank(BriefCycle, KeyringTest):
    def open_keyring(self):
        return KWallet(self.world, BLANK)


if __name__ == "__main__":
    if not is_installed():
        skip("needs KWallet, Xvfb and xdotool")
    main()
