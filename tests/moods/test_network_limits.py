#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that asks for a pause gets one; and however impatient the callers are, it is not asked more
than every ten seconds."""

from email.utils import formatdate
from time import time

from mood import DAY, HOUR, MINUTE, MoodTest, main


class Limits(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.start = self.now()

    def limit(self, value, status=429):
        self.sim.script_answer("/token", status=status, headers={"Retry-After": value},
                               body="<html>")

    def assert_pause(self, low, high):
        """At least low seconds since the start, at most high from now, during which no wish of anybody is granted."""
        self.assert_next_within(self.account, self.start, low, high)
        self.sim.forget_requests()
        self.assert_refresh_fails(self.account, "RateLimited", 6)
        self.in_time(self.assert_refused, "RateLimited", self.account.get_token, force=True)
        self.assert_served(self.account, "active", "RateLimited", self.token)
        self.assert_no_requests()

    def assert_renewed_within(self, seconds):
        self.clock.pass_by(seconds)
        self.await_generation(self.account, self.token.generation + 1)

    def test_429_with_seconds(self):
        self.limit("1800")
        self.assert_refresh_fails(self.account, "RateLimited")
        self.assert_pause(1800, 2 * 1800)
        self.clock.pass_by(1700)
        self.assert_pause(1800, 100 + 1800)
        self.assert_renewed_within(100 + 1800)

    def test_429_with_a_date(self):
        self.limit(formatdate(time() + 1800, usegmt=True))
        self.assert_refresh_fails(self.account, "RateLimited")
        self.assert_pause(1800, 2 * 1800)
        self.assert_renewed_within(2 * 1800)

    def test_429_whose_pause_is_over_for_those_who_ask(self):
        """The daemon itself comes back somewhat later than all who were told the same moment."""
        self.limit("1800")
        self.assert_refresh_fails(self.account, "RateLimited")
        self.clock.pass_by(1801)
        self.account.refresh()
        self.await_generation(self.account, self.token.generation + 1)

    def test_503_with_retry_after(self):
        self.limit("1800", status=503)
        self.assert_refresh_fails(self.account, "ServerTrouble")
        self.assert_next_within(self.account, self.start, 1800, 2 * 1800)
        self.assert_served(self.account, "active", "ServerTrouble", self.token)
        self.assert_renewed_within(2 * 1800)

    def test_429_with_absurdly_long_pauses(self):
        """Never more than a day, and what it is spread by."""
        for value in ("999999999", "9" * 40, "Fri, 31 Dec 9999 23:59:59 GMT",
                      "Mon, 18 Jan 2038 03:14:07 GMT"):
            with self.subTest(value):
                self.limit(value)
                self.clock.pass_by(MINUTE)
                self.restart_daemon()
                self.start = self.now()
                self.assert_refresh_fails(self.account, "RateLimited")
                self.assert_pause(DAY, DAY + HOUR)
        self.assert_renewed_within(DAY + HOUR)

    def test_429_with_absurdly_short_pauses(self):
        """As if none had been named, and no sooner."""
        for value in ("0", "-5", "soon", "1.5", "", "\u00e4".encode().decode("latin-1"),
                      "Thu, 01 Jan 1970 00:00:00 GMT"):
            with self.subTest(value):
                self.limit(value)
                self.restart_daemon()
                self.start = self.now()
                self.assert_refresh_fails(self.account, "RateLimited")
                self.assert_next_within(self.account, self.start, 10, 30)
                self.assert_served(self.account, "active", "RateLimited", self.token)
        self.assert_renewed_within(MINUTE)

    def test_wishes_are_granted_every_ten_seconds(self):
        self.sim.trouble("503@/token")
        self.sim.forget_requests()
        for _ in range(5):
            self.assert_refresh_fails(self.account, "ServerTrouble")
        self.assertEqual(len(self.refreshes()), 1)
        self.clock.pass_by(10)
        self.assert_refresh_fails(self.account, "ServerTrouble")
        self.assert_refresh_fails(self.account, "ServerTrouble")
        self.assertLessEqual(len(self.refreshes()), 3)  # the pause may have ended as well
        self.sim.trouble()
        self.clock.pass_by(10)
        self.account.refresh()
        self.await_generation(self.account, self.token.generation + 1)

    def test_wishes_after_a_success(self):
        """Who wishes again within ten seconds gets what the last wish brought."""
        for _ in range(5):
            self.account.refresh()
        self.assertEqual(self.account.generation, self.token.generation + 1)
        self.assertEqual(len(self.refreshes()), 1)
        self.clock.pass_by(11)
        self.account.refresh()
        self.assertEqual(self.account.generation, self.token.generation + 2)


if __name__ == "__main__":
    main()
