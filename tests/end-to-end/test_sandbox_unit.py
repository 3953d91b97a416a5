#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The daemon in the sandbox of its own unit, where it may not do everything, knows those who call from one: in the
session of an ordinary user, who may not see everything either."""

import os
import unittest
from types import SimpleNamespace

from rig import Simulator
from rig.inside import BUS, main_inside
from rig.namespaces import needs_user_namespace
from rig.sandbox_bwrap import flatpak
from rig.sandbox_caller import PROGRAM, Refused, Sandboxes
from rig.user_session import DBUS_DAEMON, UserSession

APP = "org.example.App"
UNDUMPABLE = "import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n" + PROGRAM


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1)
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        request = cls.session.client.sign_in(client_id=cls.sim.client_id, client_secret=cls.sim.client_secret)
        cls.sim.allow(request.prompt()["user_code"])
        cls.account = request.await_account()
        cls.token = cls.account.get_token().value

    def setUp(self):
        self.sandboxes = Sandboxes(SimpleNamespace(address=self.session.address, directory=self.session.home,
                                                   environment=self.session.environment))
        self.addCleanup(self.sandboxes.close)

    def refusal(self, caller):
        with self.assertRaises(Refused) as caught:
            caller.get_token()
        self.assertEqual(caught.exception.name, "AccessDenied")
        return caught.exception.message

    def assert_must_be_allowed(self, caller, app):
        self.assertIn(f"yadiskctl allow {app}", self.refusal(caller))
        self.account.call("Allow", "(s)", app)
        self.assertEqual(caller.get_token(), self.token)
        self.account.call("Deny", "(s)", app)
        self.refusal(caller)

    def run_as_unit(self, *options, **keywords):
        return self.sandboxes.start(["systemd-run", "--user", "--quiet", "--collect", *options], **keywords)

    def test_a_program_of_the_user(self):
        self.assertEqual(self.sandboxes.start().get_token(), self.token)
        self.assertEqual(self.session.run("yadiskctl", "token").stdout, self.token + "\n")

    def test_a_service_and_a_scope(self):
        """A scope says nothing of the program."""
        python = os.path.realpath("/usr/bin/python3")
        for name, *options in (("plain.service", "--pipe", "--wait", "--unit=plain"),
                               (python, "--scope", "--unit=app-plain-1")):
            caller = self.run_as_unit(*options)
            self.assertEqual(caller.get_token(), self.token)
            callers = self.session.run("yadiskctl", "status", "--callers").stdout.splitlines()
            self.assertIn([name, str(caller.pid), "host"], [line.split()[1:4] for line in callers])

    @needs_user_namespace
    def test_a_flatpak(self):
        self.assert_must_be_allowed(self.sandboxes.start_flatpak(APP, "--unshare-pid"), APP)

    @needs_user_namespace
    def test_a_flatpak_that_needs_no_proxy(self):
        self.assert_must_be_allowed(self.sandboxes.start_in(flatpak(APP, *self.sandboxes.on_bus())), APP)

    def test_a_proxy_outside_of_its_sandbox(self):
        caller = self.sandboxes.start(address=f"unix:path={self.sandboxes.start_proxy()}")
        self.assert_must_be_allowed(caller, "xdg-dbus-proxy")

    def test_a_snap(self):
        self.assert_must_be_allowed(self.run_as_unit("--scope", "--unit=snap.foo.bar-1"), "snap.foo")

    @needs_user_namespace
    def test_a_service_in_a_user_namespace(self):
        caller = self.run_as_unit("--pipe", "--wait", "--unit=backup", "--property=PrivateUsers=yes")
        self.assert_must_be_allowed(caller, "backup.service")

    def test_a_program_that_does_not_let_itself_be_looked_at(self):
        caller = self.sandboxes.start(program=UNDUMPABLE)
        self.assertNotIn("yadiskctl allow", self.refusal(caller))


if __name__ == "__main__":
    main_inside(__file__, programs=("bwrap", "xdg-dbus-proxy", "systemd-run"))
