#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mandoc has nothing to say against the pages, they refer only to pages that are there, and those in
other languages tell of the same things."""

import glob
import os
import re
import shutil
import subprocess

import page
import tree

NAMES = sorted(map(os.path.basename, glob.glob(os.path.join(tree.ROOT, "man", "*.[0-9]"))))
OURS = re.compile(r"^\.Xr (\S*yadisk\S*) (\d)", re.MULTILINE)
LITERAL = re.compile(r"^\.Bd -literal.*?^\.Ed$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?<=\S)\s+#.*|/\*.*?\*/")

# Macros whose arguments are names, the same in every language.
NAMING = {"Cm", "Dl", "Dv", "Er", "Ev", "Fl", "Fn", "Li", "Lk", "Pa", "Va", "Xr"}
MACRO = re.compile(r"[A-Z][a-z]")


def lint(text):
    """A page is not wrong because the clock of this machine is."""
    said = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"],
                          input=text, text=True, stdout=subprocess.PIPE).stdout
    return "".join(line for line in said.splitlines(True) if "date in the future" not in line)


def named(text):
    """The words that are arguments of those macros."""
    found = set()
    for line in re.findall(r"^\.(.*)$", text, re.MULTILINE):
        macro = ""
        for word in line.split():
            if MACRO.fullmatch(word):
                macro = word
            elif macro in NAMING and re.search(r"\w", word):
                found.add(word.strip('"'))
    return found


def words(text):
    return set(re.split(r"[\s\"]+", text))


def examples(text):
    """What is shown as it is typed, without the comments."""
    return [COMMENT.sub("", block) for block in LITERAL.findall(text)]


class ManPages(tree.HouseTest):
    LANGUAGE = ""

    def pages(self):
        return [(name, page.source(name, self.LANGUAGE)) for name in NAMES]

    def test_mandoc_is_content(self):
        self.assertEqual(len(NAMES), 6)
        for name, text in self.pages():
            self.assertEqual(lint(text), "", name)

    def test_a_bad_page_is_caught(self):
        self.assertNotEqual(lint(".Dd today\n.Sh WRONG\n.Foo\n"), "")

    def test_they_are_of_this_version(self):
        version = re.search(r"^project\(\S+ VERSION (\S+)", tree.read("CMakeLists.txt"), re.MULTILINE)[1]
        for name, text in self.pages():
            self.assertEqual(re.findall(r"^\.Os .*$", text, re.MULTILINE), [f".Os yadisk-tokend {version}"], name)

    def test_man_shows_them(self):
        """As it does in a terminal whose encoding is UTF-8: with our name above, and no line cut."""
        for name in NAMES:
            source = page.path(name, self.LANGUAGE)
            shown = subprocess.run(["man", "--warnings", "--no-justification", "--encoding=utf8",
                                    "--local-file", os.path.join(tree.ROOT, source)],
                                   check=True, text=True, encoding="utf-8", capture_output=True,
                                   env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
            self.assertEqual(shown.stderr, "")
            lines = shown.stdout.strip("\n").splitlines()
            self.assertEqual([line for line in lines if len(line) > 80], [], source)
            self.assertRegex(lines[0], r" yadisk-tokend ")
            for heading in re.findall(r"^\.Sh (.*)$", tree.read(source), re.MULTILINE):
                self.assertIn(f"\n{heading}\n", shown.stdout)

    def test_examples_can_be_pasted(self):
        """There is no prompt before them."""
        for name, text in self.pages():
            self.assertEqual(re.findall(r"^(?:\.Dl )?\$ .*$", text, re.MULTILINE), [], name)

    def test_references_lead_somewhere(self):
        for name, text in self.pages():
            for other, section in OURS.findall(text):
                self.assertIn(f"{other}.{section}", NAMES, name)


class RussianPages(ManPages):
    LANGUAGE = "ru"

    def pairs(self):
        return [(name, text, tree.read(page.path(name))) for name, text in self.pages()]

    def test_all_are_there_and_no_others(self):
        self.assertEqual(NAMES, sorted(os.listdir(os.path.join(tree.ROOT, "man", self.LANGUAGE))))

    def test_sections_are_the_same(self):
        for name in NAMES:
            self.assertEqual(list(page.sections(name, self.LANGUAGE)), list(page.sections(name)))

    def test_it_was_translated_from_this_one(self):
        """Where a page gets another date, its translations were looked at, too."""
        for name, text, english in self.pairs():
            self.assertEqual(text.splitlines()[:5], english.splitlines()[:5], name)

    def test_they_tell_of_the_same_things(self):
        for name, text, english in self.pairs():
            self.assertGreater(len(named(english)), 20)
            self.assertEqual(named(english) - words(text), set(), name)
            self.assertEqual(named(text) - words(english), set(), name)

    def test_examples_are_the_same(self):
        for name, text, english in self.pairs():
            self.assertEqual(examples(text), examples(english), name)

    def test_they_say_their_names(self):
        """groff 1.23 knows it from a section whose heading is "NAME", and from nowhere else."""
        for name in NAMES:
            text = tree.read(page.path(name, self.LANGUAGE))
            self.assertEqual(re.findall(r"(?m)^\.(?:It )?Nm(?: \W.*|)$", text), [], name)


if __name__ == "__main__":
    for tool in ("mandoc", "man"):
        if not shutil.which(tool):
            tree.skip(f"{tool} is not installed.")
    tree.main()
