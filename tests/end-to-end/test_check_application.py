#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Manager.CheckApplication: what Yandex thinks of an application, before anybody signs in."""

from gi.repository import GLib

from rig import EndToEndTest, main
from rig.bus import options

SCOPES = ["cloud_api:disk.info", "cloud_api:disk.read", "cloud_api:disk.write"]


class CheckApplication(EndToEndTest):
    KEYRING = False

    def check(self, client_id=None, **given):
        return self.client.manager("CheckApplication", "(sa{sv})", client_id or self.client_id,
                                   options(given))[0]

    def scopes_asked(self):
        return [request["form"].get("scope") for request in self.sim.requests(path="/device/code")]

    def test_what_is_right(self):
        self.assertEqual(self.check(client_secret=self.client_secret, scopes=SCOPES),
                         {"client_id": True, "client_secret": True, "missing_scopes": []})
        self.assertEqual([request["path"] for request in self.sim.requests()],
                         ["/device/code", "/token"])

    def test_only_what_was_asked_about_is_told(self):
        self.assertEqual(self.check(), {"client_id": True})
        self.assertEqual(self.check(client_secret=self.client_secret),
                         {"client_id": True, "client_secret": True})
        self.assertEqual(self.check(scopes=SCOPES[:1]), {"client_id": True, "missing_scopes": []})
        self.assertEqual(self.check(scopes=[]), {"client_id": True})

    def test_unknown_id(self):
        found = self.check("f" * 32, client_secret=self.client_secret, scopes=SCOPES)
        self.assertEqual(found, {"client_id": False})
        self.assertEqual(len(self.sim.requests()), 1)

    def test_an_application_that_yandex_does_not_let_in(self):
        self.sim.block_application(self.client_id)
        self.assertEqual(self.check(client_secret=self.client_secret), {"client_id": False})

    def test_wrong_secret(self):
        for secret in ("wrong", self.client_secret + " ", "\u00fc" * 10, "x" * 1024):
            self.assertEqual(self.check(client_secret=secret),
                             {"client_id": True, "client_secret": False})

    def test_missing_scopes(self):
        app = self.sim.application(scopes=SCOPES[1:2])
        found = self.check(app["client_id"], client_secret="wrong", scopes=SCOPES)
        self.assertEqual(found, {"client_id": True, "client_secret": False,
                                 "missing_scopes": [SCOPES[0], SCOPES[2]]})
        self.assertEqual(self.scopes_asked(), [" ".join(SCOPES)] + SCOPES)

    def test_the_code_is_made_up_each_time(self):
        for _ in range(3):
            self.check(client_secret=self.client_secret)
        asked = [request["form"] for request in self.sim.requests(path="/token")]
        self.assertEqual({form["grant_type"] for form in asked}, {"device_code"})
        self.assertEqual(len({form["code"] for form in asked}), 3)
        for form in asked:
            self.assertRegex(form["code"], r"\A[0-9a-f]{32}\Z")

    def test_bad_arguments(self):
        for client_id in ("a b", "\u00fc", "x" * 129):
            self.assert_refused("InvalidArgs", self.check, client_id)
        for bad in ({"client_secret": ""}, {"client_secret": "x" * 1025}, {"client_secret": 5},
                    {"scopes": ["a b"]}, {"scopes": [""]}, {"scopes": "login:info"},
                    {"scopes": [f"scope:{n}" for n in range(17)]}):
            with self.subTest(bad):
                self.assert_refused("InvalidArgs", self.check, **bad)
        self.assertEqual(self.sim.requests(), [])
        self.assertEqual(self.check(colour=GLib.Variant("v", GLib.Variant("i", 5))),
                         {"client_id": True})

    def test_as_many_scopes_as_may_be(self):
        app = self.sim.application(scopes=["login:info"])
        scopes = [f"scope:{n}" for n in range(15)] + ["login:info"]
        self.assertEqual(self.check(app["client_id"], scopes=scopes)["missing_scopes"], scopes[:15])

    def test_troubles(self):
        for trouble, name in (("500", "ServerTrouble"), ("429", "RateLimited"),
                              ("captive", "ServerTrouble"), ("redirect", "ServerTrouble"),
                              ("empty", "ServerTrouble"), ("lost", "Offline")):
            for path in ("/device/code", "/token"):
                with self.subTest((trouble, path)):
                    self.sim.trouble(f"{trouble}@{path}*1")
                    self.assert_refused(name, self.check, client_secret=self.client_secret)
        self.assertEqual(self.check(), {"client_id": True})

    def test_trouble_while_scopes_are_looked_at_one_by_one(self):
        app = self.sim.application(scopes=SCOPES[:1])
        self.sim.script_answer("/device/code", status=400, body='{"error": "invalid_scope"}')
        self.sim.script_answer("/device/code", status=503)
        self.assert_refused("ServerTrouble", self.check, app["client_id"], scopes=SCOPES)

    def test_an_application_that_awaits_moderation(self):
        self.sim.application(client_id=self.client_id, status="moderation")
        told = self.assert_refused("AppRefused", self.check, client_secret=self.client_secret)
        self.assertIn("moderation", told.message)
        self.assertNotIn("secret", told.message)

    def test_offline(self):
        self.sim.trouble("reset-accept")
        self.assert_refused("Offline", self.check)
        self.assertFalse(self.client.property("Online"))
        self.sim.trouble()
        self.check()
        self.assertTrue(self.client.property("Online"))

    def test_nothing_is_kept(self):
        keyring = self.world.start_keyring()
        self.client.await_property("KeyringState", "unlocked")
        self.check(client_secret=self.client_secret, scopes=SCOPES)
        self.assertEqual(self.client.manager("ListApplications")[0], [])
        self.assertEqual(keyring.ours(), [])
        self.assertEqual(self.sim.grants(client_id=self.client_id), [])

    def test_a_caller_who_leaves(self):
        """What is under way for nobody does no harm, nor does the end of the daemon."""
        self.sim.trouble({"kind": "slow", "seconds": 60})
        other = self.world.new_client()
        pending = self.client.begin("/io/github/yadiskctl/Tokens1",
                                    "io.github.yadiskctl.Tokens1.Manager", "CheckApplication",
                                    "(sa{sv})", self.client_id, {})
        other.begin("/io/github/yadiskctl/Tokens1", "io.github.yadiskctl.Tokens1.Manager",
                    "CheckApplication", "(sa{sv})", self.client_id, {})
        self.sim.wait("/device/code", count=2)
        other.close()
        self.assertEqual(self.daemon.stop(), 0)
        self.assert_refused("Cancelled", pending.result)


if __name__ == "__main__":
    main()
