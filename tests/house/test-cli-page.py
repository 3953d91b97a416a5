#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl(1) has the verbs, arguments, options and exit statuses of yadiskctl, and no others."""

import re
import subprocess
import sys

import page
import tree

ROW = re.compile(r"^  (\S.*?)(?:  +|$)", re.MULTILINE)
VERB = re.compile(r"^\.It Cm (\w+)(.*)$", re.MULTILINE)
OPTION = re.compile(r"^\.It Fl (?:h , Fl )?-([\w-]+)(?: Ar (\w+))?$", re.MULTILINE)
SYNOPSIS_OPTION = re.compile(r"^\.Op Fl -([\w-]+)(?: Ar (\w+)(?: \.\.\.)?)?$", re.MULTILINE)


def ask(*arguments):
    result = subprocess.run([PROGRAM, *arguments], check=True, text=True, stdout=subprocess.PIPE,
                            env={"PATH": "/nonexistent"}, stdin=subprocess.DEVNULL)
    return result.stdout


def rows(help_text, heading):
    """What stands left in the list below a heading."""
    block = re.search(rf"^{heading}:\n((?:  .*\n)+)", help_text, re.MULTILINE)
    return ROW.findall(block[1]) if block else []


def options_of_program(verb=None):
    found = rows(ask("help", verb), f"Options of {verb}") if verb else rows(ask("--help"), "Options")
    return {name.lstrip("-"): value for name, _, value in (row.partition(" ") for row in found)}


class CommandPage(tree.HouseTest):
    LANGUAGE = ""

    def setUp(self):
        self.sections = page.sections("yadiskctl.1", self.LANGUAGE)
        self.verbs = dict(row.partition(" ")[::2] for row in rows(ask("--help"), "Verbs"))

    def on_page(self):
        """Each verb with its arguments, and the text up to the next verb."""
        parts = VERB.split(self.sections["VERBS"])
        return {name: (page.plain_arguments(rest), text)
                for name, rest, text in zip(parts[1::3], parts[2::3], parts[3::3])}

    def synopsis(self):
        blocks = re.split(r"^\.(?:It )?Nm\n", self.sections["SYNOPSIS"], flags=re.MULTILINE)
        return {match[1]: block for block in blocks
                if (match := re.search(r"^\.(?:Op )?Cm (\w+)", block, re.MULTILINE))}

    def test_verbs_and_arguments(self):
        self.assertGreaterEqual(len(self.verbs), 9)
        self.assertEqual(self.verbs, {name: rest for name, (rest, _) in self.on_page().items()})

    def test_options_of_each_verb(self):
        for name, (_, text) in self.on_page().items():
            self.assertEqual(options_of_program(name), dict(OPTION.findall(text)), name)

    def test_options_of_all_verbs(self):
        self.assertEqual(options_of_program(), dict(OPTION.findall(self.sections["OPTIONS"])))

    def test_synopsis(self):
        synopsis = self.synopsis()
        self.assertEqual(set(self.verbs), set(synopsis))
        for name, block in synopsis.items():
            told = dict(SYNOPSIS_OPTION.findall(block.split(f"Cm {name}", 1)[1]))
            self.assertEqual(options_of_program(name), told, name)

    def test_exit_statuses(self):
        source = re.search(r"typedef enum ExitStatus \{(.*?)\}",
                           tree.read("daemon/common/condition.h"), re.DOTALL)[1]
        told = re.findall(r"^\.It (\d)$", self.sections["EXIT STATUS"], re.MULTILINE)
        self.assertEqual(re.findall(r"= (\d)", source), told)

    def test_keys_of_json(self):
        text = set(re.findall(r"\w+", self.sections["JSON"].replace(r"\(dq", " ")))
        keys = {key for path in tree.sources(["client/yadiskctl", "client/api"], (".c",))
                for key in re.findall(r'\b(?:json|info_write)_\w+\(j, "(\w+)"', tree.read(path))}
        self.assertGreater(len(keys), 20)
        self.assertEqual(keys - text, set())


class RussianPage(CommandPage):
    LANGUAGE = "ru"


class Program(tree.HouseTest):
    def test_it_starts_cheaply(self):
        """Nothing is loaded but what speaks with the bus, however few verbs need it."""
        dynamic = subprocess.run(["readelf", "--dynamic", PROGRAM], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
        self.assertIn("libsystemd.so.0", needed)
        self.assertEqual([name for name in needed
                          if re.match(r"lib(curl|secret|gio|gobject|glib|json|qrencode|m\.|pthread)", name)], [])


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    tree.main()
