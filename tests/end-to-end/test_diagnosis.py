#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Diagnose, of the manager and of an account: what is wrong is told, and nothing is changed."""

import time

from gi.repository import GLib

from rig import EndToEndTest, Simulator, main

INFO, READ, WRITE = "cloud_api:disk.info", "cloud_api:disk.read", "cloud_api:disk.write"
FOLDER = "cloud_api:disk.app_folder"
WELL = {"token": "accepted", "application": "accepted", "client_secret": "known", "disk": "ok",
        "missing_scopes": [], "app_folder": False, "reason": ""}
NOTHING_KNOWN = {"token": "unknown", "application": "unknown", "client_secret": "known", "disk": "unknown",
                 "missing_scopes": [], "app_folder": False}
DEAD = WELL | {"token": "refused", "disk": "unknown"}
DAY = 86400


class Network(EndToEndTest):
    KEYRING = False

    def diagnose(self, **given):
        return self.client.manager("Diagnose", "(a{sv})", given)[0]

    def test_all_is_well(self):
        found = self.diagnose(colour=GLib.Variant("s", "green"))
        now = time.time()
        self.assertEqual(set(found), {"reachable", "trusted", "reason", "host", "server_time",
                                      "local_time", "has_device_id", "keyring"})
        self.assertEqual((found["reachable"], found["trusted"], found["reason"], found["host"]),
                         (True, True, "", ""))
        self.assertLess(abs(found["local_time"] - now), DAY)
        self.assertLess(abs(found["server_time"] - found["local_time"]), DAY)
        self.assertTrue(found["has_device_id"])
        self.assertEqual(found["keyring"], "absent")

    def test_the_keyring(self):
        keyring = self.world.start_keyring()
        self.client.await_property("KeyringState", "unlocked")
        self.assertEqual(self.diagnose()["keyring"], "unlocked")
        keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.assertEqual(self.diagnose()["keyring"], "locked")
        keyring.stop()
        self.client.await_property("KeyringState", "absent")
        self.assertEqual(self.diagnose()["keyring"], "absent")

    def test_nothing_secret_is_sent_and_nothing_given_out(self):
        self.diagnose()
        requests = self.sim.requests()
        self.assertEqual(sorted(request["host"] for request in requests), ["disk", "login", "oauth"])
        for request in requests:
            self.assertEqual(request["form"], {})
            self.assertNotIn("authorization", request["headers"])
        self.assertEqual({request["status"] for request in requests}, {400, 401})

    def test_a_clock_that_is_wrong(self):
        for ahead in (30 * DAY, -30 * DAY):
            self.sim.advance(ahead)
            found = self.diagnose()
            self.sim.advance(-ahead)
            self.assertLess(abs(found["server_time"] - found["local_time"] - ahead), DAY)
            self.assertEqual(found["reason"], "")

    def test_offline(self):
        self.sim.trouble("reset-accept")
        found = self.diagnose()
        self.assertEqual((found["reachable"], found["trusted"], found["server_time"]),
                         (False, True, 0))
        self.assertEqual(found["host"], self.sim.addresses["oauth"])
        self.assertIn("connection", found["reason"])
        self.assertFalse(self.client.property("Online"))
        self.sim.trouble()
        self.assertTrue(self.diagnose()["reachable"])
        self.assertTrue(self.client.property("Online"))

    def test_nobody_there(self):
        gone = Simulator()
        with gone:
            self.world.configure_for(gone, CAFile=self.sim.addresses["ca"])
        self.world.restart_daemon()
        found = self.diagnose()
        self.assertEqual((found["reachable"], found["trusted"], found["reason"]),
                         (False, True, "no connection"))

    def test_one_host_that_cannot_be_reached(self):
        self.world.configure_for(self.sim, DiskURL="https://disk.invalid")
        self.world.restart_daemon()
        found = self.diagnose()
        self.assertEqual((found["reachable"], found["host"]), (False, "https://disk.invalid"))
        self.assertEqual(found["reason"], "the host name cannot be resolved")
        self.assertGreater(found["server_time"], 0)

    def test_certificates(self):
        clock = "the server's certificate is no longer valid by the clock of this machine"
        distrust = "the server's certificate is not trusted"
        nameless = ("the server's certificate has no subjectAltName with a host name, and elsewhere in it a host "
                    "name does not count")
        for certificate, reason in (("expired", clock), ("self-signed", distrust),
                                    ("wrong-name", distrust), ("common-name", nameless)):
            with self.subTest(certificate):
                self.sim.knobs(certificate=certificate)
                found = self.diagnose()
                self.assertEqual(
                    (found["reachable"], found["trusted"], found["reason"], found["server_time"]),
                    (True, False, reason, 0))

    def test_a_server_in_trouble(self):
        for trouble, reason in (("503", "the server has trouble of its own"),
                                ("429", "too many requests"),
                                ("redirect", "the server wants to redirect us")):
            with self.subTest(trouble):
                self.sim.trouble(trouble)
                found = self.diagnose()
                self.assertEqual((found["reachable"], found["trusted"], found["reason"]),
                                 (True, True, reason))
                self.assertGreater(found["server_time"], 0)


class AccountTest(EndToEndTest):
    CLOCK = True
    account = None

    def sign_in_with(self, *scopes):
        self.account = self.sign_in(scopes=list(scopes))

    def diagnose(self):
        """What is found; the account is as it was."""
        account = self.account
        account.await_is("Saved", True)
        before, document = account.all(), self.keyring.account()
        with self.flying():
            found = account.call("Diagnose", "(a{sv})", {})[0]
        self.assertEqual(account.all(), before)
        self.assertEqual(self.keyring.account(), document)
        self.assertEqual(self.refreshes(), [])
        return found


class Account(AccountTest):
    def test_all_is_well(self):
        self.sign_in_with(INFO, READ, WRITE)
        self.assertEqual(self.diagnose(), WELL)

    def test_a_dead_token(self):
        self.sign_in_with(INFO, READ)
        self.sim.kill_tokens(client_id=self.client_id)
        self.sim.forget_requests()
        self.assertEqual(self.diagnose(), DEAD)
        self.assertEqual([request["path"] for request in self.sim.requests(host="disk")],
                         ["/v1/disk/operations/0000"] * 2)

    def test_refusals_now_and_then_are_no_death(self):
        self.sign_in_with(INFO, READ)
        for every in (4, 3, 2):
            with self.subTest(every):
                self.sim.knobs(spurious_401_every=every)
                self.assertEqual(self.diagnose(), WELL)

    def test_a_disk_that_believes_nobody_any_more(self):
        """The token is good, as another answer has shown; what the Disk holds against it is told."""
        self.sign_in_with(INFO, READ)
        self.sim.script_answer("/v1/disk", status=401, body='{"error": "UnauthorizedError"}', count=2)
        self.assertEqual(self.diagnose(), WELL | {"disk": "unknown",
                                                  "reason": "the access token was not accepted"})

    def test_missing_scopes(self):
        for scopes, found in (
                ((READ,), {"missing_scopes": [INFO]}),
                ((INFO,), {"missing_scopes": [READ]}),
                ((INFO, WRITE), {"missing_scopes": [READ]}),
                (("login:info",), {"missing_scopes": [INFO, READ], "disk": "unknown"}),
                ((INFO, FOLDER), {"app_folder": True}),
                ((FOLDER,), {"app_folder": True, "missing_scopes": [INFO]}),
                ((INFO, READ, FOLDER), {})):
            with self.subTest(scopes):
                self.sign_in_with(*scopes)
                self.assertEqual(self.diagnose(), WELL | found)
                self.account.sign_out()

    def test_a_user_without_a_disk(self):
        for scopes, missing in (((INFO, READ), []), ((READ,), [INFO]), ((FOLDER,), [INFO])):
            with self.subTest(scopes):
                self.sign_in_with(*scopes)
                self.sim.knobs(disk_account="unsupported")
                self.assertEqual(self.diagnose(),
                                 WELL | {"disk": "unsupported", "missing_scopes": missing})
                self.sim.knobs(disk_account="ok")
                self.account.sign_out()

    def test_a_disk_over_its_quota(self):
        self.sign_in_with(INFO, READ)
        self.sim.script_answer("/v1/disk", status=403, body='{"message": "full"}')
        found = self.diagnose()
        self.assertEqual((found["token"], found["disk"]), ("accepted", "unknown"))
        self.assertIn("quota", found["reason"])

    def test_an_application_that_is_blocked(self):
        """Its tokens die with it, at Yandex."""
        self.sign_in_with(INFO)
        self.sim.block_application(self.client_id)
        self.assertEqual(self.diagnose(), DEAD | {"application": "refused"})

    def test_an_application_that_is_gone(self):
        self.sign_in_with(INFO)
        self.sim.application(client_id=self.client_id, remove=True)
        self.assertEqual(self.diagnose(), DEAD | {"application": "refused"})

    def test_offline(self):
        self.sign_in_with(INFO)
        self.sim.trouble("reset-accept")
        found = self.diagnose()
        self.assertIn("connection", found.pop("reason"))
        self.assertEqual(found, NOTHING_KNOWN)

    def test_one_host_in_trouble(self):
        self.sign_in_with(INFO, READ)
        reason = "the server has trouble of its own"
        self.sim.trouble({"kind": "502", "host": "oauth"})
        self.assertEqual(self.diagnose(), WELL | {"application": "unknown", "reason": reason})
        self.sim.trouble({"kind": "502", "host": "disk"})
        self.assertEqual(self.diagnose(), NOTHING_KNOWN | {"application": "accepted",
                                                          "reason": reason})
        self.sim.trouble("502@/v1/disk/resources")
        self.assertEqual(self.diagnose(), WELL | {"reason": reason})

    def test_a_certificate_that_is_not_trusted(self):
        self.sign_in_with(INFO)
        self.sim.knobs(certificate="self-signed")
        self.assertEqual(self.diagnose(), NOTHING_KNOWN | {
            "reason": "the server's certificate is not trusted"})
        self.sim.knobs(certificate="good")

    def test_a_server_that_does_not_answer_in_time(self):
        """What was found out until then is told."""
        self.sign_in_with(INFO)
        self.sim.trouble({"kind": "slow", "seconds": 60, "host": "disk"})
        self.assertEqual(self.diagnose(), NOTHING_KNOWN | {"application": "accepted",
                                                          "reason": "no answer in time"})

    def test_no_code_is_left_for_a_user(self):
        """Asking about the application is no sign-in: nobody polls for the code it brings."""
        self.sign_in_with(INFO)
        self.sim.forget_requests()
        self.diagnose()
        self.assertEqual(self.sim.requests(path="/token"), [])


class States(AccountTest):
    def test_sign_in_needed(self):
        self.sign_in_with(INFO, READ)
        self.sim.kill_tokens(client_id=self.client_id)
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.sim.forget_requests()
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assertEqual(self.diagnose(), DEAD)

    def test_sign_in_needed_though_the_token_is_still_good(self):
        self.sign_in_with(INFO, READ)
        self.sim.script_answer("/token", status=400, body='{"error": "invalid_grant"}')
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.sim.forget_requests()
        self.assertEqual(self.diagnose(), WELL)

    def test_app_refused(self):
        """Blocked, then let in again, which the account does not know yet."""
        self.sign_in_with(INFO, READ)
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", self.account.refresh)
        self.sim.forget_requests()
        self.assertEqual(self.diagnose(), DEAD | {"application": "refused"})
        self.sim.unblock_application(self.client_id)
        self.assertEqual(self.diagnose(), WELL)
        self.assertEqual(self.account.state, "app-refused")

    def test_expired(self):
        self.sign_in_with(INFO)
        self.sim.expire_tokens()
        self.assertEqual(self.diagnose(), DEAD)

    def test_locked(self):
        self.sign_in_with(INFO)
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.lock()
        self.world.start_daemon()
        self.sim.forget_requests()
        account, = self.client.accounts()
        self.assertEqual(account.state, "locked")
        self.assert_refused("KeyringLocked", account.call, "Diagnose", "(a{sv})", {})
        self.assertEqual(self.sim.requests(), [])


if __name__ == "__main__":
    main()
