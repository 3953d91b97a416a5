#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every kind of trouble, and how far each one reaches."""

import http.client
import ssl
import time
import unittest
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from rig import WAIT, Reply, SimulatorTest
from simulator_client import FORM_HEADERS, ControlError

BROKEN = (ConnectionError, http.client.HTTPException, OSError)


class Troubles(SimulatorTest):
    def setUp(self):
        super().setUp()
        self.token = self.sign_in()
        self.sim.forget_requests()

    def refreshed(self):
        return self.refresh(self.token["refresh_token"])

    def was_rotated(self):
        return self.sim.grants(client_id=self.app["client_id"])[0]["refresh_token"] \
            != self.token["refresh_token"]

    # Answers of a server in trouble

    def test_5xx_with_an_html_page(self):
        for status in (500, 502, 503):
            self.sim.trouble(str(status))
            reply = self.refreshed()
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (status, "text/html"))
            self.assertIn(f"<h1>{status} ", reply.text)
        self.assertFalse(self.was_rotated())

    def test_429_without_retry_after(self):
        self.sim.trouble("429")
        reply = self.refreshed()
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (429, None))

    def test_429_with_seconds(self):
        self.sim.trouble({"kind": "429-seconds", "seconds": 120})
        self.assertEqual(self.refreshed().headers["Retry-After"], "120")

    def test_429_with_a_date(self):
        self.sim.trouble({"kind": "429-date", "seconds": 3600})
        ahead = parsedate_to_datetime(self.refreshed().headers["Retry-After"]).timestamp()
        self.assertGreater(ahead, time.time() + 3000)

    def test_empty_body(self):
        self.sim.trouble("empty")
        reply = self.refreshed()
        self.assertEqual((reply.status, reply.body), (200, b""))

    def test_truncated_json(self):
        self.sim.trouble("truncated-json")
        reply = self.refreshed()
        self.assertTrue(reply.body.startswith(b'{"access_token": "y0_'))
        self.assertRaises(ValueError, lambda: reply.json)
        self.assertEqual(int(reply.headers["Content-Length"]), len(reply.body))
        self.assertTrue(self.was_rotated())

    def test_cut(self):
        self.sim.trouble("cut")
        self.assertRaises(http.client.IncompleteRead, self.refreshed)
        self.assertTrue(self.was_rotated())

    def test_captive_portal(self):
        self.sim.trouble("captive")
        reply = self.refreshed()
        self.assertEqual((reply.status, reply.headers["Content-Type"]),
                         (200, "text/html; charset=utf-8"))
        self.assertFalse(self.was_rotated())

    def test_redirect_to_the_plain_listener(self):
        self.sim.trouble("redirect")
        reply = self.refreshed()
        self.assertEqual((reply.status, reply.headers["Location"]),
                         (302, self.sim.addresses["plain"] + "/token"))

    def test_redirect_elsewhere(self):
        self.sim.trouble({"kind": "redirect", "location": "https://elsewhere.example/"})
        self.assertEqual(self.refreshed().headers["Location"], "https://elsewhere.example/")

    # A network in trouble

    def test_slow(self):
        self.sim.trouble({"kind": "slow", "seconds": 0.01})
        self.assertEqual(self.refreshed().status, 200)
        self.assertEqual(self.sim.requests(path="/token")[0]["trouble"], "slow")

    def test_a_slow_request_is_seen_before_it_is_answered(self):
        self.sim.trouble({"kind": "slow", "seconds": 3600})
        connection = self.open_connection()
        self.addCleanup(connection.close)
        connection.request("POST", "/token", "grant_type=x",
                           {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(len(self.sim.wait("/token")), 1)

    def begin_held(self):
        """A refresh that was done and whose answer is kept back; returns the connection."""
        connection = self.open_connection()
        self.addCleanup(connection.close)
        seen = len(self.sim.requests(path="/token"))
        connection.request("POST", "/token", urlencode(
            {"grant_type": "refresh_token", "refresh_token": self.token["refresh_token"],
             **self.credentials()}), FORM_HEADERS)
        self.sim.wait("/token", count=seen + 1, trouble="held")
        return connection

    def assert_silent(self, connection):
        """The control API has answered since, and this has not."""
        connection.sock.settimeout(0)
        self.assertRaises(ssl.SSLWantReadError, connection.sock.recv, 1)
        connection.sock.settimeout(WAIT)

    def test_held(self):
        self.sim.trouble("held@/token")
        connection = self.begin_held()
        self.assertTrue(self.was_rotated())
        self.assert_silent(connection)
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(Reply(connection.getresponse()).json["token_type"], "bearer")

    def test_what_is_held_outlives_the_trouble(self):
        self.sim.trouble("held@/token")
        connection = self.begin_held()
        self.sim.trouble()
        self.assertEqual(self.refreshed().status, 400)
        self.assert_silent(connection)
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(Reply(connection.getresponse()).status, 200)

    def test_what_comes_later_is_held_anew(self):
        self.assertEqual(self.sim.let_go(), 0)
        self.sim.trouble("held@/token")
        early = [self.begin_held(), self.begin_held()]
        self.assertEqual(self.sim.let_go(), 2)
        self.assertEqual([Reply(c.getresponse()).status for c in early], [200, 400])
        late = self.begin_held()
        self.assert_silent(late)
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(Reply(late.getresponse()).status, 400)

    def test_drip(self):
        self.sim.trouble({"kind": "drip", "seconds": 0.0001})
        self.assertEqual(self.refreshed().json["token_type"], "bearer")

    def test_reset_before_anything_is_done(self):
        self.sim.trouble("reset-before")
        self.assertRaises(BROKEN, self.refreshed)
        self.assertFalse(self.was_rotated())
        self.assertIsNone(self.sim.requests(path="/token")[0]["status"])

    def test_lost_answer(self):
        self.sim.trouble("lost")
        self.assertRaises(BROKEN, self.refreshed)
        self.assertTrue(self.was_rotated())

    def test_reset_before_anything_is_read(self):
        self.sim.trouble("reset-accept*1")
        self.assertRaises(BROKEN, self.refreshed)
        self.assertEqual(self.sim.requests(), [])
        self.assertEqual(self.refreshed().status, 200)

    # How far

    def test_until_changed(self):
        self.sim.trouble("503")
        self.assertEqual([self.refreshed().status for _ in range(3)], [503] * 3)
        self.sim.trouble()
        self.assertEqual(self.refreshed().status, 200)

    def test_for_the_next_two(self):
        self.sim.trouble("503*2")
        self.assertEqual([self.refreshed().status for _ in range(3)], [503, 503, 200])

    def test_on_one_path(self):
        self.sim.trouble("503@/info")
        self.assertEqual(self.refreshed().status, 200)
        self.assertEqual(self.api("login", "/info", self.token["access_token"]).status, 503)

    def test_on_one_host(self):
        self.sim.trouble({"kind": "503", "host": "disk"})
        self.assertEqual(self.refreshed().status, 200)
        self.assertEqual(self.probe(self.token["access_token"]), 503)

    def test_for_one_grant_type(self):
        self.sim.trouble({"kind": "503", "grant_type": "refresh_token"})
        self.assertEqual(self.poll("0" * 32).status, 400)
        self.assertEqual(self.refreshed().status, 503)

    def test_one_after_the_other(self):
        self.sim.trouble("502*1", "429*1")
        self.assertEqual([self.refreshed().status for _ in range(3)], [502, 429, 200])

    def test_the_work_may_be_done_first(self):
        self.sim.trouble({"kind": "502", "after_effect": True})
        self.assertEqual(self.refreshed().status, 502)
        self.assertTrue(self.was_rotated())

    def test_nonsense_is_refused(self):
        for trouble in ("no-such-kind", {"kind": "502", "count": 0}, {"kind": "502", "path": 1},
                        {"path": "/token"}, {"kind": "502", "colour": "red"}, "502*many",
                        "reset-accept@/token", None):
            with self.assertRaises(ControlError):
                self.sim.trouble(trouble)


if __name__ == "__main__":
    unittest.main()
