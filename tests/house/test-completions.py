#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bash, zsh and fish are told of the verbs and options that yadiskctl has, and of no others; where they
say what one does, they say what --help says."""

import re
import subprocess
import sys

import tree

DIRECTORY = "client/completions/"
ROW = re.compile(r"^  (--)?([\w-]+)(?: (\S+(?: \S+)*?))?  +(.*)$", re.MULTILINE)


def rows(text, heading):
    """name: (value or arguments, help), of the list below a heading."""
    block = re.search(rf"^{heading}:\n((?:  .*\n)+)", text, re.MULTILINE)
    return {name: (value, said) for _, name, value, said in ROW.findall(block[1] if block else "")}


def ask(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, text=True, stdout=subprocess.PIPE,
                          env={"PATH": "/nonexistent"}, stdin=subprocess.DEVNULL).stdout


class Completions(tree.HouseTest):
    def setUp(self):
        self.verbs = rows(ask("--help"), "Verbs")
        self.common = rows(ask("--help"), "Options")
        self.options = {verb: rows(ask("help", verb), f"Options of {verb}") for verb in self.verbs}
        self.assertGreater(len(self.verbs), 13)

    def names(self):
        return {verb: set(options) for verb, options in self.options.items()}

    def with_values(self):
        return {verb: {name for name, (value, _) in options.items() if value}
                for verb, options in self.options.items()}

    def test_bash(self):
        text = tree.read(DIRECTORY + "yadiskctl.bash")
        table = re.search(r"^_yadiskctl_verbs='\n(.*?)^'", text, re.MULTILINE | re.DOTALL)[1]
        told = {line.split()[0]: re.findall(r"--([\w-]+)(=?)", line.split(":")[0])
                for line in table.splitlines()}
        self.assertEqual(list(told), list(self.verbs))
        self.assertEqual({verb: {name for name, _ in given} for verb, given in told.items()},
                         self.names())
        self.assertEqual({verb: {name for name, equals in given if equals}
                          for verb, given in told.items()}, self.with_values())
        common = re.search(r"^_yadiskctl_common='(.*)'", text, re.MULTILINE)[1]
        self.assertEqual({word.lstrip("-") for word in common.split()}, set(self.common))

    def test_zsh(self):
        text = tree.read(DIRECTORY + "_yadiskctl")
        verbs = re.search(r"^ +verbs=\(\n(.*?)^ +\)", text, re.MULTILINE | re.DOTALL)[1]
        self.assertEqual(dict(re.findall(r"'(\w+):(.*)'", verbs)),
                         {verb: said for verb, (_, said) in self.verbs.items()})

        told = {verb: {} for verb in self.verbs}
        for names, body in re.findall(r"^        ([\w |]+)\)\n(.*?);;", text,
                                      re.MULTILINE | re.DOTALL):
            for verb in names.split(" | "):
                told[verb] = {name: (equals, said) for name, equals, said in
                              re.findall(r"'\*?--([\w-]+)(=?)\[(.*?)\]", body)}
        self.assert_described(told)

    def test_fish(self):
        text = tree.read(DIRECTORY + "yadiskctl.fish")
        self.assertEqual(dict(re.findall(r"^__yadiskctl_verb (\w+) '(.*)'$", text, re.MULTILINE)),
                         {verb: said for verb, (_, said) in self.verbs.items()})

        told = {verb: {} for verb in self.verbs}
        for verb, name, said, rest in re.findall(
                r"^__yadiskctl_option (\w+) ([\w-]+) '(.*?)'( -[xr].*?| \\)?$", text, re.MULTILINE):
            told[verb][name] = (rest, said)
        self.assert_described(told)

        valued = re.search(r"set -l valued (.*)", text)[1].split()
        self.assertEqual(set(valued), set().union(*self.with_values().values()))

    def assert_described(self, told):
        """told: of each verb its options; of each whether it takes a value, and what is said of it."""
        self.assertEqual({verb: {name: (bool(value), said) for name, (value, said) in given.items()}
                          for verb, given in told.items()},
                         {verb: {name: (bool(value), said) for name, (value, said) in given.items()}
                          for verb, given in self.options.items()})


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    tree.main()
