#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What each error of POST /token becomes when a token is renewed."""

import json

from rig import EndToEndTest, main
from rig.language import make, speaking

RUSSIAN = "ru_RU.UTF-8"

SPACED = ("Basic auth required", "Malformed Authorization header")

# status, error: the D-Bus error, the state of the account. Names of section "Errors" of Yandex' pages
# first, then those of RFC 8628, then what is in no list.
ROWS = [
    (400, "authorization_pending", "ServerTrouble", "active"),
    (400, "bad_verification_code", "ServerTrouble", "active"),
    (400, "invalid_client", "AppRefused", "app-refused"),
    (401, "invalid_client", "AppRefused", "app-refused"),
    (400, "invalid_grant", "SignInNeeded", "sign-in-needed"),
    (401, "invalid_grant", "SignInNeeded", "sign-in-needed"),
    (400, "invalid_request", "ServerTrouble", "active"),
    (400, "invalid_scope", "ServerTrouble", "active"),
    (400, "unauthorized_client", "AppRefused", "app-refused"),
    (400, "unsupported_grant_type", "ServerTrouble", "active"),
    (400, SPACED[0], "ServerTrouble", "active"),
    (401, SPACED[0], "ServerTrouble", "active"),
    (400, SPACED[1], "ServerTrouble", "active"),
    (401, SPACED[1], "ServerTrouble", "active"),
    (400, "slow_down", "ServerTrouble", "active"),
    (400, "access_denied", "ServerTrouble", "active"),
    (400, "expired_token", "ServerTrouble", "active"),
    (400, "Invalid_Grant", "Refused", "active"),
    (400, "something new", "Refused", "active"),
    (200, "invalid_grant", "ServerTrouble", "active"),
    (403, "invalid_grant", "ServerTrouble", "active"),
    (404, "invalid_grant", "ServerTrouble", "active"),
    (500, "invalid_grant", "ServerTrouble", "active"),
    (502, "invalid_client", "ServerTrouble", "active"),
    (503, None, "ServerTrouble", "active"),
    (504, None, "ServerTrouble", "active"),
    (403, None, "ServerTrouble", "active"),
    (429, None, "RateLimited", "active"),
    (429, "invalid_grant", "RateLimited", "active"),
]

CTL_STATUS = {"ServerTrouble": 6, "RateLimited": 6, "AppRefused": 7, "Refused": 7, "SignInNeeded": 4}


class RefreshErrors(EndToEndTest):
    def assert_row(self, account, status, error, name, state):
        before, token, held = account.all(), account.get_token(), self.keyring.account()
        self.sim.script_answer("/token", grant_type="refresh_token", status=status,
                               headers={"Content-Type": "application/json"},
                               body=json.dumps({"error": error, "error_description": "\x1b[31m!"})
                               if error else "<html>")
        self.sim.forget_requests()
        told = self.assert_refused(name, account.refresh)
        self.assertNotIn("\x1b", told.message)
        self.assertEqual(account.state, state)
        self.assertEqual(account.last_error, name)
        self.assertEqual(len(self.refreshes()), 1)

        if state == "sign-in-needed":
            self.assert_refused(name, account.get_token)
            self.assertEqual(account.get("NextRefreshAt"), 0)
        else:
            self.assertEqual(account.get_token(), token)
            self.assertGreater(account.get("NextRefreshAt"), 0)
            self.assertEqual(account.generation, before["Generation"])
        self.assert_ctl_fails(CTL_STATUS[name], ".", "refresh")
        self.assertEqual(self.keyring.account()["grant"], held["grant"])

    def test_rows(self):
        account = self.sign_in()
        for row in ROWS:
            with self.subTest(row):
                self.sim.forget_answers()
                self.world.restart_daemon()
                self.assert_row(account, *row)
            if row[3] == "sign-in-needed":
                again = self.sign_in()
                self.assertEqual(again.path, account.path)
            self.assertNotEqual(account.state, "sign-in-needed")
            if row[3] == "app-refused":
                self.world.restart_daemon()
                account.refresh()
            self.assertEqual(account.state, "active")

    def test_an_error_that_is_not_known_is_named(self):
        account = self.sign_in()
        self.sim.script_answer("/token", grant_type="refresh_token", status=403,
                               headers={"Content-Type": "application/json"}, body='{"error": "account_suspended"}')
        named = r"does not know \(account_suspended\); check at"
        self.assert_ctl_fails(7, named, "refresh")
        make(RUSSIAN)
        self.assertRegex(self.ctl("refresh", **speaking(RUSSIAN)).err,
                         r"не знает \(account_suspended\); проверьте на https://id\.yandex\.ru, ")
        self.assertRegex(self.ctl("status").out, "Trouble: .*account_suspended")
        self.assertEqual(self.ctl("status", "--check").status, 7)
        checked = self.ctl("doctor")
        self.assertEqual(checked.status, 7)
        self.assertRegex(checked.out, named)
        self.assertNotIn("Everything works", checked.out)
        self.assertEqual(self.ctl("token").out, account.get_token().value + "\n")

    def test_a_verdict_outlives_the_daemon(self):
        account = self.sign_in()
        self.sim.kill_tokens(client_id=self.client_id)
        self.assert_refused("SignInNeeded", account.refresh)
        self.world.restart_daemon()
        self.sim.forget_requests()
        self.assertEqual(account.state, "sign-in-needed")
        self.assert_refused("SignInNeeded", account.get_token)
        self.assert_ctl_fails(4, "yadiskctl login", "token")
        self.assertEqual(self.sim.requests(), [])

    def test_a_changed_password(self):
        account = self.sign_in()
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", account.refresh)
        account.await_told("State", "sign-in-needed")
        self.assertNotEqual(self.keyring.account()["grant"]["refresh_token"], "")
        self.assertEqual(self.sign_in().path, account.path)
        self.assertEqual(account.state, "active")
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])

    def test_a_blocked_application_and_its_return(self):
        account = self.sign_in()
        token = account.get_token()
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", account.refresh)
        self.assertEqual(account.state, "app-refused")
        self.assertEqual(account.get_token(), token)
        self.sim.unblock_application(self.client_id)
        self.world.restart_daemon()
        self.assertEqual(account.state, "app-refused")
        account.refresh()
        self.assertEqual(account.state, "active")

    def test_an_application_that_awaits_moderation(self):
        account = self.sign_in()
        self.sim.application(client_id=self.client_id, status="moderation")
        self.assert_refused("AppRefused", account.refresh)

    def test_a_changed_client_secret_is_healed_by_the_new_one(self):
        account = self.sign_in()
        self.sim.application(client_id=self.client_id, client_secret="n" * 32)
        self.assert_refused("AppRefused", account.refresh)
        self.client.manager("AddApplication", "(ss)", self.client_id, "n" * 32)
        account.await_is("State", "active")

    def test_pause_that_the_server_names(self):
        account = self.sign_in()
        self.sim.trouble({"kind": "429-seconds", "path": "/token", "seconds": 3600})
        self.assert_refused("RateLimited", account.refresh)
        self.sim.trouble()
        self.sim.forget_requests()
        self.assert_refused("RateLimited", account.refresh)
        self.assertEqual(self.refreshes(), [])
        self.assertGreaterEqual(account.get("NextRefreshAt"),
                                account.get("ObtainedAt") + 3600)
        self.assertEqual(account.get_token().generation, account.generation)


class Expired(EndToEndTest):
    KNOBS = {"refresh_mode": "B", "token_life": 3, "refresh_after_expiry": True}

    def test_an_expired_token_is_never_served(self):
        self.sim.trouble()
        account = self.sign_in()
        self.sim.trouble({"kind": "503", "path": "/token"})
        account.await_told("State", "expired")
        self.assert_refused("ServerTrouble", account.get_token)
        self.assert_ctl_fails(6, "try again later", "token")


if __name__ == "__main__":
    main()
