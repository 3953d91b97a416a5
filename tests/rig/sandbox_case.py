# SPDX-License-Identifier: MIT
"""The words in which tests of programs in sandboxes are written."""

import unittest

from .bus import ACCOUNT, MANAGER, MANAGER_PATH, PROPERTIES
from .case import EndToEndTest
from .sandbox_bwrap import need_bubblewrap
from .sandbox_caller import Sandboxes, can_be_had

APP = "org.example.App"
OTHER = "org.example.Other"

# Of the manager, besides those that give a token.
METHODS = (("SignIn", "(@a{sv} {},)"), ("AddApplication", "('id', 'secret')"), ("FindAccount", "('',)"),
           ("ListCallers", "()"), ("Diagnose", "(@a{sv} {},)"))


class SandboxTest(EndToEndTest):
    @classmethod
    def setUpClass(cls):
        if not can_be_had():
            raise unittest.SkipTest("needs bwrap and xdg-dbus-proxy")
        need_bubblewrap()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token().value
        self.sandboxes = Sandboxes(self.world)
        self.addCleanup(self.sandboxes.close)

    def allow(self, app, account=None):
        (account or self.account).call("Allow", "(s)", app)

    def deny(self, app):
        self.account.call("Deny", "(s)", app)

    def assert_denied(self, call, *arguments):
        return self.assert_refused("AccessDenied", call, *arguments)

    def assert_no_token(self, caller):
        self.assert_denied(caller.get_token)
        return self.assert_denied(caller.get_token_fd)

    def assert_nothing_but_tokens(self, caller):
        for method, arguments in METHODS:
            self.assert_denied(caller.call, MANAGER_PATH, MANAGER, method, arguments)
        for method in ("Refresh", "SignOut", "SetLabel", "Allow"):
            self.assert_denied(caller.call, self.account.path, ACCOUNT, method, "()")
        for path in (MANAGER_PATH, self.account.path, "/", "/nothing"):
            for interface, method, arguments in (
                    (PROPERTIES, "GetAll", "('',)"), (PROPERTIES, "Get", f"('{MANAGER}', 'KeyringState')"),
                    ("org.freedesktop.DBus.Introspectable", "Introspect", "()"),
                    ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "()"),
                    ("org.freedesktop.DBus.Peer", "Ping", "()"), ("org.freedesktop.DBus.Peer", "GetMachineId", "()"),
                    ("no.such.Interface", "GetToken", "('', @a{sv} {})")):
                self.assert_denied(caller.call, path, interface, method, arguments)

    def assert_must_be_allowed(self, caller, app):
        """Denied, allowed, and denied again, over one connection."""
        error = self.assert_no_token(caller)
        self.assertIn(app, error.message)
        self.assertIn(f"yadiskctl allow {app}", error.message)
        self.assert_nothing_but_tokens(caller)

        self.allow(app)
        self.assertEqual(caller.get_token(), self.token)
        self.assertEqual(caller.get_token_fd(), self.token)
        self.assert_nothing_but_tokens(caller)

        self.deny(app)
        self.assert_no_token(caller)

    def assert_never(self, caller):
        """Also if everybody who could be meant is allowed; it has no name by which it could be."""
        for app in (APP, OTHER, "xdg-dbus-proxy", "snap.foo"):
            self.allow(app)
        error = self.assert_no_token(caller)
        self.assertNotIn("yadiskctl allow", error.message)
        self.assert_nothing_but_tokens(caller)
        self.assertEqual(self.account.get_token().value, self.token)
