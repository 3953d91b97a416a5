#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""CMakeLists.txt has the version; what else bears it agrees. Each file that is installed is in a package, and what the
library offers is in Debian's list of it."""

import fnmatch
import glob
import os
import re
import subprocess
import sys
import tempfile

import tree

VERSION = re.search(r"^project\(.* VERSION ([\d.]+) ", tree.read("CMakeLists.txt"), re.MULTILINE)[1]

# The first that is found is the newest.
PLACES = {
    "CHANGELOG.md": r"^## ([\d.]+)$",
    "debian/changelog": r"^yadisk-tokend \((.*)\) ",
    "packaging/yadisk-tokend.spec": r"^Version: +(.*)$",
    "packaging/PKGBUILD": r"^pkgver=(.*)$",
}


def section(spec, name):
    """The paths of all lists of files, with the macros that stand for folders."""
    lines = re.findall(r"^(?:%(?:attr\(.*?\)|doc|dir) )?(%\{_.*)$", spec[spec.index(name):], re.MULTILINE)
    folders = {"bindir": "/usr/bin", "sbindir": "/usr/sbin", "libexecdir": "/usr/libexec", "libdir": "/usr/lib",
               "includedir": "/usr/include", "datadir": "/usr/share", "mandir": "/usr/share/man",
               "userunitdir": "/usr/lib/systemd/user"}
    return [re.sub(r"%\{_(\w+)\}", lambda m: folders[m[1]], line) for line in lines]


def is_listed(path, lists):
    """Itself, or a folder that it is in."""
    patterns = ["/" + line.strip("/") for line in lists]
    return any(fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, pattern + "/*") for pattern in patterns)


class Versions(tree.HouseTest):
    def test_all_places_agree(self):
        found = {path: re.search(pattern, tree.read(path), re.MULTILINE)[1] for path, pattern in PLACES.items()}
        self.assertEqual(found, dict.fromkeys(PLACES, VERSION))
        self.assertRegex(tree.read("packaging/yadisk-tokend.spec"), rf"%changelog\n\* .* - {re.escape(VERSION)}-1\n")

    def test_symbols_of_the_library(self):
        in_map = re.findall(r"^ +(\w+);$", tree.read("client/library/yadisk-token.map"), re.MULTILINE)
        listed = re.findall(r"^ (yadisk_token_\w+)@YADISK_TOKEN_0 \S+$",
                            tree.read("debian/libyadisk-token0.symbols"), re.MULTILINE)
        self.assertEqual(sorted(listed), sorted(in_map))

    def test_everything_is_in_a_package(self):
        lists = [line for path in glob.glob(os.path.join(tree.ROOT, "debian", "*.install"))
                 for line in tree.read(os.path.relpath(path, tree.ROOT)).replace("lib/*/", "lib/").split()]
        spec = section(tree.read("packaging/yadisk-tokend.spec"), "%files -f")
        self.assertGreater(len(spec), 15)
        with tempfile.TemporaryDirectory(prefix="versions-") as directory:
            subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], check=True, stdout=subprocess.DEVNULL,
                           env=os.environ | {"DESTDIR": directory})
            files = [os.path.join(folder, name)[len(directory):]
                     for folder, _, names in os.walk(directory) for name in names]
        self.assertGreater(len(files), 40)
        for path in files:
            # Each build has its own folder of libraries, and of completions.
            plain = re.sub("(?<=/lib/)[^/]*-linux-[^/]*/", "", path).replace("vendor-completions", "site-functions")
            self.assertTrue(is_listed(plain, lists), f"{path} is in no package of Debian")
            # What is in a language is found by %find_lang.
            self.assertTrue("/ru/" in path or is_listed(plain, spec), f"{path} is in no package of the spec")


if __name__ == "__main__":
    BUILD = os.path.dirname(os.path.dirname(sys.argv[1]))
    tree.main()
