#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The machine's own network: routes come and go, and GNetworkMonitor tells. In a network namespace of its
own, where a default route leads nowhere, and Yandex is on the loopback."""

from mood import MINUTE, MoodTest, await_until, enter_own_network, main, run_ip

WHERE = "192.0.2.1"


class Routes(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.addCleanup(self.take_route_away)
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.has_link = False

    def add_route(self):
        run_ip("link", "add", "here", "type", "veth", "peer", "name", "there")
        self.has_link = True
        run_ip("address", "add", WHERE + "/24", "dev", "here")
        run_ip("link", "set", "there", "up")
        run_ip("link", "set", "here", "up")
        run_ip("route", "add", "default", "dev", "here")

    def take_route_away(self):
        """As network managers do it: the kernel does not tell of routes that go with a link."""
        if self.has_link:
            run_ip("route", "delete", "default")
            run_ip("link", "delete", "here")
            self.has_link = False

    def online(self):
        return self.client.property("Online")

    def test_no_route(self):
        self.restart_without(lambda: self.world.configure_for(self.sim,
                                                              OAuthURL="https://198.51.100.1"))
        self.assert_refresh_fails(self.account, "Offline", 6)
        self.assert_served(self.account, "active", "Offline", self.token)
        self.assertFalse(self.online())

    def test_back_at_once_when_the_network_is(self):
        """Not before the ten seconds between two attempts are over, but far before the pause is."""
        self.sim.trouble("reset-before@/token")
        self.assert_refresh_fails(self.account, "Offline")
        while (due := self.account.get("NextRefreshAt")) < self.now() + 5 * MINUTE:
            self.clock.pass_until(due)
            self.eventually(lambda n=due: self.account.get("NextRefreshAt") not in (0, n),
                            "the next attempt to be planned")
        self.clock.pass_by(11)
        self.assertFalse(self.online())
        self.sim.trouble()
        self.sim.forget_requests()

        self.add_route()
        self.await_generation(self.account, self.token.generation + 1)
        self.assertLess(self.account.get("LastRefreshAt"), due)
        self.assertEqual(len(self.refreshes()), 1)
        self.assertTrue(self.online())

    def test_back_but_not_more_often_than_every_ten_seconds(self):
        self.sim.trouble("reset-before@/token")
        start = self.now()
        self.assert_refresh_fails(self.account, "Offline")
        self.sim.forget_requests()
        for _ in range(3):
            self.add_route()
            await_until(self.online, "the network to be back")
            self.take_route_away()
            await_until(lambda: not self.online(), "the network to be gone")
        self.assertGreaterEqual(self.account.get("NextRefreshAt"), start + 10)
        self.assertEqual(self.refreshes(), [])
        self.sim.trouble()
        self.clock.pass_until(self.account.get("NextRefreshAt"))
        self.await_generation(self.account, self.token.generation + 1)

    def test_nothing_is_asked_where_nothing_failed(self):
        self.sim.forget_requests()
        self.add_route()
        await_until(self.online, "the network to be there")
        self.take_route_away()
        await_until(lambda: not self.online(), "the network to be gone")
        self.assert_nothing_asked()
        self.assert_served(self.account, "active", "", self.token)

    def test_before_retry_after_the_network_changes_nothing(self):
        self.sim.trouble({"kind": "429-seconds", "path": "/token", "seconds": 1800})
        self.assert_refresh_fails(self.account, "RateLimited")
        due = self.account.get("NextRefreshAt")
        self.sim.trouble()
        self.sim.forget_requests()
        self.clock.pass_by(MINUTE)
        self.add_route()
        await_until(self.online, "the network to be there")
        self.assertGreaterEqual(self.account.get("NextRefreshAt"), self.now() + 1800 - 2 * MINUTE)
        self.assertLessEqual(self.account.get("NextRefreshAt"), due)
        self.assert_nothing_asked()


if __name__ == "__main__":
    enter_own_network()
    main()
