#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What docs/RECIPES.md tells people to type who take the token from its socket, or build with what is installed: the
real languages, a service, a job and a container, before and after a renewal."""

import importlib.util
import os
import shlex
import shutil
import unittest

from recipes import SAY_PYTHON, Asking, SessionRecipes, preparation, recipe
from rig.fed import main_fed
from rig.namespaces import needs_user_namespace
from rig.user_session import UNIT

SAY_NODE = """
require("node:readline").createInterface({ input: process.stdin })
    .on("line", async () => console.log(await token()));
"""
SAY_GO = """package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(token())
	}
}
"""
SAY_PHP = 'while (fgets(STDIN)) echo token(), "\\n";\n'

CONTAINERS = """[containers]
volumes = ["/usr:/usr:ro"]
cgroups = "disabled"
netns = "none"
env = ["XDG_RUNTIME_DIR=/run"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
"""
STORAGE = """[storage]
driver = "vfs"
"""
MAKE_IMAGE = """
mkdir -p image/usr image/run image/proc image/sys image/dev
ln -s usr/bin usr/lib usr/lib64 image
printf %s "$PROGRAM" >image/program
tar c --owner 0 --group 0 -C image . | podman import --change 'CMD ["/usr/bin/python3", "/program"]' - my-image
"""

USE_YADISK = """
client = Client()
import sys
for line in sys.stdin:
    print(client.get_disk_info().total_space > 0, flush=True)
"""


def needs(*programs):
    missing = [name for name in programs if not shutil.which(name)]
    return unittest.skipIf(missing, f"needs {' and '.join(missing)}")


class Recipes(SessionRecipes):
    """One session for all of them."""
    TOKEN_LIFE = 31536000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session.systemctl(*shlex.split(preparation())[2:])

    def live(self):
        return self.sim.grants(alive=True)[-1]["access_token"]

    def renew(self):
        """Restarted, the daemon does not return the result of an attempt of just now."""
        self.session.systemctl("restart", UNIT)
        super().renew()

    def assert_each_has_its_own(self, ask):
        """Asked before a renewal and after it, and the first token is dead by then."""
        first = self.live()
        self.assertEqual(ask(), first)
        self.renew()
        self.assertNotEqual(self.live(), first)
        self.assertEqual(ask(), self.live())

    def shown(self):
        """The one token that the Disk was shown and took."""
        requests = self.sim.requests(host="disk")
        self.sim.forget_requests()
        self.assertEqual({request["status"] for request in requests}, {200})
        header, = {request["headers"]["authorization"] for request in requests}
        return header.removeprefix("OAuth ")

    def run_on(self, *command):
        """Returns what asks it for the token that it has."""
        child = Asking(command, self.session.environment | self.world(), self.session.home)
        self.addCleanup(child.end)
        return child.token

    # Languages

    def test_python(self):
        program = self.session.write("recipe.py", recipe("Python", "AF_UNIX") + SAY_PYTHON.format("token()"))
        self.assert_each_has_its_own(self.run_on("/usr/bin/python3", program))

    @unittest.skipUnless(importlib.util.find_spec("yadisk"), "python-yadisk is not in Debian")
    def test_python_yadisk(self):
        program = self.session.write("recipe.py", recipe("Python", "AF_UNIX") +
                                     recipe("Python", "yadisk.Client") + USE_YADISK)
        says = self.run_on("/usr/bin/python3", program)

        def ask():
            self.assertEqual(says(), "True")
            return self.shown()

        self.assert_each_has_its_own(ask)

    @needs("node")
    def test_node(self):
        program = self.session.write("recipe.js", recipe("Node.js") + SAY_NODE)
        self.assert_each_has_its_own(self.run_on("node", program))

    @needs("go")
    def test_go(self):
        files = [self.session.write(f"go/{name}.go", text)
                 for name, text in (("token", recipe("Go")), ("main", SAY_GO))]
        self.type("go", "build", "-o", "go/program", *files, GO111MODULE="off")
        self.assert_each_has_its_own(
            lambda ask=self.run_on("./go/program"): ask().removesuffix(" <nil>"))

    @needs("php")
    def test_php(self):
        program = self.session.write("recipe.php", "<?php\n" + recipe("PHP") + SAY_PHP)
        self.assert_each_has_its_own(self.run_on("php", program))

    @needs("cc", "pkg-config")
    def test_c(self):
        self.session.write("example.c", recipe("C", "main"))
        self.type_all(recipe("C", "pkg-config"))
        path = self.type("pkg-config", "--variable=libdir", "yadisk-token").strip()
        self.assert_each_has_its_own(lambda: self.type("./a.out", LD_LIBRARY_PATH=path).removeprefix(
            "Authorization: OAuth ").strip())

    # Places

    def test_a_service(self):
        program = self.session.write("my-backup", '#!/bin/sh\ncat "$2"\n')
        os.chmod(program, 0o755)
        self.session.write(".config/systemd/user/my-backup.service",
                           recipe("systemd").replace("my-backup", program).replace(
                               "[Service]", "[Service]\nType=oneshot\nStandardOutput=truncate:%h/loaded"))
        self.session.systemctl("daemon-reload")

        def ask():
            self.session.systemctl("start", "my-backup.service")
            with open(os.path.join(self.session.home, "loaded"), encoding="ascii") as file:
                return file.read().strip()

        self.assert_each_has_its_own(ask)

    @needs("podman")
    @needs_user_namespace
    def test_a_container(self):
        """Its image has one program; of Python it has that of this machine."""
        for name, text in ((".config/containers/containers.conf", CONTAINERS),
                           (".config/containers/storage.conf", STORAGE)):
            self.session.write(name, text)
        self.type_all(MAKE_IMAGE, PROGRAM=recipe("Python", "AF_UNIX") + "print(token())")
        self.addCleanup(self.type, "podman", "system", "reset", "--force")
        self.assert_each_has_its_own(lambda: self.type_all(recipe("Containers")).strip())

    def job(self, line):
        """As cron runs it, where it was told a PATH with yadiskctl in it."""
        command = line.split(maxsplit=5)[5]
        path = os.path.dirname(shutil.which("yadiskctl")) + ":/usr/bin:/bin"
        self.type("env", "-i", "HOME=" + self.session.home, "LOGNAME=yadisk-test", "SHELL=/bin/sh",
                  "PATH=" + path, *(f"{name}={value}" for name, value in self.world().items()),
                  "/bin/sh", "-c", command)

    def test_cron(self):
        ask, copy = recipe("cron").splitlines()
        self.make_file("Documents/file")

        def both():
            self.job(ask)
            return self.shown()

        self.assert_each_has_its_own(both)
        self.job(copy)
        self.assertIn("disk:/Documents/file", self.sim.disk())


if __name__ == "__main__":
    main_fed(__file__)
