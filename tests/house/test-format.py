#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clang-format 14 has nothing to change."""

import os
import shutil
import subprocess

import tree

TOOL = "clang-format-14"


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

    def test_bad_style_is_caught(self):
        name = "--assume-filename=" + os.path.join(tree.ROOT, "daemon/main.c")
        self.assertNotEqual(self.run_tool(name, input="int f(void)\n{\n  return 0;\n}\n")
                            .returncode, 0)


if __name__ == "__main__":
    if not shutil.which(TOOL):
        tree.skip(f"{TOOL} is not installed.")
    tree.main()
