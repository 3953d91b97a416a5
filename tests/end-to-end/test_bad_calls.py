#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Calls that make no sense: the right error, and nothing changes."""

from gi.repository import GLib

from rig import EndToEndTest, main
from rig.bus import Account


class BadCalls(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.before = self.account.all()
        self.document = self.keyring.account()
        self.sim.forget_requests()

    def assert_nothing_changed(self):
        self.assertEqual(self.account.all(), self.before)
        self.assertEqual(self.keyring.account(), self.document)
        self.assertEqual(self.sim.requests(), [])

    def test_unknown_account(self):
        for name in ("nobody", "IVAN", "ivan ", "0" * 32, "/", "\u202e", "x" * 10000):
            self.assert_refused("NoSuchAccount", self.client.get_token, name)
            self.assert_refused("NoSuchAccount", self.client.get_token_fd, name)
            self.assert_refused("NoSuchAccount", self.client.find_account, name)
        self.assert_nothing_changed()

    def test_call_that_is_too_large(self):
        self.assert_refused("LimitsExceeded", self.client.find_account, "x" * 100000)
        self.assert_nothing_changed()

    def test_unknown_object(self):
        stranger = Account(self.client, self.account.path + "0")
        with self.assertRaises(Exception) as caught:
            stranger.refresh()
        self.assertIn(caught.exception.name, ("UnknownObject", "UnknownMethod"))
        self.assert_nothing_changed()

    def test_options_of_a_wrong_type(self):
        for kind, value in (("i", -5), ("x", -5), ("t", 2 ** 40), ("s", "60"), ("d", 60.0),
                            ("b", True), ("ai", [60])):
            self.assert_refused("InvalidArgs", self.client.get_token,
                                min_valid=GLib.Variant(kind, value))
        for kind, value in (("u", 1), ("s", "yes"), ("v", GLib.Variant("b", True))):
            self.assert_refused("InvalidArgs", self.client.get_token,
                                force=GLib.Variant(kind, value))
        self.assert_nothing_changed()

    def test_min_valid_beyond_a_year(self):
        """No new token would live longer than the one that there is."""
        for seconds in (31536001, 2 ** 31, 2 ** 32 - 1):
            self.assertEqual(self.client.get_token(min_valid=seconds).generation, self.before["Generation"])
        self.assert_nothing_changed()

    def test_min_valid_of_nothing(self):
        self.assertEqual(self.client.get_token(min_valid=0).generation, self.before["Generation"])
        self.assert_nothing_changed()

    def test_unknown_options_are_ignored(self):
        token = self.client.get_token(colour="green", min_valid=1, depth=GLib.Variant("(ii)", (1, 2)))
        self.assertEqual(token.generation, self.before["Generation"])
        self.assert_nothing_changed()

    def test_a_wrong_signature(self):
        for member, signature, arguments in (("GetToken", "(s)", ("",)), ("GetToken", "()", ()),
                                             ("GetToken", "(ua{sv})", (1, {})),
                                             ("SignIn", "(s)", ("x",))):
            self.assert_bus_refused("InvalidArgs", member, signature, *arguments)
        self.assert_bus_refused("UnknownMethod", "GiveMeTheRefreshToken")
        self.assert_nothing_changed()

    def assert_bus_refused(self, name, member, signature="()", *arguments):
        """By sd-bus, whose sentences are its own."""
        with self.assertRaises(Exception) as caught:
            self.client.manager(member, signature, *arguments)
        self.assertEqual(caught.exception.name, name)

    def test_sign_in_with_bad_options(self):
        good = {"client_id": self.client_id, "client_secret": self.client_secret}
        for bad in ({"client_id": ""}, {"client_id": "a b"}, {"client_id": "\u00fc"},
                    {"client_secret": ""}, {"label": ""},
                    {"label": "a\x1b[2J"}, {"label": "x" * 10000}, {"flow": "telepathy"},
                    {"scopes": ["a b"]}, {"scopes": "login:info"}, {"client_id": 5}):
            with self.subTest(bad):
                self.assert_refused("InvalidArgs", self.client.sign_in, **(good | bad))
        self.assert_refused("InvalidArgs", self.client.sign_in, client_id="unknown")
        self.assert_refused("NoSuchAccount", self.client.sign_in,
                            account=GLib.Variant("o", self.account.path + "0"))
        self.assert_nothing_changed()

    def test_labels_that_cannot_be(self):
        for label in ("", "a\nb", "\x7f", "x" * 10000):
            self.assert_refused("InvalidArgs", self.account.call, "SetLabel", "(s)", label)
        self.assert_nothing_changed()

    def test_two_accounts_with_one_label(self):
        other = self.sign_in(app=self.sim.application())
        self.sim.forget_requests()
        self.assertNotEqual(other.path, self.account.path)
        for client_call in (self.client.get_token, self.client.find_account):
            self.assert_refused("Ambiguous", client_call, "ivan")
        self.assertNotEqual(self.account.get_token().value, other.get_token().value)
        self.assert_ctl_fails(3, "Several accounts", "token", "ivan")
        self.assertEqual(self.ctl("token", other.id).status, 0)
        self.assertEqual(self.sim.requests(), [])
        self.assertEqual(self.client.get_token(), self.account.get_token())


if __name__ == "__main__":
    main()
