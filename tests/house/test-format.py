#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clang-format 14 has nothing to change, and comments, which it leaves alone, end at its margin."""

import os
import re
import shutil
import subprocess

import tree

TOOL = "clang-format-14"
MARGIN = 100
COMMENT = re.compile(r"\s*(/\*| \*)")


class Format(tree.HouseTest):
    def run_tool(self, *paths, **options):
        return subprocess.run([TOOL, "--dry-run", "-Werror", "--ferror-limit=1", *paths],
                              cwd=tree.ROOT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)

    def test_every_source_of_the_tree(self):
        paths = tree.sources(["daemon", "client", "tests"])
        self.assertGreater(len(paths), 100)
        result = self.run_tool(*paths)
        self.assertEqual(result.returncode, 0, result.stdout +
                         f'\nRun "{TOOL} -i" on what is named above.')

    def test_comments_end_at_the_margin(self):
        self.assert_none(f"{path}:{number}: {len(line)} columns; a line ends at {MARGIN}"
                         for path in tree.sources(["daemon", "client", "tests"])
                         for number, line in enumerate(tree.read(path).split("\n"), 1)
                         if len(line) > MARGIN and COMMENT.match(line))

    def test_bad_style_is_caught(self):
        name = "--assume-filename=" + os.path.join(tree.ROOT, "daemon/main.c")
        self.assertNotEqual(self.run_tool(name, input="int f(void)\n{\n  return 0;\n}\n")
                            .returncode, 0)


if __name__ == "__main__":
    if not shutil.which(TOOL):
        tree.skip(f"{TOOL} is not installed.")
    tree.main()
