#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The wall clock is wrong, is set, and goes on without us.

The daemon's clock is its own here, see Clock: its libraries see it too, so TLS finds certificates
outdated, or not yet valid, as it does on a machine whose clock is wrong. The machine's clock stays as it
is, for others; that the kernel tells of its steps is not shown."""

import os
import signal

from mood import DAY, HOUR, MINUTE, YEAR, MoodTest, main

SINCE_1970 = -50 * YEAR


class ClockTest(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.obtained = self.account.get("ObtainedAt")
        self.sim.forget_requests()

    def assert_planned(self):
        """As if nothing had happened: a year's token is renewed between day 75 and 90."""
        self.assertGreaterEqual(self.account.get("NextRefreshAt"), self.obtained + 60 * DAY)
        self.assertLessEqual(self.account.get("NextRefreshAt"), self.obtained + 90 * DAY)

    def assert_corrected(self):
        """The clock is right again: whatever was wrong is over, by itself and without a sign-in."""
        self.clock.set(0)
        self.await_well(self.account)
        token = self.account.get_token()
        self.assert_served(self.account, "active", "", token)
        self.assertEqual(token.value, self.live_grant()["access_token"])
        self.assertNotIn("sign-in-needed", self.account.told("State"))
        self.assertLessEqual(abs(self.account.get("ObtainedAt") - self.obtained), 2 * MINUTE)
        self.obtained = self.account.get("ObtainedAt")
        self.assert_planned()
        self.await_saved(self.account)


class Steps(ClockTest):
    def test_stepped_a_day_ahead(self):
        """Nothing is due, and nothing is asked."""
        self.clock.set(DAY)
        self.assert_planned()
        self.assert_served(self.account, "active", "", self.token)
        self.assert_corrected()
        self.assert_nothing_asked()

    def test_stepped_a_day_back(self):
        """The token seems to come from the future, so that its life is not known: a new one is wanted,
        but the server's certificate does not hold yet either."""
        self.clock.set(-DAY)
        self.await_error(self.account, "ServerTrouble")
        self.assert_served(self.account, "active", "ServerTrouble", self.token)
        self.assert_corrected()

    def test_stepped_a_year_ahead(self):
        """The token seems to be over, and so does the server's certificate."""
        self.clock.set(YEAR + DAY)
        self.account.await_told("State", "expired")
        self.await_error(self.account, "ServerTrouble")
        self.assert_denied(self.account, "expired", "ServerTrouble", "ServerTrouble", 6)
        self.assert_corrected()

    def test_stepped_a_year_back(self):
        self.clock.set(-YEAR)
        self.await_error(self.account, "ServerTrouble")
        self.assert_served(self.account, "active", "ServerTrouble", self.token)
        self.assert_corrected()

    def test_stepped_to_and_fro(self):
        for ahead in (YEAR, -YEAR, DAY, -DAY, 20 * YEAR, SINCE_1970, HOUR, -HOUR):
            self.clock.set(ahead)
        self.assert_corrected()

    def test_corrected_by_some_seconds(self):
        """As every machine's clock is now and then: no reason to go to Yandex."""
        for ahead in (5, -5, 600, -600, 0):
            self.clock.set(ahead)
            self.assert_served(self.account, "active", "", self.token)
            self.assert_planned()
        self.assert_nothing_asked()

    def test_stepped_over_the_due_time(self):
        """A token of an hour, and the clock goes to its 57th minute."""
        self.sim.knobs(token_life=HOUR)
        self.clock.pass_by(MINUTE)
        self.account.refresh()
        self.clock.set(self.clock.ahead + 57 * MINUTE)
        self.await_generation(self.account, self.token.generation + 2)


class Boot(ClockTest):
    """A machine without a battery comes up in 1970, and learns the time later."""

    def come_up(self, ahead):
        self.assertEqual(self.daemon.stop(), 0)
        self.clock.turn(ahead)
        self.start_daemon()

    def test_1970_at_boot_then_corrected(self):
        self.come_up(SINCE_1970)
        self.assertLess(self.now(), 10 * YEAR)
        self.await_error(self.account, "ServerTrouble")
        self.assert_served(self.account, "active", "ServerTrouble", self.token)
        self.assert_next_within(self.account, 0, 10, self.now())
        self.assert_corrected()

    def test_1970_at_boot_and_no_sign_in_yet(self):
        """Nobody is told that he is signed out, nor that his sign-in was refused."""
        self.come_up(SINCE_1970)
        request = self.client.sign_in(client_id=self.client_id, client_secret=self.client_secret)
        self.assertEqual(request.await_error(), "ServerTrouble")
        self.assert_corrected()

    def test_the_future_at_boot_then_corrected(self):
        self.come_up(20 * YEAR)
        self.await_error(self.account, "ServerTrouble")
        self.assert_denied(self.account, "expired", "ServerTrouble", "ServerTrouble", 6)
        self.assert_corrected()


class Suspend(ClockTest):
    """The machine sleeps: the daemon stands still while the wall clock goes on, and the kernel tells of a
    step when it goes on itself."""
    KNOBS = {"refresh_mode": "B", "token_life": HOUR}

    def sleep(self, seconds):
        os.kill(self.daemon.pid, signal.SIGSTOP)
        self.sim.advance(seconds)
        self.clock.set_while_stopped(self.clock.ahead + seconds)

    def wake_up(self):
        os.kill(self.daemon.pid, signal.SIGCONT)

    def test_suspend_across_the_due_time(self):
        self.sleep(57 * MINUTE)
        asked = self.client.begin_get_token(min_valid=10 * MINUTE)
        self.wake_up()
        self.await_generation(self.account, self.token.generation + 1)
        self.assertEqual(asked.result().value, self.account.get_token().value)
        self.assertEqual(len(self.refreshes()), 1)

    def test_suspend_before_the_due_time(self):
        self.sleep(30 * MINUTE)
        self.wake_up()
        self.assert_served(self.account, "active", "", self.token)
        self.assert_nothing_asked()
        self.assertGreaterEqual(self.account.get("NextRefreshAt"), self.obtained + 40 * MINUTE)
        self.assertLessEqual(self.account.get("NextRefreshAt"), self.obtained + 55 * MINUTE)

    def test_suspend_across_the_end_of_the_token(self):
        """Who asks before anything else happens does not get what is over."""
        self.sim.knobs(refresh_after_expiry=True)
        self.sleep(2 * HOUR)
        asked = self.client.begin_get_token()
        self.wake_up()
        self.assertNotEqual(asked.result().value, self.token.value)
        self.await_generation(self.account, self.token.generation + 1)

    def test_suspend_beyond_what_yandex_allows(self):
        """The refresh token died with the access token. That is a death, and is told as one."""
        self.sleep(2 * HOUR)
        self.wake_up()
        self.account.await_told("State", "sign-in-needed")
        self.assert_denied(self.account, "sign-in-needed", "SignInNeeded", "SignInNeeded", 4)

    def test_resume_ends_a_pause(self):
        self.sim.trouble("reset-before@/token")
        self.assert_refresh_fails(self.account, "Offline")
        self.sim.trouble()
        self.sleep(11)
        self.wake_up()
        self.await_generation(self.account, self.token.generation + 1)
        self.assertLess(self.account.get("LastRefreshAt"), self.obtained + 40 * MINUTE)


if __name__ == "__main__":
    main()
