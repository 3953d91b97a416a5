#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Yandex takes the connection and says nothing, or says it byte by byte. No caller waits beyond 20 s, and
none who can be served waits at all. The timeouts are real here: these tests take their time."""

from urllib.parse import urlsplit

from mood import MINUTE, MoodTest, await_until, main
from road import Road


class SilenceTest(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()

    def assert_nobody_waits_too_long(self):
        """Returns the error of the one who had to wait."""
        waiting = self.account.begin_refresh()
        self.account.await_told("Refreshing", True)
        self.assert_served(self.account, "active", "", self.token)
        self.assertFalse(waiting.done)
        return self.in_time(self.assert_refused_later, waiting)

    def assert_refused_later(self, pending):
        with self.assertRaises(Exception) as caught:
            pending.result()
        return caught.exception.name

    def assert_heals(self, error):
        await_until(lambda: not self.account.get("Refreshing"), "the end of the attempt")
        self.assert_served(self.account, "active", error, self.token)
        self.end_trouble()
        self.clock.pass_by(MINUTE)
        self.await_generation(self.account, self.token.generation + 1)
        self.await_saved(self.account)

    def end_trouble(self):
        self.sim.trouble()


class Drip(SilenceTest):
    KNOBS = {"refresh_mode": "B", "old_refresh_token": "survives"}

    def test_slow_drip(self):
        self.sim.trouble({"kind": "drip", "path": "/token", "seconds": 1})
        self.assertIn(self.assert_nobody_waits_too_long(), ("Offline", "ServerTrouble"))
        self.assert_heals("Offline")

    def test_a_drip_that_is_fast_enough(self):
        self.sim.trouble({"kind": "drip", "path": "/token", "seconds": 0.005})
        self.in_time(self.account.refresh)
        self.await_generation(self.account, self.token.generation + 1)
        self.assertEqual(len(self.refreshes()), 1)


class Silence(SilenceTest):
    def setUp(self):
        super().setUp()
        self.road = Road(urlsplit(self.sim.addresses["oauth"]).port)
        self.addCleanup(self.road.close)
        self.restart_without(lambda: self.world.configure_for(
            self.sim, OAuthURL=f"https://localhost:{self.road.port}"))

    def end_trouble(self):
        self.road.open()

    def test_silent_server(self):
        self.road.fall_silent()
        self.assertEqual(self.assert_nobody_waits_too_long(), "Offline")
        self.assert_heals("Offline")


if __name__ == "__main__":
    main()
