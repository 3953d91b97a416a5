#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who builds a package has flags and a compiler of his own: nothing of ours contradicts them, and what a newer
compiler or library warns of is no error. Our own builds are strict. What is installed has the modes that it needs."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

import tree

# Those of Arch Linux, where others say it in another way; and a warning that all code earns.
FLAGS = "-O2 -fexceptions -Wp,-D_FORTIFY_SOURCE=3 -Wformat -Werror=format-security -Wpadded"


class Packaging(tree.HouseTest):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="packaging-")
        self.addCleanup(shutil.rmtree, self.directory)

    def run_cmake(self, *arguments, flags=""):
        done = subprocess.run(["cmake", *arguments], cwd=tree.ROOT, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=os.environ | {"CFLAGS": flags})
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def configure(self, *arguments, **keywords):
        """Returns how a source of ours is compiled."""
        self.run_cmake(*arguments, "-B", self.directory, "-G", "Ninja", "-D", "BUILD_TESTING=OFF",
                       **keywords)
        with open(os.path.join(self.directory, "compile_commands.json"), encoding="utf-8") as file:
            return next(entry["command"].split() for entry in json.load(file)
                        if entry["file"].endswith("/common/log.c"))

    def test_as_a_packager_builds(self):
        command = self.configure("-S", ".", "-D", "CMAKE_BUILD_TYPE=None", flags=FLAGS)
        self.assertEqual([word for word in command if word.startswith("-Werror")],
                         ["-Werror=format-security"])
        said = self.run_cmake("--build", self.directory, "--target", "common")
        self.assertIn("warning: ", said)
        self.assertNotIn("redefined", said)

    def test_our_own_flags_give_way(self):
        command = self.configure("--preset", "release", flags=FLAGS)
        self.assertEqual([word for word in command if "FORTIFY" in word], ["-Wp,-D_FORTIFY_SOURCE=3"])

    def test_our_own_builds_are_strict(self):
        command = self.configure("--preset", "release")
        self.assertIn("-Werror", command)
        self.assertIn("-D_FORTIFY_SOURCE=2", command)

    def test_nobody_but_root_reads_the_daemon(self):
        """The other programs are looked at by the daemon when they call it, and so are readable."""
        self.run_cmake("--install", BUILD, "--prefix", self.directory)
        modes = {}
        for directory, _, names in os.walk(self.directory):
            for name in names:
                status = os.lstat(os.path.join(directory, name))
                if stat.S_ISREG(status.st_mode) and status.st_mode & 0o111:
                    modes[name] = stat.S_IMODE(status.st_mode)
        self.assertEqual(modes.pop("yadisk-tokend"), 0o711)
        self.assertLessEqual({"yadiskctl", "yadisk-token-feed", "yadiskctl-disk"}, set(modes))
        self.assertEqual(set(modes.values()), {0o755})


if __name__ == "__main__":
    BUILD = os.path.dirname(os.path.dirname(sys.argv[1]))
    tree.main()
