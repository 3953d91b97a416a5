#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Scripted answers: word for word, in order, with or without the real work."""

import base64
import http.client
import unittest

from rig import SimulatorTest
from simulator_client import ControlError


class Scripts(SimulatorTest):
    def setUp(self):
        super().setUp()
        self.token = self.sign_in()

    def refreshed(self):
        return self.refresh(self.token["refresh_token"])

    def was_rotated(self):
        return self.sim.grants(client_id=self.app["client_id"])[0]["refresh_token"] \
            != self.token["refresh_token"]

    def test_status_headers_and_body(self):
        self.sim.script_answer("/token", status=418, headers={"X-Tea": "yes"}, body="чай")
        reply = self.refreshed()
        self.assertEqual((reply.status, reply.headers["X-Tea"], reply.text), (418, "yes", "чай"))
        self.assertEqual(reply.headers["Content-Type"], "application/json")

    def test_another_content_type(self):
        self.sim.script_answer("/token", headers={"Content-Type": "text/plain"})
        self.assertEqual(self.refreshed().headers["Content-Type"], "text/plain")

    def test_any_bytes(self):
        self.sim.script_answer("/token", body_base64=base64.b64encode(b"\xff\x00").decode())
        self.assertEqual(self.refreshed().body, b"\xff\x00")

    def test_the_work_is_not_done(self):
        self.sim.script_answer("/token", status=500)
        self.refreshed()
        self.assertFalse(self.was_rotated())

    def test_the_work_is_done_first(self):
        self.sim.script_answer("/token", status=500, after_effect=True)
        self.assertEqual(self.refreshed().status, 500)
        self.assertTrue(self.was_rotated())

    def test_in_order_then_real_again(self):
        self.sim.script_answer("/token", status=501, count=2)
        self.sim.script_answer("/token", status=502)
        self.assertEqual([self.refreshed().status for _ in range(4)], [501, 501, 502, 200])

    def test_on_their_path_only(self):
        self.sim.script_answer("/device/code", status=501)
        self.assertEqual(self.refreshed().status, 200)
        self.assertEqual(self.sim.answers_left(), 1)

    def test_for_their_grant_type_only(self):
        self.sim.script_answer("/token", status=501, grant_type="refresh_token")
        self.assertEqual(self.poll("0" * 32).status, 400)
        self.assertEqual(self.refreshed().status, 501)

    def test_truncated(self):
        self.sim.script_answer("/token", body="0123456789", truncate_at=4)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.refreshed()
        self.assertEqual(caught.exception.partial, b"0123")

    def test_delayed_and_dripped(self):
        self.sim.script_answer("/token", body="late", delay_ms=5, drip_ms=1)
        self.assertEqual(self.refreshed().body, b"late")

    def test_reset(self):
        self.sim.script_answer("/token", reset=True, after_effect=True)
        self.assertRaises((OSError, http.client.HTTPException), self.refreshed)
        self.assertTrue(self.was_rotated())

    def test_they_go_before_troubles(self):
        self.sim.trouble("503")
        self.sim.script_answer("/token", status=501)
        self.assertEqual([self.refreshed().status for _ in range(2)], [501, 503])

    def test_they_can_be_forgotten(self):
        self.sim.script_answer("/token", status=501)
        self.sim.forget_answers()
        self.assertEqual(self.refreshed().status, 200)

    def test_nonsense_is_refused(self):
        for answer in ({"count": 0}, {"status": 99}, {"colour": "red"}, {"body": 1},
                       {"body_base64": "%"}, {"truncate_at": "x"}):
            with self.assertRaises(ControlError):
                self.sim.script_answer("/token", **answer)


if __name__ == "__main__":
    unittest.main()
