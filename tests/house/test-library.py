#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the library offers is the same in its header, in the map of its symbols and in the library that was built."""

import os
import re
import shutil
import subprocess
import sys

import tree

DECLARATION = re.compile(r"^\w[^;{}()]*?\b(yadisk_token_\w+)\([^;]*;$", re.MULTILINE)
IN_MAP = re.compile(r"^ +(\w[\w*]*);$", re.MULTILINE)


def exported(library):
    """Each name with its version."""
    shown = subprocess.run(["nm", "--dynamic", "--defined-only", library], text=True, check=True,
                           stdout=subprocess.PIPE).stdout
    return {line.split()[2] for line in shown.splitlines() if line.split()[1] == "T"}


class Library(tree.HouseTest):
    def test_all_agree(self):
        declared = DECLARATION.findall(tree.without_comments(tree.read("client/include/yadisk-token.h")))
        self.assertGreaterEqual(len(declared), 10)
        named = IN_MAP.findall(tree.read("client/library/yadisk-token.map"))
        self.assertEqual(named, sorted(declared))
        self.assertEqual(exported(LIBRARY), {f"{name}@@YADISK_TOKEN_0" for name in declared})

    def test_every_compiler_takes_the_header(self):
        """Also with the warnings that the programs of others are compiled with."""
        header = os.path.join(tree.ROOT, "client/include/yadisk-token.h")
        for compiler, language, standards in (("cc", "c", ("c89", "c17")), ("c++", "c++", ("c++98", "c++20"))):
            for standard in standards:
                with self.subTest(standard):
                    if not shutil.which(compiler):
                        self.skipTest(f"{compiler} is not installed.")
                    subprocess.run([compiler, "-fsyntax-only", f"-x{language}", f"-std={standard}", "-Wall", "-Wextra",
                                    "-Wpedantic", "-Wpadded", "-Werror", header], check=True)


if __name__ == "__main__":
    if not shutil.which("nm"):
        tree.skip("nm is not installed.")
    LIBRARY = sys.argv[1]
    tree.main()
