#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many programs at once, and how little of it anybody else notices."""

import time

from rig import Client, EndToEndTest, main
from rig.keyring import SECRETS

CLIENTS = 200


class CrowdTest(EndToEndTest):
    def let_go_when_heard(self, clients):
        """The answer of Yandex, when the daemon has heard what each of these has asked for."""
        self.sim.wait("/token", trouble="held")
        for client in clients:
            client.ping()
        self.assertEqual(self.sim.let_go(), 1)


class Crowd(CrowdTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.first = self.account.get_token()
        self.sim.forget_requests()
        self.clients = [self.world.new_client() for _ in range(CLIENTS)]

    def ask_all(self, **given):
        """Every client asks before the first answer is there; returns the answers."""
        self.sim.trouble("held@/token*1")
        calls = [client.begin_get_token(**given) for client in self.clients]
        self.let_go_when_heard(self.clients)
        return [call.result() for call in calls]

    def assert_one_refresh(self, answers):
        self.assertEqual(len(answers), CLIENTS)
        answer, = set(answers)
        self.assertEqual(answer.generation, self.first.generation + 1)
        self.assertEqual(answer.value, self.live_grant()["access_token"])
        self.assertEqual([request["status"] for request in self.refreshes()], [200])

    def test_more_life_is_wanted_than_is_left(self):
        obtained = self.account.get("ObtainedAt")
        left = self.first.expires_at - obtained
        while time.time() < obtained + 1:  # until its life is no longer whole
            self.client.ping()
        self.assert_one_refresh(self.ask_all(min_valid=left))

    def test_all_force(self):
        self.assert_one_refresh(self.ask_all(force=True))


class ExpiredCrowd(CrowdTest):
    KNOBS = {"refresh_mode": "B", "refresh_after_expiry": True, "token_life": 3}

    def test_the_token_has_expired(self):
        account = self.sign_in()
        self.sim.trouble("503@/token")
        account.await_told("State", "expired")
        self.world.daemon.stop()
        self.sim.trouble("held@/token*1")
        self.sim.knobs(token_life=3600)
        self.sim.forget_requests()
        clients = [self.world.new_client() for _ in range(CLIENTS)]
        self.world.start_daemon()
        calls = [client.begin_get_token() for client in clients]
        self.let_go_when_heard(clients)
        answer, = {call.result() for call in calls}
        self.assertEqual(answer.value, self.live_grant()["access_token"])
        self.assertEqual([request["status"] for request in self.refreshes()], [200])


class Memory(EndToEndTest):
    def test_a_good_token_is_served_from_memory(self):
        account = self.sign_in()
        self.ctl("token")
        self.sim.forget_requests()
        names = self.daemon.names()
        monitor = self.world.new_monitor()
        tokens = {account.get_token(), self.client.get_token(), self.client.get_token("ivan"),
                  self.client.get_token_fd()[0], self.client.get_token(min_valid=3600)}
        self.assertEqual(self.ctl("token", "--min-valid", "1h").status, 0)
        monitor.catch_up(self.client, *names)

        self.assertEqual(len(tokens), 1)
        self.assertEqual(len(monitor.calls(member="GetToken")), 4)
        self.assertEqual(len(monitor.calls(member="GetTokenFD")), 2)
        # The bus is asked who has called, and nobody else is asked anything.
        self.assertEqual([m for m in monitor.calls()
                          if m.sender in names and m.destination != "org.freedesktop.DBus"], [])
        self.assertEqual(self.sim.requests(), [])

    def test_the_monitor_would_have_seen_the_keyring(self):
        account = self.sign_in()
        names = self.daemon.names()
        monitor = self.world.new_monitor()
        account.refresh()
        monitor.catch_up(self.client, *names)
        keyring = self.client.owner_of(SECRETS)
        called = {m.destination for m in monitor.calls() if m.sender in names}
        self.assertTrue(called & {SECRETS, keyring}, called)


class Strangers(CrowdTest):
    def test_a_client_that_leaves_does_not_take_the_answer_along(self):
        account = self.sign_in()
        self.sim.trouble("held@/token*1")
        leaver = Client(self.world.address)
        leaver.begin_get_token(force=True)
        leaver.ping()
        stayer = self.client.begin_get_token(force=True)
        name = leaver.name
        leaver.close()
        self.client.await_no_owner(name)
        self.let_go_when_heard([self.client])
        self.assertEqual(stayer.result().value, self.live_grant()["access_token"])
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(account.state, "active")


if __name__ == "__main__":
    main()
