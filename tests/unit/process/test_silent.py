#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What lies on a file system that never answers is not waited for."""

import os
import stat

from ask import AskTest
from rig.case import main
from rig.hiding import have_mounts
from rig.sandbox_bwrap import flatpak, need_bubblewrap
from rig.sandbox_fuse import SilentFileSystem


class Silent(AskTest):
    @classmethod
    def setUpClass(cls):
        if os.getuid() == 0:
            have_mounts()

    def mount(self, *where):
        silent = SilentFileSystem(*where)
        self.addCleanup(silent.close)
        return silent

    def assert_nothing(self, caller):
        for pidfd in (True, False):
            who = self.ask(caller, pidfd=pidfd)
            self.assertFalse(who.host)
            self.assertIsNone(who.app)

    def test_a_root_directory(self):
        path = os.path.join(self.directory, "root")
        os.mkdir(path)
        silent = self.mount(path, stat.S_IFDIR)
        caller = self.start(root=path)
        silent.fall_silent()
        self.assert_nothing(caller)

    def test_the_info_of_a_flatpak(self):
        need_bubblewrap()
        caller = self.start_in(flatpak("org.example.App", way="--file"))
        self.assertEqual(self.ask(caller).app, "org.example.App")
        self.mount("/.flatpak-info", stat.S_IFREG, caller.pid).fall_silent()
        self.assert_nothing(caller)


if __name__ == "__main__":
    main()
