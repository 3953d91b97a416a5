#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mandoc has nothing to say against the pages, and they refer only to pages that are there."""

import glob
import os
import re
import shutil
import subprocess

import tree

PAGES = sorted(glob.glob(os.path.join(tree.ROOT, "man", "*.[0-9]")))
OURS = re.compile(r"^\.Xr (\S*yadisk\S*) (\d)", re.MULTILINE)


def lint(path=None, text=None):
    """A page is not wrong because the clock of this machine is."""
    said = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"] + ([path] if path else []),
                          input=text, text=True, stdout=subprocess.PIPE).stdout
    return "".join(line for line in said.splitlines(True) if "date in the future" not in line)


class ManPages(tree.HouseTest):
    def test_mandoc_is_content(self):
        self.assertEqual(len(PAGES), 4)
        for page in PAGES:
            self.assertEqual(lint(page), "")

    def test_a_bad_page_is_caught(self):
        self.assertNotEqual(lint(text=".Dd today\n.Sh WRONG\n.Foo\n"), "")

    def test_references_lead_somewhere(self):
        there = {os.path.basename(page) for page in PAGES}
        for page in PAGES:
            for name, section in OURS.findall(tree.read(page)):
                self.assertIn(f"{name}.{section}", there, page)


if __name__ == "__main__":
    if not shutil.which("mandoc"):
        tree.skip("mandoc is not installed.")
    tree.main()
