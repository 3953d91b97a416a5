#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What lies on a file system that never answers is not waited for."""

import os

from ask import AskTest
from rig.case import main
from rig.hiding import have_mounts
from rig.sandbox_bwrap import flatpak
from rig.sandbox_fuse import SilentFileSystem


class Silent(AskTest):
    @classmethod
    def setUpClass(cls):
        if os.getuid() == 0:
            have_mounts()

    def mount(self, name, make):
        path = os.path.join(self.directory, name)
        make(path)
        silent = SilentFileSystem(path)
        self.addCleanup(silent.close)
        return path, silent

    def test_a_root_directory(self):
        path, silent = self.mount("root", os.mkdir)
        caller = self.start(root=path)
        silent.fall_silent()
        for pidfd in (True, False):
            who = self.ask(caller, pidfd=pidfd)
            self.assertFalse(who.host)
            self.assertIsNone(who.app)

    def test_the_info_of_a_flatpak(self):
        path, silent = self.mount("info", lambda path: open(path, "w", encoding="ascii").close())
        caller = self.start_in(flatpak("org.example.App", "--bind", path, "/.flatpak-info"))
        silent.fall_silent()
        who = self.ask(caller)
        self.assertFalse(who.host)
        self.assertIsNone(who.app)


if __name__ == "__main__":
    main()
