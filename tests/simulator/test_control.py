#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The side door: the journal, the ledger of secrets, waiting, knobs, the clock, and wrong calls."""

import json
import threading
import time
import unittest
from email.utils import parsedate_to_datetime

from loopback import connection_to
from rig import SimulatorTest
from simulator_client import ControlError


class Journal(SimulatorTest):
    def test_an_entry(self):
        self.poll("0" * 32)
        entry, = self.sim.requests()
        self.assertEqual((entry["host"], entry["method"], entry["path"], entry["status"]),
                         ("oauth", "POST", "/token", 400))
        self.assertEqual(entry["form"], {"grant_type": "device_code", "code": "0" * 32,
                                         **self.credentials()})

    def test_headers_of_interest(self):
        self.poll("0" * 32, self.basic())
        self.assertEqual(self.sim.requests()[0]["headers"]["authorization"],
                         self.basic()["Authorization"])

    def test_repeated_parameters_show(self):
        self.post("/token", "a=1&a=2")
        self.assertEqual(self.sim.requests()[0]["repeated"], ["a"])

    def test_query_shows(self):
        self.probe("y0_wrong")
        self.assertEqual(self.sim.requests(host="disk")[0]["query"], {"fields": "status"})

    def test_selection(self):
        self.sim.forget_requests()
        self.refresh("1:wrong")
        self.poll("0" * 32)
        self.probe("y0_wrong")
        self.assertEqual(len(self.sim.requests(path="/token")), 2)
        self.assertEqual(len(self.sim.requests(path="/token", grant_type="refresh_token")), 1)
        self.assertEqual(len(self.sim.requests(status=401)), 1)
        self.assertEqual(len(self.sim.requests(method="GET")), 1)

    def test_numbers_rise_and_go_on(self):
        self.probe("y0_wrong")
        first = self.sim.requests()[0]["number"]
        self.sim.forget_requests()
        self.probe("y0_wrong")
        self.assertEqual(self.sim.requests()[0]["number"], first + 1)

    def test_the_plain_listener_records(self):
        connection = connection_to(self.sim.addresses["plain"])
        self.addCleanup(connection.close)
        connection.request("POST", "/token", headers={"Authorization": "OAuth leaked"})
        connection.getresponse().read()
        entry, = self.sim.requests(host="plain")
        self.assertEqual(entry["headers"]["authorization"], "OAuth leaked")


class Secrets(SimulatorTest):
    def test_everything_minted_is_there(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        token = self.poll(code["device_code"]).json
        confirmation = self.authorize()["code"]
        for secret in (code["device_code"], code["user_code"], token["access_token"],
                       token["refresh_token"], confirmation, self.app["client_secret"]):
            self.assertIn(secret, self.sim.secrets())

    def test_rotated_tokens_stay(self):
        self.sim.knobs(refresh_mode="B")
        old = self.sign_in()
        new = self.refresh(old["refresh_token"]).json
        for answer in (old, new):
            self.assertIn(answer["access_token"], self.sim.secrets("access_token"))
            self.assertIn(answer["refresh_token"], self.sim.secrets("refresh_token"))

    def test_accepted_basic_credentials_but_no_wrong_ones(self):
        good, wrong = self.basic(), self.basic(client_secret="wrong")
        self.poll("0" * 32, good)
        self.poll("0" * 32, wrong)
        known = self.sim.secrets("basic_credentials")
        self.assertIn(good["Authorization"].split()[1], known)
        self.assertNotIn(wrong["Authorization"].split()[1], known)

    def test_secrets_chosen_by_the_test(self):
        self.sim.application(client_id=self.app["client_id"], client_secret="chosen by the test")
        self.assertIn("chosen by the test", self.sim.secrets("client_secret"))


class Waiting(SimulatorTest):
    def in_background(self, call, *arguments, **keywords):
        """Starts a call that will be held, and returns what joins it and yields its result."""
        results = []
        thread = threading.Thread(target=lambda: results.append(call(*arguments, **keywords)))
        thread.start()

        def result():
            thread.join()
            return results[0]
        return result

    def test_wait_returns_at_once_for_what_was_seen(self):
        self.probe("y0_wrong")
        self.assertEqual(len(self.sim.wait("/v1/disk/operations/0000")), 1)

    def test_wait_is_woken_by_the_last_one(self):
        seen = self.in_background(self.sim.wait, "/token", 2, grant_type="refresh_token")
        self.poll("0" * 32)
        self.refresh("1:wrong")
        self.refresh("1:wrong")
        self.assertEqual(len(seen()), 2)

    def test_wait_times_out(self):
        with self.assertRaises(TimeoutError):
            self.sim.wait("/never", timeout=0.01)

    def test_wait_pending_is_woken(self):
        self.sim.expire_codes()
        pending = self.in_background(self.sim.wait_pending)
        code = self.ask_device_code().json
        self.assertEqual(pending()["user_code"], code["user_code"])

    def test_wait_pending_times_out(self):
        self.sim.expire_codes()
        with self.assertRaises(TimeoutError):
            self.sim.wait_pending(timeout=0.01)


class People(SimulatorTest):
    def test_allow_takes_the_newest(self):
        older, newer = self.ask_device_code().json, self.ask_device_code().json
        self.assertEqual(self.sim.allow()["user_code"], newer["user_code"])
        self.assertEqual(self.sim.allow()["user_code"], older["user_code"])

    def test_deny_takes_the_newest(self):
        code = self.ask_device_code().json
        self.assertEqual(self.sim.deny()["user_code"], code["user_code"])

    def test_allow_without_a_pending_code(self):
        self.sim.expire_codes()
        with self.assertRaises(ControlError):
            self.sim.allow()

    def test_allow_of_an_unknown_user(self):
        self.ask_device_code()
        with self.assertRaises(ControlError):
            self.sim.allow(login="nobody")

    def test_allow_of_scopes_nobody_asked_for(self):
        self.ask_device_code(scope="login:info")
        with self.assertRaises(ControlError):
            self.sim.allow(scopes=["login:email"])

    def test_expire_in_some_seconds(self):
        token = self.sign_in()
        self.sim.expire_tokens(in_seconds=560, client_id=self.app["client_id"])
        self.assertIn(self.refresh(token["refresh_token"]).json["expires_in"], range(550, 561))

    def test_expire_the_tokens_of_one_user(self):
        token = self.sign_in()
        self.sim.expire_tokens(login="nobody")
        self.assertEqual(self.probe(token["access_token"]), 404)


class Knobs(SimulatorTest):
    def test_a_partial_update(self):
        before = self.sim.knobs()
        self.assertEqual(self.sim.knobs(interval=9), {**before, "interval": 9})

    def test_a_bad_one_spoils_all(self):
        before = self.sim.knobs()
        for bad in ({"no_such_knob": 1}, {"interval": -1}, {"interval": "5"}, {"interval": True},
                    {"refresh_mode": "D"}, {"long_tokens": 1}, {"expires_in": "soon"},
                    {"verification_url": None}, {"interval": {"value": 1, "count": 0}}):
            with self.assertRaises(ControlError):
                self.sim.knobs(token_life=77, **bad)
        self.assertEqual(self.sim.knobs(), before)

    def test_for_the_next_uses(self):
        self.sim.knobs(interval={"value": 60, "count": 2})
        self.assertEqual(self.sim.knobs()["interval"], {"value": 60, "count": 2})
        intervals = [self.ask_device_code().json["interval"] for _ in range(3)]
        self.assertEqual(intervals, [60, 60, 5])

    def test_code_lives(self):
        self.sim.knobs(device_code_expires_in=600, confirmation_code_life=1)
        self.assertEqual(self.ask_device_code().json["expires_in"], 600)
        code = self.authorize()["code"]
        self.sim.advance(1)
        self.assert_refused(self.exchange(code), "invalid_grant")

    def test_what_is_shown_can_be_set_again(self):
        self.sim.trouble("502@/token*3", {"kind": "slow", "seconds": 2})
        shown = self.sim.knobs()
        self.assertEqual(self.sim.knobs(**shown), shown)


class Anew(SimulatorTest):
    def test_nothing_is_left(self):
        addresses, before, knobs = self.sim.addresses, self.sim.state(), self.sim.knobs()
        self.sim.knobs(token_life=7, certificate="expired")
        self.sim.trouble("held")
        self.sim.script_answer("/token")
        self.sim.advance(86400)
        self.sim.add_user("maria")
        self.sim.begin_anew()

        self.assertEqual(self.sim.knobs(), knobs)
        self.assertEqual(self.sim.answers_left(), 0)
        self.assertEqual(self.sim.requests(), [])
        state = self.sim.state()
        self.assertLess(abs(state["now"] - time.time()), 3600)
        self.assertEqual([user["login"] for user in state["users"]], ["ivan"])
        self.assertEqual(state["applications"], self.sim.applications)
        self.assertNotIn(self.sim.client_id, [app["client_id"] for app in before["applications"]])
        self.assertEqual((state["grants"], state["device_codes"]), ([], []))
        self.assertEqual(self.sim.addresses, addresses)
        self.assertEqual(self.ask_device_code(client_id=self.sim.client_id).status, 200)


class Clock(SimulatorTest):
    def told(self, header, reply):
        return parsedate_to_datetime(reply.headers[header]).timestamp()

    def test_every_host_tells_it(self):
        for seconds in (-7 * 86400, 14 * 86400):
            self.sim.advance(seconds)
            now = self.sim.state()["now"]
            self.assertGreater(abs(now - time.time()), 86400)
            for reply in (self.ask_device_code(), self.api("login", "/info", "y0_wrong"),
                          self.api("disk", "/v1/disk", "y0_wrong")):
                self.assertLess(abs(self.told("Date", reply) - now), 3600)

    def test_a_wait_until_a_date_goes_by_it(self):
        self.sim.advance(86400)
        self.sim.trouble({"kind": "429-date", "seconds": 60})
        reply = self.ask_device_code()
        ahead = self.told("Retry-After", reply) - self.told("Date", reply)
        self.assertGreater(ahead, 0)
        self.assertLessEqual(ahead, 60)

    def test_a_script_may_tell_another(self):
        date = "Sun, 06 Nov 1994 08:49:37 GMT"
        self.sim.script_answer("/device/code", headers={"Date": date})
        self.assertEqual(self.ask_device_code().headers.get_all("Date"), [date])


class WrongCalls(SimulatorTest):
    def control(self, method, path, body):
        connection = connection_to(self.sim.addresses["control"])
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def test_each_is_answered_with_a_sentence(self):
        for method, path, body, status in (
                ("PUT", "/knobs", "not JSON", 400), ("PUT", "/knobs", "[]", 400),
                ("GET", "/elsewhere", None, 404), ("GET", "/wait?count=x", None, 400),
                ("POST", "/allow", '{"login": 5}', 400), ("POST", "/allow", '{"name": "x"}', 400),
                ("POST", "/expire", '{"what": "all"}', 400), ("POST", "/users", "{}", 400),
                ("POST", "/users/nobody/kill-tokens", None, 404),
                ("POST", "/applications", '{"status": "sold"}', 400),
                ("POST", "/applications", '{"client_id": "x", "remove": true}', 404)):
            with self.subTest(f"{method} {path} {body}"):
                answered, value = self.control(method, path, body)
                self.assertEqual((answered, set(value)), (status, {"error"}))


if __name__ == "__main__":
    unittest.main()
