#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What README.md and docs/RECIPES.md tell people to type, with the real programs, before and after a renewal: those
that need nothing but the bus. Their way to the Disk ends at the simulator."""

import importlib.util
import json
import os
import shutil
import unittest

from recipes import SAY_PYTHON, Asking, recipe
from rig import EndToEndTest, main
from rig.sandbox_bwrap import need_bubblewrap
from rig.sandbox_caller import Sandboxes, can_be_had
from rig.tunnel import Tunnel

# Says the token that it was started with, and does not end by itself.
BOT = 'import os, signal\nprint(os.environ["YADISK_TOKEN"], flush=True)\nsignal.pause()\n'


class Recipes(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.tunnel = Tunnel(self.sim.addresses["disk"])
        self.addCleanup(self.tunnel.end)
        path = os.path.dirname(self.world.binary("client/yadiskctl")) + ":" + os.environ["PATH"]
        ca = self.sim.addresses["ca"]
        self.environment = self.world.environment_with(
            {"PATH": path, "CURL_CA_BUNDLE": ca, "SSL_CERT_FILE": ca} | self.tunnel.environment)

    def type(self, text):
        """Returns what is said."""
        result = self.world.run("bash", "-e", "-o", "pipefail", "-c", text, **self.environment)
        self.assertEqual(result.status, 0, result)
        return result.out

    def live(self):
        return self.live_grant()["access_token"]

    def assert_each_has_its_own(self, ask):
        """Asked before a renewal and after it, and the first token is dead by then."""
        first = self.live()
        self.assertEqual(ask(), first)
        self.account.refresh()
        self.assertNotEqual(self.live(), first)
        self.assertEqual(ask(), self.live())

    def shown(self):
        """The one token that the Disk was shown and took."""
        requests = self.sim.requests(host="disk")
        self.sim.forget_requests()
        self.assertEqual({request["status"] for request in requests}, {200})
        header, = {request["headers"]["authorization"] for request in requests}
        return header.removeprefix("OAuth ")

    def launch(self, *arguments):
        child = Asking(arguments, self.environment, self.world.home)
        self.addCleanup(child.end)
        return child

    def test_the_shell(self):
        def ask():
            token, *said = self.type(recipe("Use", document="README.md")).splitlines()
            self.assertIn('"total_space"', said[0])
            self.assertEqual(self.shown(), token)
            return token

        self.assert_each_has_its_own(ask)

    def test_curl(self):
        def ask():
            self.assertEqual(self.type(recipe("curl")).count('"total_space"'), 2)
            return self.shown()

        self.assert_each_has_its_own(ask)

    def test_a_variable(self):
        """Where the program was told nothing, it has been started again."""
        self.world.write("bot.py", BOT)
        child = self.launch(*recipe("A program with a variable for the token").split())
        self.assert_each_has_its_own(child.line)

    @unittest.skipUnless(shutil.which("ydcmd"), "ydcmd is not in Debian")
    def test_ydcmd(self):
        """Through a proxy it would look for the name of the proxy in the certificate of the Disk."""
        self.world.write(".ydcmd.cfg", f"[ydcmd]\nbase-url = {self.sim.addresses['disk']}/v1/disk\n")
        self.environment["HTTPS_PROXY"] = ""

        def ask():
            self.type(recipe("ydcmd"))
            return self.shown()

        self.assert_each_has_its_own(ask)

    def test_python(self):
        """With PyGObject."""
        program = self.world.write("recipe.py", recipe("Python", "Gio") + SAY_PYTHON.format("token()"))
        self.assert_each_has_its_own(self.launch("/usr/bin/python3", program).token)

    @unittest.skipUnless(importlib.util.find_spec("dbus_fast"), "needs python3-dbus-fast")
    def test_asyncio(self):
        program = self.world.write("recipe.py", "import asyncio\n" + recipe("Python", "dbus_fast") +
                                   SAY_PYTHON.format("asyncio.run(token())"))
        self.assert_each_has_its_own(self.launch("/usr/bin/python3", program).token)

    def test_api(self):
        def ask():
            self.type(recipe("yadiskctl api"))
            return self.shown()

        self.assert_each_has_its_own(ask)

    def test_busctl(self):
        def ask():
            signature, token, expires_at, *_ = self.type(recipe("D-Bus")).split()
            self.assertEqual((signature, int(expires_at)),
                             ("stua{sv}", self.account.get_token().expires_at))
            return json.loads(token)

        self.assert_each_has_its_own(ask)

    @unittest.skipUnless(can_be_had(), "needs bwrap and xdg-dbus-proxy")
    def test_flatpak(self):
        need_bubblewrap()
        sandboxes = Sandboxes(self.world)
        self.addCleanup(sandboxes.close)
        app = sandboxes.start_flatpak("org.example.App")
        self.assert_refused("AccessDenied", app.get_token)
        self.type(recipe("Flatpak", "yadiskctl allow"))
        self.assert_each_has_its_own(app.get_token)


if __name__ == "__main__":
    main()
