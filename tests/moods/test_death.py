#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How the death of a token is doubted, confirmed, told and survived."""

import json

from rig.keyring import SECRETS
from mood import DAY, MINUTE, MoodTest, await_until, main, write

PROBE = "/v1/disk/operations/0000"
SIGN_IN = "sign in again"


class DeathTest(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.sim.forget_requests()

    def report(self, generation=None):
        self.account.call("ReportRefused", "(u)",
                          self.token.generation if generation is None else generation)

    def probes(self):
        return self.sim.requests(path=PROBE)

    def refuse_probes(self, count, **answer):
        self.sim.script_answer(PROBE, status=401, count=count, body=json.dumps(
            {"message": "?", "description": "Unauthorized",
             "error": "UnauthorizedError"}), **answer)


class Doubt(DeathTest):
    def test_a_good_token_is_probed_and_kept(self):
        self.report()
        self.sim.wait(PROBE)
        self.settle()
        self.assertLessEqual(len(self.probes()), 2)
        self.assertEqual(self.refreshes(), [])
        self.assert_served(self.account, "active", "", self.token)

    def test_a_sporadic_401_is_survived(self):
        self.refuse_probes(1)
        self.report()
        first, second = self.sim.wait(PROBE, count=2)
        self.assertEqual((first["status"], second["status"]), (401, 404))
        self.settle()
        self.assertEqual(self.refreshes(), [])
        self.assert_served(self.account, "active", "", self.token)

    def test_two_401s_lead_to_a_refresh(self):
        self.refuse_probes(2)
        self.report()
        self.await_generation(self.account, self.token.generation + 1)
        first, second = self.probes()
        self.assertGreaterEqual(second["time"] - first["time"], 2)
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(first["headers"]["authorization"], "OAuth " + self.token.value)

    def test_a_token_that_died_leads_to_a_refresh(self):
        """Not a scripted answer: the access token is over at Yandex, the refresh token is not."""
        self.sim.knobs(refresh_after_expiry=True)
        self.sim.expire_tokens(client_id=self.client_id)
        self.report()
        self.await_generation(self.account, self.token.generation + 1)
        self.assertEqual({probe["status"] for probe in self.probes()}, {401})

    def test_an_old_generation_is_no_news(self):
        self.account.refresh()
        self.sim.forget_requests()
        for generation in (self.token.generation, 0, 77, 2 ** 32 - 1):
            self.report(generation)
        self.assert_nothing_asked()

    def test_reported_twice_within_a_minute_and_checked_once(self):
        self.report()
        self.sim.wait(PROBE)
        for _ in range(5):
            self.report()
        self.settle()
        self.assertEqual(len(self.probes()), 1)

    def test_reported_by_a_crowd(self):
        clients = [self.world.new_client() for _ in range(20)]
        for client in clients:
            client.begin(self.account.path, "io.github.yadiskctl.Tokens1.Account", "ReportRefused",
                         "(u)", self.token.generation)
        self.sim.wait(PROBE)
        self.settle()
        self.assertEqual(len(self.probes()), 1)

    def test_a_probe_that_finds_no_network_proves_nothing(self):
        self.sim.trouble({"kind": "reset-before", "path": PROBE})
        self.report()
        self.sim.wait(PROBE)
        self.settle()
        self.sim.trouble()
        self.assertEqual(self.refreshes(), [])
        self.assertEqual(self.account.get_token(), self.token)

    def test_other_refusals_than_401_prove_nothing(self):
        for status in (403, 400, 423, 429, 500):
            with self.subTest(status):
                self.sim.forget_requests()
                self.restart_daemon()
                self.sim.script_answer(PROBE, status=status, body="{}")
                self.report()
                self.sim.wait(PROBE)
                self.settle()
                self.assertEqual(self.refreshes(), [])
                self.assert_served(self.account, "active", "", self.token)


class Dead(DeathTest):
    def setUp(self):
        super().setUp()
        self.desktop = self.world.new_desktop()

    def die(self):
        self.sim.kill_tokens(client_id=self.client_id)
        self.in_time(self.assert_refused, "SignInNeeded", self.account.refresh)

    def assert_dead(self):
        self.assert_denied(self.account, "sign-in-needed", "SignInNeeded", "SignInNeeded", 4)
        self.assertEqual(self.account.get("NextRefreshAt"), 0)

    def test_invalid_grant_is_believed_after_the_keyring_was_read_again(self):
        """As the bus saw it: first the keyring's answer with the record, then the state."""
        monitor = self.world.new_monitor()
        self.die()
        monitor.catch_up(self.client, self.daemon.name())
        messages, ours = monitor.messages, self.names_of_daemon()
        asked = next(n for n, m in enumerate(messages) if m.type == "call" and m.member == "Refresh")
        told = next(n for n, m in enumerate(messages)
                    if m.type == "signal" and m.sender in ours and "sign-in-needed" in m.text)
        read = [n for n, m in enumerate(messages)
                if n > asked and m.type == "answer" and m.sender == self.client.owner_of(SECRETS)
                and m.destination in ours and m.call and m.call.member == "GetSecret"]
        written = [n for n, m in enumerate(messages)
                   if n > asked and m.type == "call" and m.sender in ours and m.member == "SetSecret"]
        self.assertGreaterEqual(len(read), 1)
        self.assertLess(read[0], told)
        self.assertTrue(all(read[0] < n for n in written))
        self.assert_dead()

    def names_of_daemon(self):
        """Of all its connections: libraries have their own."""
        return [name for name in self.client.bus("ListNames") if name.startswith(":")
                and self.client.bus("GetConnectionUnixProcessID", "(s)", name) == self.daemon.pid]

    def test_told_once_and_withdrawn_after_a_new_sign_in(self):
        self.die()
        self.desktop.await_shown(SIGN_IN)
        self.assert_dead()
        for _ in range(3):
            self.assert_refused("SignInNeeded", self.account.refresh)
            self.clock.pass_by(MINUTE)
        again = self.sign_in()
        self.assertEqual(again.path, self.account.path)
        self.desktop.await_closed(SIGN_IN)
        self.assertEqual(len(self.desktop.said), 1)
        self.assert_served(again, "active", "", again.get_token())
        self.assertGreater(again.generation, self.token.generation)

    def test_the_dead_grant_is_kept(self):
        held = self.keyring.account()
        self.die()
        self.eventually(lambda: self.keyring.account() != held, "the verdict in the keyring")
        self.assertEqual(self.keyring.account()["grant"], held["grant"])

    def test_survives_a_restart_and_asks_no_more(self):
        self.die()
        self.await_verdict()
        self.restart_daemon()
        self.sim.forget_requests()
        self.assert_dead()
        self.desktop.await_shown(SIGN_IN)
        for _ in range(3):
            self.report()
            self.assert_refused("SignInNeeded", self.account.refresh)
            self.assert_refused("SignInNeeded", self.account.get_token, force=True)
            self.clock.pass_by(9 * DAY)
        self.assert_nothing_asked()

    def await_verdict(self):
        self.eventually(lambda: self.keyring.account().get("verdict") == "refused", "the verdict")

    def test_a_newer_grant_in_the_keyring_is_a_resurrection(self):
        """Written by somebody else after the death was stated, and seen at the next start."""
        held = self.keyring.account()
        self.die()
        self.await_verdict()
        item, = self.keyring.ours("account")
        fresh = self.sign_in().get_token()
        document = self.keyring.account()
        self.assertEqual(document["grant"]["access_token"], fresh.value)
        self.assertEqual(document["previous_grant"]["access_token"], held["grant"]["access_token"])
        self.restart_without(lambda: write(self.keyring, item, json.dumps(document)))
        self.assert_served(self.account, "active", "", fresh)

    def test_nobody_shows_notifications(self):
        """Silence, and nothing breaks."""
        self.desktop.close()
        self.die()
        self.assert_dead()
        self.assertEqual(self.sign_in().path, self.account.path)
        self.assert_served(self.account, "active", "", self.account.get_token())
        self.assertEqual(self.daemon.stop(), 0)


class Unsaved(DeathTest):
    """The answer was lost on the wire, and Yandex has killed the old token: the one loss that cannot be
    averted. The user is told, and nothing else is lost."""

    def setUp(self):
        super().setUp()
        self.desktop = self.world.new_desktop()
        self.held = self.keyring.account()

    def test_the_answer_was_lost_and_the_old_token_killed(self):
        self.sim.trouble("lost@/token*1")
        self.in_time(self.assert_refused, "SignInNeeded", self.account.refresh)
        self.assertEqual([request["status"] for request in self.refreshes()][1:], [400])
        self.assert_denied(self.account, "sign-in-needed", "SignInNeeded", "SignInNeeded", 4)
        self.desktop.await_shown(SIGN_IN)

        self.assertEqual(self.keyring.account()["grant"], self.held["grant"])
        self.clock.pass_by(DAY)
        self.settle()
        self.assertEqual(len(self.refreshes()), 2)
        self.assertEqual(self.sign_in().path, self.account.path)
        self.desktop.await_closed(SIGN_IN)
        await_until(lambda: self.account.get("Saved"), "the new grant in the keyring")
        self.assert_keyring_holds(self.account.get_token())


if __name__ == "__main__":
    main()
