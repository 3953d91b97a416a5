#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The network and the server fail in each way they know. The valid token is served meanwhile; the daemon
tries again by itself, and a minute after the trouble is over all is well."""

from urllib.parse import urlsplit

from mood import MINUTE, MoodTest, main
from road import Road

# The first failures are followed by pauses of at most 30 s, 1 min, 2 min.
SOON = 30


class NetworkTest(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.held = self.keyring.account()
        self.sim.forget_requests()

    def assert_troubled(self, error, status=6):
        """While it lasts: the refresh fails, the token is served, nothing is lost."""
        start = self.now()
        self.assert_refresh_fails(self.account, error)
        self.assert_next_within(self.account, start, 10, SOON)
        self.assert_served(self.account, "active", error, self.token)
        self.in_time(self.assert_refused, error, self.account.get_token, force=True)
        self.in_time(self.assert_ctl_fails, status, ".", "token", "--force")
        self.assertEqual(self.keyring.account(), self.held)

    def assert_heals(self):
        """The pause goes by, and the daemon does the rest."""
        self.clock.pass_by(MINUTE)
        self.await_generation(self.account, self.token.generation + 1)
        self.await_saved(self.account)
        self.assertNotIn("sign-in-needed", self.account.told("State"))


class Connection(NetworkTest):
    """Through a road of its own, from the daemon's address to the simulator's."""

    def setUp(self):
        super().setUp()
        self.road = Road(urlsplit(self.sim.addresses["oauth"]).port)
        self.addCleanup(self.road.close)
        self.configure(f"https://localhost:{self.road.port}")

    def configure(self, address):
        self.restart_without(lambda: self.world.configure_for(self.sim, OAuthURL=address))

    def test_connection_refused(self):
        self.road.break_off()
        self.assert_troubled("Offline")
        self.assertFalse(self.client.property("Online"))
        self.assert_no_requests()
        self.road.open()
        self.assert_heals()
        self.assertTrue(self.client.property("Online"))

    def test_connection_refused_without_the_clock_being_hurried(self):
        """As above, but the pause is real."""
        self.road.break_off()
        self.assert_troubled("Offline")
        self.road.open()
        self.await_generation(self.account, self.token.generation + 1)

    def test_dns_failing(self):
        """The name cannot be resolved. It heals with the resolver as the connection does with the road;
        here, where no resolver can be had, with the configuration."""
        self.configure("https://oauth.invalid")
        self.assert_troubled("Offline")
        self.configure(f"https://localhost:{self.road.port}")
        self.account.refresh()
        self.await_generation(self.account, self.token.generation + 1)

    def test_no_sign_in_without_a_network(self):
        self.road.break_off()
        request = self.client.sign_in(client_id=self.client_id, client_secret=self.client_secret)
        self.assertEqual(request.await_error(), "Offline")
        self.road.open()
        self.assertEqual(self.sign_in().path, self.account.path)

    def test_longer_and_longer_pauses(self):
        """Doubling from 30 s, at most an hour, and never forgotten."""
        self.road.break_off()
        self.assert_refresh_fails(self.account, "Offline")
        for ceiling in [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]:
            before = self.account.get("NextRefreshAt")
            self.clock.pass_until(before)
            self.eventually(lambda n=before: self.account.get("NextRefreshAt") not in (0, n),
                            "the next attempt to be planned")
            self.assert_next_within(self.account, before, 10, ceiling)
        self.assert_served(self.account, "active", "Offline", self.token)
        self.road.open()
        self.clock.pass_by(3601)
        self.await_generation(self.account, self.token.generation + 1)


class Tls(NetworkTest):
    def assert_untrusted(self, kind):
        self.sim.knobs(certificate=kind)
        self.assert_troubled("ServerTrouble")
        self.assert_no_requests()
        self.sim.knobs(certificate="good")
        self.assert_heals()

    def test_tls_failing_by_an_expired_certificate(self):
        self.assert_untrusted("expired")

    def test_tls_failing_by_a_self_signed_certificate(self):
        self.assert_untrusted("self-signed")

    def test_tls_failing_by_a_certificate_of_somebody_else(self):
        self.assert_untrusted("wrong-name")


class Lost(NetworkTest):
    KNOBS = {"refresh_mode": "B", "old_refresh_token": "survives"}

    def test_reset_after_the_request_was_sent(self):
        """Yandex rotated and nobody heard; the old refresh token is asked with again, at once."""
        self.sim.trouble("lost@/token*1")
        self.in_time(self.account.refresh)
        self.assertEqual(len(self.refreshes()), 2)
        self.await_generation(self.account, self.token.generation + 1)

    def test_reset_after_every_request_that_was_sent(self):
        self.sim.trouble("lost@/token")
        self.assert_troubled("Offline")
        self.sim.trouble()
        self.assert_heals()

    def test_reset_before_anything_was_done(self):
        self.sim.trouble("reset-before@/token")
        self.assert_troubled("Offline")
        self.sim.trouble()
        self.assert_heals()

    def test_cut_off(self):
        self.sim.trouble("cut@/token")
        self.assert_troubled("Offline")
        self.sim.trouble()
        self.assert_heals()


class Server(NetworkTest):
    def assert_trouble_heals(self, trouble, error):
        self.sim.trouble(trouble)
        self.assert_troubled(error)
        self.sim.trouble()
        self.assert_heals()

    def test_500(self):
        self.assert_trouble_heals("500", "ServerTrouble")

    def test_502(self):
        self.assert_trouble_heals("502", "ServerTrouble")

    def test_503(self):
        self.assert_trouble_heals("503", "ServerTrouble")

    def test_captive_portal(self):
        self.assert_trouble_heals("captive", "ServerTrouble")

    def test_captive_portal_that_redirects(self):
        self.assert_trouble_heals("redirect", "ServerTrouble")
        self.assertEqual(self.sim.requests(host="plain"), [])

    def test_429_without_retry_after(self):
        self.assert_trouble_heals("429", "RateLimited")


class Expired(NetworkTest):
    """The trouble outlasts the token: there is nothing to serve, and still nothing is given up."""
    KNOBS = {"refresh_mode": "B", "refresh_after_expiry": True}

    def assert_outlasts(self, trouble, error):
        self.sim.trouble(trouble)
        self.assert_refresh_fails(self.account, error)
        self.clock.pass_until(self.token.expires_at)
        self.account.await_told("State", "expired")
        self.in_time(self.assert_refused, error, self.account.get_token)
        self.assert_denied(self.account, "expired", error, error, 6)
        self.sim.trouble()
        self.clock.pass_by(3601)
        self.await_generation(self.account, self.token.generation + 1)

    def setUp(self):
        super().setUp()
        self.sim.knobs(token_life=600)
        self.account.refresh()
        self.token = self.account.get_token()
        self.clock.pass_by(MINUTE)

    def test_offline_beyond_the_end_of_the_token(self):
        self.assert_outlasts("reset-before", "Offline")

    def test_server_trouble_beyond_the_end_of_the_token(self):
        self.assert_outlasts("503", "ServerTrouble")

    def test_429_beyond_the_end_of_the_token(self):
        self.assert_outlasts("429", "RateLimited")


if __name__ == "__main__":
    main()
