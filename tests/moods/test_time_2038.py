#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Beyond 19 January 2038, where seconds since 1970 leave 31 bits behind."""

import os
import time

from mood import DAY, YEAR, MoodTest, main
from rig import Simulator
from rig.clock import preloaded

BORDER = 2 ** 31


class Expiry(MoodTest):
    def assert_tokens_of(self, seconds):
        account = self.sign_in()
        expires_at = account.get("ExpiresAt")
        self.assertGreater(expires_at, BORDER)
        self.assertAlmostEqual(expires_at, time.time() + seconds, delta=60)
        token = account.get_token()
        self.assertEqual(token.expires_at, expires_at)
        self.assertEqual(self.keyring.account()["grant"]["expires_at"], expires_at)
        self.assertGreaterEqual(account.get("NextRefreshAt"), account.get("ObtainedAt") + 75 * DAY)
        self.assertLessEqual(account.get("NextRefreshAt"), account.get("ObtainedAt") + 90 * DAY)
        self.restart_daemon()
        self.assert_served(account, "active", "", token)
        account.refresh()
        self.assertGreater(account.get("ExpiresAt"), BORDER)

    def test_expiry_after_2038(self):
        self.sim.knobs(token_life=20 * YEAR)
        self.assert_tokens_of(20 * YEAR)

    def test_expiry_after_more_than_32_bits(self):
        """More than a hundred years are taken for a hundred."""
        self.sim.knobs(token_life=2 ** 32 + YEAR)
        self.assert_tokens_of(100 * YEAR)


class World(MoodTest):
    """All live after 2038, Yandex and its certificates as well, but not the test, which so cannot sign in by a
    browser."""
    CLOCK = True
    AHEAD = BORDER - int(time.time()) + YEAR

    @classmethod
    def start_simulator(cls):
        """One of its own."""
        sim = Simulator(interval=1)
        cls.addClassCleanup(sim.stop)
        os.environ.update(preloaded(cls.AHEAD))
        try:
            sim.start()
        finally:
            for name in preloaded(0):
                del os.environ[name]
        return sim

    def test_a_life_after_2038(self):
        account = self.sign_in_on_a_device()
        self.assertGreater(account.get("ObtainedAt"), BORDER)
        self.assert_served(account, "active", "", account.get_token())
        self.clock.pass_by(25 * DAY)
        account.refresh()
        self.assertEqual(account.generation, 2)
        self.assertGreater(account.get("LastRefreshAt"), BORDER + YEAR)
        self.restart_daemon()
        self.assert_served(account, "active", "", account.get_token())
        self.assertIn("active", self.ctl("status").out)

    def test_the_day_itself(self):
        """A token from before, renewed behind it."""
        account = self.sign_in_on_a_device()
        self.clock.set(BORDER - int(time.time()) - DAY)
        self.clock.set(self.AHEAD)
        self.await_well(account)
        self.assert_served(account, "active", "", account.get_token())


if __name__ == "__main__":
    main()
