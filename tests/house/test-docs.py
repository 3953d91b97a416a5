#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""README.md and docs/ name what is there: links, files, presets, labels, rooms of the keeper."""

import json
import os
import re

import tree

DOCUMENTS = ["README.md", "docs/ARCHITECTURE.md", "docs/HACKING.md"]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
QUOTED = re.compile(r"`([^`\n]+)`")
ROW = re.compile(r"^\| `(.*?)` \|", re.MULTILINE)

# Where a path in the text may begin.
BASES = ["", "daemon", "client", "client/yadiskctl", "docs"]


def is_there(path):
    names = [path] + [path + suffix for suffix in (".c", ".h")]
    return any(os.path.exists(os.path.join(tree.ROOT, base, name))
               for base in BASES for name in names)


def paths(text):
    """Quoted words that look like files of the tree."""
    for word in QUOTED.findall(text):
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?|[\w.-]+\.(c|h|py|md|txt)", word) and \
                not word.startswith(("build/", "house/")) and word.upper() != word and \
                "NAME" not in word:
            yield word


class Documents(tree.HouseTest):
    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            for link in LINK.findall(tree.read(document)):
                target = os.path.join(tree.ROOT, os.path.dirname(document), link)
                self.assertTrue(os.path.exists(target), f"{document}: {link}")

    def test_files_are_there(self):
        named = [(document, path) for document in DOCUMENTS for path in paths(tree.read(document))]
        self.assertGreater(len(named), 20)
        self.assert_none(f"{document}: {path} is not there"
                         for document, path in named if not is_there(path))

    def test_presets(self):
        presets = [preset["name"] for preset in
                   json.loads(tree.read("CMakePresets.json"))["configurePresets"]
                   if not preset.get("hidden")]
        rows = ROW.findall(tree.read("docs/HACKING.md"))
        self.assertEqual(sorted(presets), sorted(set(rows) & set(presets)))

    def test_labels(self):
        rows = ROW.findall(tree.read("docs/HACKING.md"))
        files = [path for path in tree.sources(["tests"], (".txt",))]
        labels = {label for path in files
                  for label in re.findall(r"\bLABELS ([a-z-]+)", tree.read(path))}
        self.assertGreater(len(labels), 5)
        self.assertEqual(labels - set(rows), set())

    def test_rooms_of_the_keeper(self):
        text = tree.read("docs/ARCHITECTURE.md")
        named = {name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
                 for name in QUOTED.findall(row)}
        paths = [path.split("/")[2:] for path in tree.sources(["daemon/keeper"], (".c",))]
        rooms = {path[0] + "/" if path[1:] else path[0][:-2] for path in paths}
        self.assertGreater(len(rooms), 5)
        self.assertEqual(named, rooms)


if __name__ == "__main__":
    tree.main()
