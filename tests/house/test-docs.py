#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""README.md, SECURITY.md and docs/ name what is there: links, files, functions, tests, presets, labels, rooms of the
keeper; each recipe is in the table, and typed by a test."""

import functools
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import tree

DOCUMENTS = ["README.md", "README.ru.md", "SECURITY.md", "docs/ARCHITECTURE.md", "docs/HACKING.md",
             "docs/PERFORMANCE.md", "docs/RECIPES.md"]
TWINS = ["README.md", "README.ru.md"]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?")
QUOTED = re.compile(r"`([^`\n]+)`")
ROW = re.compile(r"^\| `(.*?)` \|", re.MULTILINE)

# What is in no test: it is not typed, or cannot be.
NOT_TYPED = {"davfs2", "When the Disk answers 401"}

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
                "NAME" not in word and word not in tests():
            yield word


def functions(text):
    """Quoted words such as `name()`, which are functions or macros."""
    return re.findall(r"`(\w+)\(\)`", text)


@functools.cache
def identifiers():
    """Those of the sources; what only a comment names is not there."""
    code = [tree.without_comments(tree.read(path)) for path in tree.sources(["daemon", "client", "tests"])]
    code += [tree.read(path) for path in tree.sources(["tests"], (".py",))]
    return set(re.findall(r"\w+", "\n".join(code)))


@functools.cache
def tests():
    """The names by which ctest knows them. The preset "fuzz" alone has those of that label."""
    # It empties the record of the folder that it runs in.
    with tempfile.TemporaryDirectory(prefix="docs-") as directory:
        with open(os.path.join(directory, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
            file.write(f'subdirs("{BUILD}")\n')
        done = subprocess.run(["ctest", "--show-only=json-v1"], cwd=directory, check=True, stdout=subprocess.PIPE)
    return {test["name"] for test in json.loads(done.stdout)["tests"]} | {
        "fuzz/" + os.path.basename(path)[len("fuzz-"):-len(".c")]
        for path in tree.sources(["tests/fuzz"], (".c",)) if os.path.basename(path).startswith("fuzz-")}


def heads(document):
    return re.findall(r"^## (.*)$", tree.read(document), re.MULTILINE)


def anchor(head):
    """What a link to it ends with."""
    return re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")


def shape(document):
    """What a translation leaves as it is: headings, rows, commands without their comments, and where links lead."""
    found = []
    for line in tree.read(document).replace("man/ru/", "man/").replace(".ru.svg", ".en.svg").splitlines():
        if line.startswith("    "):
            found.append(re.sub(r"\s+#.*", "", line))
        elif re.match(r"#+ |\| |- ", line):
            found.append((line.split()[0], line.count("|")))
        found += [link for link in LINK.findall(line) if link[0] not in TWINS]
    return found


class Documents(tree.HouseTest):
    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            for link, part in LINK.findall(tree.read(document)):
                target = os.path.join(os.path.dirname(document), link)
                self.assertTrue(os.path.exists(os.path.join(tree.ROOT, target)), f"{document}: {link}")
                if part:
                    self.assertIn(part, map(anchor, heads(target)), document)

    def test_files_are_there(self):
        named = [(document, path) for document in DOCUMENTS for path in paths(tree.read(document))]
        self.assertGreater(len(named), 20)
        self.assert_none(f"{document}: {path} is not there"
                         for document, path in named if not is_there(path))

    def test_functions_are_there(self):
        """In the sources, or in the code that the document itself shows."""
        named = {document: functions(tree.read(document)) for document in DOCUMENTS}
        self.assertGreater(sum(map(len, named.values())), 20)
        self.assert_none(f"{document}: {name}() is not there" for document, names in named.items() for name in names
                         if name not in identifiers() and not re.search(rf"\b{name}\(", QUOTED.sub("", tree.read(document))))

    def test_the_translation_tells_the_same(self):
        english, russian = map(shape, TWINS)
        self.assertGreater(len(english), 100)
        self.assertEqual(english, russian)

    def test_recipes(self):
        linked = {part for link, part in LINK.findall(tree.read("README.md")) if link == "docs/RECIPES.md"}
        self.assertEqual(linked - {""}, set(map(anchor, heads("docs/RECIPES.md"))))
        tests = "".join(map(tree.read, glob.glob("tests/end-to-end/test_recipes*.py", root_dir=tree.ROOT)))
        typed = set(re.findall(r'\brecipe\("([^"]+)"', tests))
        self.assertEqual(typed, {"Use"} | set(heads("docs/RECIPES.md")) - NOT_TYPED)

    def test_tests_that_attack(self):
        """What SECURITY.md claims, a test attacks. "fuzz/*" stands for all of that label."""
        known = tests() | {re.sub("/.*", "/*", name) for name in tests()}
        named = {word for word in QUOTED.findall(tree.read("SECURITY.md"))
                 if re.fullmatch(r"[\w-]+(/[\w*-]+)+", word)}
        self.assertGreater(len(named), 10)
        self.assertEqual(named - known, set())

    def test_short_figures_have_their_reasons(self):
        text = tree.read("docs/PERFORMANCE.md")
        short = re.findall(r"^\| ([^|]+) \|.*\| SHORT \|$", text, re.MULTILINE)
        reasons = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text.split("## Why some rows are SHORT")[1], re.MULTILINE)
        self.assertEqual(set(short) - set(reasons), set())

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
    BUILD = os.path.dirname(os.path.dirname(sys.argv[1]))
    tree.main()
