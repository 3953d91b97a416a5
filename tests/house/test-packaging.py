#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who builds a package has flags and a compiler of his own: nothing of ours contradicts them, and what a newer
compiler or library warns of is no error. Our own builds are strict. What is installed has the modes that it needs."""

import json
import os
import re
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

    def run_cmake(self, *arguments, flags="", **environment):
        done = subprocess.run(["cmake", *arguments], cwd=tree.ROOT, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=os.environ | {"CFLAGS": flags} | environment)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def configure(self, *arguments, **keywords):
        """Returns how a source of ours is compiled."""
        self.run_cmake("--fresh", *arguments, "-B", self.directory, "-G", "Ninja", "-D", "BUILD_TESTING=OFF",
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

    def test_only_builds_for_development_are_strict(self):
        self.assertIn("-Werror", self.configure("--preset", "ndebug"))
        command = self.configure("--preset", "release")
        self.assertNotIn("-Werror", command)
        self.assertIn("-D_FORTIFY_SOURCE=2", command)

    def install(self, prefix, destdir=""):
        """Returns the paths of the files."""
        said = self.run_cmake("--install", BUILD, "--prefix", prefix, DESTDIR=destdir)
        return [os.path.join(prefix, path) for path in
                re.findall(rf"(?m)^-- Installing: {destdir}{prefix}/([^\n]*[^/\n])$", said)
                if not os.path.isdir(destdir + os.path.join(prefix, path))]

    def test_prefix_at_install_time(self):
        """All that names another file names it below that prefix; DESTDIR is in none."""
        for path in self.install("/opt/tokens", self.directory):
            with open(self.directory + path, "rb") as file:
                data = file.read()
            if path.endswith((".service", ".pc")):
                named = re.findall(rb"(?m)^(?:Exec\w*|prefix|libdir|includedir)=(.*)$", data)
                self.assertTrue(named, path)
                for line in named:
                    self.assertIn(b"/opt/tokens", line, path)
            self.assertNotIn(self.directory.encode(), data, path)
        with open(self.directory + "/opt/tokens/lib/systemd/user/yadisk-tokend.service", encoding="ascii") as file:
            self.assertIn("\nExecStart=/opt/tokens/libexec/yadisk-tokend\n", file.read())

    def test_catalogue_moves_with_the_programs(self):
        self.install(self.directory)
        for program in ("bin/yadiskctl", "libexec/yadiskctl-disk", "libexec/yadisk-token-feed",
                        "libexec/yadisk-tokend"):
            with open(os.path.join(self.directory, program), "rb") as file:
                self.assertIn(b"\x00../share/locale\x00", file.read(), program)
        self.assertTrue(os.path.exists(os.path.join(self.directory, "share/locale/ru/LC_MESSAGES/yadisk-tokend.mo")))

    def uninstall(self, files, destdir=""):
        manifest = os.path.join(self.directory, "manifest")
        with open(manifest, "w", encoding="utf-8") as file:
            file.write("\n".join(files))
        said = self.run_cmake("-D", f"MANIFEST={manifest}", "-P", "tools/uninstall.cmake", DESTDIR=destdir)
        os.unlink(manifest)
        return re.search("-- (Removed .*)$", said.strip())[1]

    def test_uninstall(self):
        files = self.install("/opt/tokens", self.directory)
        self.assertRegex(self.uninstall(files, self.directory),
                         rf"^Removed {len(files)} files and \d+ empty folders; 0 files were gone before\.$")
        self.assertEqual(list(os.walk(self.directory))[-1], (self.directory + "/opt/tokens", [], []))
        self.assertRegex(self.uninstall(files, self.directory), rf"^Removed 0 .* {len(files)} files were gone")

    def test_uninstall_leaves_what_is_of_others(self):
        files = self.install("/usr/local", self.directory)
        prefix = self.directory + "/usr/local"
        with open(prefix + "/share/man/man1/mine.1", "w", encoding="ascii"):
            pass
        self.uninstall(files, self.directory)
        left = {os.path.relpath(folder, prefix): names for folder, _, names in os.walk(prefix)}
        self.assertEqual({folder: names for folder, names in left.items() if names}, {"share/man/man1": ["mine.1"]})
        self.assertLessEqual({"bin", "lib", "share/man"}, set(left))

    def test_nobody_but_root_reads_the_daemon(self):
        """The other programs are looked at by the daemon when they call it, and so are readable."""
        self.install(self.directory)
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
