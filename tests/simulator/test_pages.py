#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pages for people, walked as a browser walks them."""

import re
import unittest
from html import unescape
from urllib.parse import urlencode

from rig import SimulatorTest


def hidden(reply, name):
    return unescape(re.search(f'name="{name}" value="([^"]*)"', reply.text)[1])


class DevicePage(SimulatorTest):
    def setUp(self):
        super().setUp()
        self.code = self.ask_device_code(device_id="device-1", device_name="<Desk>",
                                         scope="login:info", optional_scope="login:email").json

    def press(self, verdict, *ticks, user_code=None, login=None):
        return self.post("/device/decision", [
            ("user_code", user_code or self.code["user_code"]), ("verdict", verdict),
            ("login", login or self.sim.login)] + [("tick", tick) for tick in ticks])

    def test_verification_url_leads_to_it(self):
        self.assertEqual(self.code["verification_url"], self.sim.addresses["oauth"] + "/device")
        self.assertIn('name="user_code"', self.get_page("/device").text)

    def test_is_html(self):
        self.assertEqual(self.get_page("/device").headers["Content-Type"],
                         "text/html; charset=utf-8")

    def test_names_application_device_scopes_and_users(self):
        text = self.post("/device", {"user_code": self.code["user_code"]}).text
        for part in (self.app["client_id"], "&lt;Desk&gt;", "login:info", "login:email",
                     self.sim.login, "Allow", "Deny"):
            self.assertIn(part, text)

    def test_takes_the_code_in_any_case_and_with_spaces(self):
        text = self.post("/device", {"user_code": f" {self.code['user_code'].upper()} "}).text
        self.assertEqual(self.code["user_code"], re.search('user_code" value="(.*?)"', text)[1])

    def test_wrong_code_asks_again(self):
        reply = self.post("/device", {"user_code": "wrong"})
        self.assertIn("wrong, used or out of date", reply.text)

    def test_allow(self):
        self.assertEqual(self.press("allow", "login:email").status, 200)
        self.assertEqual(self.poll(self.code["device_code"]).status, 200)

    def test_an_unticked_scope_is_not_granted(self):
        self.press("allow")
        self.assertEqual(self.poll(self.code["device_code"]).json["scope"], "login:info")

    def test_deny(self):
        self.press("deny")
        self.assert_refused(self.poll(self.code["device_code"]), "access_denied")

    def test_no_second_decision(self):
        self.press("deny")
        self.assertEqual(self.press("allow").status, 400)

    def test_unknown_account(self):
        self.assertEqual(self.press("allow", login="nobody").status, 400)

    def test_expired_code(self):
        self.sim.expire_codes()
        self.assertEqual(self.press("allow").status, 400)

    def test_verification_url_knob(self):
        self.sim.knobs(verification_url="https://ya.ru/device")
        self.assertEqual(self.ask_device_code().json["verification_url"], "https://ya.ru/device")


class AuthorizationPage(SimulatorTest):
    def test_login_hint_preselects(self):
        login = self.sim.add_user("hinted-" + self.app["client_id"][:6])["login"]
        text = self.get_page("/authorize", response_type="code", client_id=self.app["client_id"],
                             login_hint=login).text
        self.assertIn(f'<option value="{login}" selected>', text)

    def test_another_account_may_be_chosen(self):
        login = self.sim.add_user("chosen-" + self.app["client_id"][:6])["login"]
        token = self.exchange(self.authorize(login=login)["code"]).json["access_token"]
        self.assertEqual(self.api("login", "/info", token).json["login"], login)

    def test_its_ticket_is_good_once(self):
        shown = self.get_page("/authorize", response_type="code", client_id=self.app["client_id"])
        form = {"ticket": hidden(shown, "ticket"), "verdict": "deny"}
        self.assertEqual(self.post("/authorize/decision", form).status, 302)
        self.assertEqual(self.post("/authorize/decision", form).status, 400)

    def test_values_are_escaped(self):
        text = self.get_page("/authorize", response_type="code", client_id=self.app["client_id"],
                             device_id="123456", device_name="<script>").text
        self.assertNotIn("<script>", text)


class ConfirmationCodePage(SimulatorTest):
    def test_shows_code_and_state(self):
        redirect = self.authorize(state="<s>")
        text = self.call("oauth", "GET", "/verification_code?" + urlencode(redirect)).text
        self.assertIn(redirect["code"], text)
        self.assertIn("&lt;s&gt;", text)

    def test_shows_why_there_is_no_code(self):
        redirect = self.authorize(allow=False)
        text = self.call("oauth", "GET", "/verification_code?" + urlencode(redirect)).text
        self.assertIn("User denied access", text)


class Elsewhere(SimulatorTest):
    def test_unknown_path(self):
        self.assertEqual(self.get_page("/elsewhere").status, 404)


if __name__ == "__main__":
    unittest.main()
