#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadisk-tokend-server(8) has the commands of yadisk-tokend-server, and the files that it writes."""

import os
import re
import subprocess

import page
import tree

PROGRAM = "systemd/yadisk-tokend-server"
NAME = "yadisk-tokend-server.8"


def plain(mdoc):
    """As the program writes it."""
    return " ".join(re.sub(r"\b(?:Op|Oo) Fl (\S+) Ar (\w+)( Oc)?", r"[-\1 \2]", mdoc)
                    .replace("Ar ", "").replace("Cm ", "").replace(".", "").split())


class ServerPage(tree.HouseTest):
    LANGUAGE = ""

    def setUp(self):
        self.sections = page.sections(NAME, self.LANGUAGE)
        said = subprocess.run([os.path.join(tree.ROOT, PROGRAM), "--help"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        self.commands = re.findall(r"yadisk-tokend-server (.*)", said)

    def test_synopsis(self):
        self.assertEqual(len(self.commands), 3)
        blocks = re.split(r"^\.(?:It )?Nm\n", self.sections["SYNOPSIS"], flags=re.MULTILINE)[1:]
        self.assertEqual([plain(block.replace(".El\n", "")) for block in blocks], self.commands)

    def test_commands(self):
        told = re.findall(r"^\.It (Cm .*)$", self.sections["VERBS"], re.MULTILINE)
        self.assertEqual([plain(line) for line in told], self.commands)

    def test_files(self):
        script = tree.read(PROGRAM).replace("$uid", "UID")
        told = re.findall(r"^\.It Pa (\S+)$", self.sections["FILES"], re.MULTILINE)
        written = re.findall(r"^(?:credential|load|unlock)=(\S+)$", script, re.MULTILINE)
        self.assertEqual(len(written), 3)
        self.assertEqual(set(written), set(told) - {"/var/lib/systemd/credential.secret"})


class RussianPage(ServerPage):
    LANGUAGE = "ru"


if __name__ == "__main__":
    tree.main()
