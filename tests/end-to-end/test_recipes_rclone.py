#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What docs/RECIPES.md tells people to type whose programs reach the Disk through rclone, with the real programs,
before and after a renewal. The mount, and how they bear trouble, are in the tests of feeds."""

import os
import re
import shutil
import socket

from recipes import SessionRecipes, recipe
from rig.fed import main_fed
from rig.waiting import eventually

PASSWORD = "correct horse"
PASSWORDS = {name: PASSWORD for name in ("RESTIC_PASSWORD", "PASSPHRASE", "BORG_PASSPHRASE")}


class Recipes(SessionRecipes):
    """Each function waits once, at its yield, for a renewal; they wait for it together."""

    def setUp(self):
        super().setUp()
        self.documents = os.path.join(self.session.home, "Documents")
        self.make_file("Documents/Письма/a")
        self.make_file("Documents/b")

    def shell(self, text, **environment):
        return self.type_all(text, **PASSWORDS, **environment)

    def assert_same(self, folder):
        self.assertEqual(self.type("diff", "-r", self.documents, os.path.join(self.session.home, folder)), "")

    def needs(self, program):
        if not shutil.which(program):
            self.skipTest(f"needs {program}")

    def test_across_a_renewal(self):
        recipes = [self.copy, self.one_command, self.serve, self.restic, self.duplicity, self.borg, self.git_annex]
        under_way = []
        for function in recipes:
            with self.subTest(function.__name__):
                under_way.append((function.__name__, half := function()))
                next(half)
        self.await_renewal()
        for name, half in under_way:
            with self.subTest(name):
                next(half, None)
        self.assertGreaterEqual(len(self.tokens_used()), 2)

    def copy(self):
        self.shell(recipe("rclone", "rclone copy"))
        yield
        self.type("rclone", "check", "--download", self.documents, "disk:Documents")

    def one_command(self):
        command = recipe("rclone", "exec").strip()
        self.shell(command)
        yield
        self.assertIn("Documents", self.shell(command))

    def serve(self):
        """Its port may be another one's here."""
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.port = str(chosen.getsockname()[1])
        make, serve = recipe("rclone", "webdav").splitlines()
        self.shell(make, stdin=f"{PASSWORD}\n{PASSWORD}\n")
        self.launch("bash", "-c", "exec " + serve.replace("8080", self.port))
        eventually(lambda: self.session.run("curl", "-s", f"127.0.0.1:{self.port}").returncode == 0, "the server")
        self.curl("served-before", "-T", "Documents/b")
        yield
        self.curl("served-after", "-T", "Documents/b")
        for name in ("served-before", "served-after"):
            self.assert_on_disk(name, self.documents + "/b")
            self.curl(name, "-o", "answer")
            self.type("cmp", "answer", "Documents/b")
        self.assertEqual(self.session.run("curl", "-fs", f"127.0.0.1:{self.port}").returncode, 22)

    def curl(self, name, *arguments):
        self.type("curl", "-fsS", "-u", "me:" + PASSWORD, f"127.0.0.1:{self.port}/{name}", *arguments)

    def restic(self):
        self.needs("restic")
        add, init, backup, check = recipe("restic").splitlines(keepends=True)
        self.shell(add + init + backup)
        yield
        self.shell(backup + check)
        self.shell("restic -r rclone:disk:backup restore latest --target restored")
        self.assert_same("restored" + self.documents)

    def duplicity(self):
        self.needs("duplicity")
        add, backup, verify = recipe("duplicity").splitlines(keepends=True)
        self.shell(add + backup)
        yield
        self.shell(verify + backup)

    def borg(self):
        self.needs("borg")
        add, init, create, copy = recipe("Borg").splitlines(keepends=True)
        self.shell(add + init + create + copy)
        yield
        self.shell(create.replace("now", "uuid4") + copy)
        self.shell("rm -r borg; rclone copy disk:borg borg; "
                   "mkdir out; cd out; borg extract ../borg::$(borg list --last 1 --short ../borg)")
        self.assert_same("out" + self.documents)

    def git_annex(self):
        self.needs("git-annex")
        text = recipe("git-annex").replace("8080", self.port)
        copy = text.splitlines()[-1]
        self.shell("git init -q annex; cd annex; git config user.email a@localhost; git config user.name a; "
                   "git config annex.retry 3; "  # a token may be renewed right after it was handed out
                   "git annex init; cp -r ../Documents 1; git annex add 1")
        self.shell(f"cd annex\n{text}", stdin=PASSWORD + "\n")
        yield
        self.make_file("annex/2")
        self.shell(f"cd annex; git annex add 2\n{copy}\ngit annex drop .; git annex get .",
                   WEBDAV_USERNAME="me", WEBDAV_PASSWORD=PASSWORD)
        self.type("diff", "-r", "Documents", "annex/1")


if __name__ == "__main__":
    main_fed(__file__)
