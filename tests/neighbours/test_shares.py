#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A sender that has all it may have is refused more, and nobody else is. When it leaves the bus, what it had is free,
and what it had begun ends."""

from neighbour import NeighbourTest
from rig import main
from rig.bus import MANAGER, MANAGER_PATH, options

CALLS, SIGN_INS, DIAGNOSES, APPLICATIONS = 512, 4, 16, 16


class Shares(NeighbourTest):
    """Of a hog."""

    def setUp(self):
        super().setUp()
        self.hog = self.world.new_client()

    def assert_too_much(self, call, *arguments, **keywords):
        self.assert_refused("LimitsExceeded", call, *arguments, **keywords)

    def leave(self):
        """And another comes, as the same program would."""
        name = self.hog.name
        self.hog.close()
        self.client.await_no_owner(name)
        self.hog = self.world.new_client()

    def add_application(self, client, number):
        client.manager("AddApplication", "(ss)", f"hog-{number}", "made-up-secret")

    def test_calls(self):
        self.sim.trouble("held@/token*1")
        held = [self.hog.begin_get_token(force=True) for _ in range(CALLS)]
        self.sim.wait("/token", trouble="held")
        self.assert_too_much(self.hog.get_token)
        self.assert_too_much(self.hog.get_token, force=True)

        first = self.client.get_token()
        self.assertEqual(self.account.get_token(), first)
        shared = self.client.begin_get_token(force=True)
        self.client.ping()
        self.leave()
        self.assertEqual(self.hog.get_token(), first)
        again = self.hog.begin_get_token(force=True)
        self.hog.ping()

        self.assertEqual([call.done for call in (*held, shared, again)].count(True), 0)
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(shared.result(), again.result())
        self.assertEqual(len(self.refreshes()), 1)

    def test_calls_that_are_answered_do_not_count(self):
        for _ in range(2):
            calls = [self.hog.begin_get_token() for _ in range(CALLS)]
            self.assertEqual({call.result() for call in calls}, {self.client.get_token()})

    def test_sign_ins(self):
        hogged = [self.begin_sign_in(client=self.hog) for _ in range(SIGN_INS)]
        self.assert_too_much(self.begin_sign_in, client=self.hog)
        for _ in range(SIGN_INS):
            self.begin_sign_in(app=self.sim.application())
        self.assert_too_much(self.begin_sign_in)
        hogged.pop().cancel()
        hogged.append(self.begin_sign_in(client=self.hog))
        self.assert_too_much(self.begin_sign_in, client=self.hog)

        self.leave()
        for _ in range(SIGN_INS):
            self.begin_sign_in(app=self.sim.application(), client=self.hog)

    def test_sign_ins_end_when_who_began_them_leaves(self):
        for _ in range(SIGN_INS):
            self.begin_sign_in(client=self.hog)
        self.await_poll()
        self.leave()
        self.assert_polling_has_stopped()

    def test_diagnoses(self):
        self.sim.trouble("held")
        for _ in range(DIAGNOSES):
            self.begin_diagnose(self.hog)
        self.hog.ping()
        self.assert_too_much(self.hog.manager, "Diagnose", "(a{sv})", {})
        other = [self.begin_diagnose(self.client) for _ in range(DIAGNOSES)]
        self.client.ping()

        self.leave()
        again = self.begin_diagnose(self.hog)
        self.hog.ping()
        self.assertEqual([call.done for call in (*other, again)].count(True), 0)
        self.sim.trouble()
        self.sim.let_go()
        for call in (*other, again):
            self.assertTrue(call.result()[0]["reachable"])

    def test_applications(self):
        for number in range(APPLICATIONS):
            self.add_application(self.hog, number)
        self.assert_too_much(self.add_application, self.hog, APPLICATIONS)
        self.add_application(self.hog, 0)  # which it has
        self.add_application(self.client, APPLICATIONS)
        self.leave()
        self.add_application(self.hog, APPLICATIONS + 1)


class Leaving(NeighbourTest):
    """While the daemon is stopped, so that it finds the calls and the end of their sender together."""

    def ask_for_much(self, hog):
        given = {"client_id": self.client_id, "client_secret": self.client_secret}
        for _ in range(10):
            hog.begin_get_token(force=True)
            hog.begin(MANAGER_PATH, MANAGER, "SignIn", "(a{sv})", options(given))
            hog.begin(MANAGER_PATH, MANAGER, "Diagnose", "(a{sv})", {})
            hog.begin(self.account.path, "io.github.yadiskctl.Tokens1.Account", "Refresh")

    def assert_nothing_is_worked_off(self, hog):
        monitor, daemon = self.world.new_monitor(), self.daemon.name()
        self.sim.forget_requests()
        with self.daemon_stopped():
            self.ask_for_much(hog)
            self.await_passed_on(hog)
            name = hog.name
            hog.close()
            self.client.await_no_owner(name)
        before = self.client.get_token()
        # Whatever had been begun would be with the simulator before this.
        self.account.refresh()
        self.assertEqual(self.client.get_token().generation, before.generation + 1)
        self.assertEqual([request["path"] for request in self.sim.requests()], ["/token"])
        monitor.catch_up(self.client, daemon)
        self.assertEqual(len([m for m in monitor.calls(member="SignIn") if m.sender == name]), 10)
        self.assertEqual(monitor.select(sender=daemon, destination=name), [])

    def test_of_a_stranger(self):
        self.assert_nothing_is_worked_off(self.world.new_client())

    def test_of_one_that_was_served_before(self):
        hog = self.world.new_client()
        hog.get_token()
        self.assert_nothing_is_worked_off(hog)


if __name__ == "__main__":
    main()
