# SPDX-License-Identifier: MIT
"""The tree as the house tests see it: its sources, without what CMake or Python built among them."""

import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
SKIPPED = 77

COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                               re.DOTALL)


def sources(folders, suffixes=(".c", ".h")):
    """Paths from the root of the tree, sorted. The suffix "" means scripts: a #! and no suffix."""
    found = []
    for folder in folders:
        for directory, names, files in os.walk(os.path.join(ROOT, folder)):
            names[:] = [name for name in names if not name.startswith(".") and name != "__pycache__"]
            found += [os.path.relpath(os.path.join(directory, name), ROOT) for name in files]
    named = tuple(suffix for suffix in suffixes if suffix)
    return sorted(path for path in found
                  if path.endswith(named) or ("" in suffixes and is_script(path)))


def is_script(path):
    if "." in os.path.basename(path):
        return False
    with open(os.path.join(ROOT, path), "rb") as file:
        return file.read(2) == b"#!"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def without_comments(text, keep_strings=False):
    """C with comments, and the insides of strings, blanked out; every line stays where it was."""
    def blank(match):
        token = match.group()
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token if keep_strings else token[0] + " " * (len(token) - 2) + token[-1]
    return COMMENT_OR_STRING.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class HouseTest(unittest.TestCase):
    maxDiff = None

    def assert_none(self, offences):
        """Each offence is one line, "file:line: what"."""
        offences = list(offences)
        if offences:
            self.fail("\n" + "\n".join(offences))


def skip(why):
    print(why)
    sys.exit(SKIPPED)


def main():
    unittest.main(argv=sys.argv[:1], verbosity=1)
