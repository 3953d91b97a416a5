#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What "yadiskctl complete" offers to bash, zsh and fish are the verbs and options that yadiskctl has, and no
others, with what --help says of them; and the three know none by themselves."""

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

    def offered(self, *words):
        """word: what is said of it."""
        lines = ask("complete", "--", *words).splitlines()
        return {word: said for word, _, said in (line.partition("\t") for line in lines)}

    def test_verbs(self):
        verbs = {verb: said for verb, (_, said) in self.verbs.items()}
        self.assertEqual(self.offered(""), verbs)
        self.assertEqual(self.offered("--json", ""), verbs)
        self.assertEqual(self.offered("help", ""), verbs)

    def test_options(self):
        common = {"--" + name: said for name, (_, said) in self.common.items()}
        self.assertEqual(self.offered("-"), common)
        for verb, options in self.options.items():
            told = {"--" + name: said for name, (_, said) in options.items()}
            self.assertEqual(self.offered(verb, "--"), {**told, **common}, verb)

    def test_the_value_of_an_option_is_no_argument(self):
        for name, (value, _) in self.options["import"].items():
            self.assertEqual(self.offered("import", "--" + name, "x", "") == self.offered("import", ""),
                             bool(value), name)

    def test_values(self):
        self.assertEqual(set(self.offered("login", "--flow", "")), {"device", "code"})
        self.assertEqual(set(self.offered("login", "--flow=d")), {"--flow=device", "--flow=code"})
        self.assertEqual(set(self.offered("setup", "--access", "")), {"disk", "webdav", "app-folder"})
        self.assertIn("cloud_api:disk.read", self.offered("login", "--scope", ""))
        self.assertEqual(self.offered("login", "--client-secret-file", ""), {"": "FILE"})
        self.assertEqual(self.offered("login", "--client-secret-file=x"), {"": "FILE"})
        self.assertEqual(self.offered("login", "--label", ""), {})

    def test_arguments(self):
        self.assertEqual(set(self.offered("import", "")), {"rclone", "ydcmd", "json"})
        self.assertEqual(self.offered("import", "json", ""), {"": "FILE"})
        self.assertEqual(self.offered("import", "json", "x", ""), {})
        self.assertEqual(set(self.offered("apps", "")), {"add", "remove"})
        self.assertEqual(self.offered("apps", "add", ""), {})
        self.assertEqual(set(self.offered("feed", "")), {"add", "list", "remove"})
        self.assertEqual(set(self.offered("feed", "add", "")), {"rclone"})
        self.assertEqual(self.offered("allow", ""), {})  # nor for apps
        self.assertEqual(self.offered("deny", ""), {})
        self.assertEqual(self.offered("nothing", ""), {})
        self.assertEqual(self.offered("token", ""), {})  # there is no bus to ask for accounts

    def test_another_command(self):
        self.assertEqual(self.offered("exec", ""), {"": "COMMAND"})
        self.assertEqual(self.offered("exec", "--env", "T", "--", "-"), {"": "COMMAND"})
        self.assertEqual(self.offered("exec", "ls", ""), {"": "FILE"})
        self.assertEqual(self.offered("exec", "ls", "-"), {"": "FILE"})
        self.assertEqual(self.offered("exec", "ls", "--env", ""), {"": "FILE"})
        self.assertIn("--restart", self.offered("exec", "--env", "T", "-"))

    def test_the_shells_know_no_verb_and_no_option(self):
        for name in ("yadiskctl.bash", "_yadiskctl", "yadiskctl.fish"):
            text = re.sub(r"^#.*", "", tree.read(DIRECTORY + name), flags=re.MULTILINE)
            self.assertIn("yadiskctl complete -- ", text)
            for verb, options in self.options.items():
                self.assertNotRegex(text, rf"yadiskctl {verb}\b")
                for option in options:
                    self.assertNotIn("--" + option, text)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    tree.main()
