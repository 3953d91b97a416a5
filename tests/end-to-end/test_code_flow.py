#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signing in by the code that a browser ends with, with and without a secret, and every way to get it
wrong."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

from rig import EndToEndTest, main

PAGE = "/verification_code"


class CodeFlowTest(EndToEndTest):
    def begin(self, secret=True, app=None, **given):
        app = app or self.app
        if secret:
            given["client_secret"] = app["client_secret"]
        request = self.client.sign_in(client_id=app["client_id"], flow="code", **given)
        request.prompt()
        return request

    @staticmethod
    def url_of(request):
        return request.prompt()["authorization_url"]

    def allowed(self, request, login=None):
        """What the browser is redirected with."""
        return self.sim.authorize(self.url_of(request), login)

    def address(self, parameters):
        return f"{self.sim.addresses['oauth']}{PAGE}?{urlencode(parameters)}"

    def sign_in_by_code(self, login=None, **given):
        request = self.begin(**given)
        request.submit(self.allowed(request, login)["code"])
        return request.await_account()

    def exchanges(self):
        return self.sim.requests(path="/token", grant_type="authorization_code")

    def assert_nothing_stored(self):
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(self.client.manager("ListApplications")[0], [])

    def assert_ends(self, request, error, pattern="."):
        self.assertEqual(request.await_error(), error)
        self.assertRegex(request.await_end()[1]["message"], pattern)
        self.assertEqual(len(request.ends()), 1)


class TheWay(CodeFlowTest):
    def test_with_a_secret(self):
        account = self.sign_in_by_code()
        self.assertEqual(account.get("Login"), "ivan")
        self.assertEqual(account.state, "active")
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])
        self.assertEqual(self.client.manager("ListApplications")[0], [self.client_id])
        account.refresh()
        self.assertTrue(account.sign_out()["revoked"])

    def test_without_a_secret(self):
        self.sim.knobs(refresh_without_secret=True)
        account = self.sign_in_by_code(secret=False)
        self.assertEqual(self.client.manager("ListApplications")[0], [])
        self.assertEqual(len(self.keyring.ours()), 1)
        account.refresh()
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        for request in self.sim.requests(path="/token"):
            self.assertNotIn("client_secret", request["form"])

    def test_the_address_says_all(self):
        account = self.sign_in(label="work")
        request = self.begin(scopes=["cloud_api:disk.read", "cloud_api:disk.write"])
        prompt = request.prompt()
        self.assertEqual(set(prompt), {"authorization_url", "expires_at"})
        parts = urlsplit(prompt["authorization_url"])
        oauth = self.sim.addresses["oauth"]
        self.assertEqual(f"{parts.scheme}://{parts.netloc}{parts.path}", oauth + "/authorize")
        query = parse_qs(parts.query, strict_parsing=True)
        self.assertEqual(query["response_type"], ["code"])
        self.assertEqual(query["client_id"], [self.client_id])
        self.assertEqual(query["redirect_uri"], [oauth + PAGE])
        self.assertEqual(query["scope"], ["cloud_api:disk.read cloud_api:disk.write"])
        self.assertEqual(query["code_challenge_method"], ["S256"])
        self.assertEqual(query["device_id"], [self.live_grant()["device_id"]])
        self.assertRegex(query["code_challenge"][0], r"\A[A-Za-z0-9_-]{43}\Z")
        self.assertRegex(query["state"][0], r"\A[A-Za-z0-9_-]{43}\Z")
        self.assertNotIn("login_hint", query)
        self.assertEqual(account.state, "active")

    def test_any_shape_of_code(self):
        for shape in ("letters", "digits"):
            self.sim.knobs(confirmation_code=shape)
            request = self.begin()
            request.submit(f"  {self.allowed(request)['code']}\n")
            request.await_account()

    def test_the_whole_address(self):
        request = self.begin()
        parameters = self.allowed(request)
        self.assertIn("cid", parameters)
        request.submit(self.address(parameters))
        self.assertEqual(request.await_account().get("Login"), "ivan")

    def test_as_it_is_pasted(self):
        """Out of mails, messengers and documents."""
        for before, after in (('"', '"\n'), ("«", "»"), ("\ufeff\u00a0", "\u200b")):
            request = self.begin()
            request.submit(before + self.allowed(request)["code"] + after)
            request.await_account()
        request = self.begin()
        request.submit(f"<{self.address(self.allowed(request))}>")
        request.await_account()

    def test_the_same_user_again(self):
        account = self.sign_in()
        self.sim.kill_tokens(client_id=self.client_id)
        self.assertEqual(self.sign_in_by_code().path, account.path)
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])


class WithoutSecret(CodeFlowTest):
    """Yandex lets nobody renew without one."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in_by_code(secret=False)
        self.token = self.account.get_token()
        self.assert_refused("AppRefused", self.account.refresh)

    def assert_cured(self):
        self.account.await_is("State", "active")
        self.assertEqual(self.account.last_error, "")
        self.assertEqual(self.account.get_token().value, self.live_grant()["access_token"])
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_the_tokens_are_kept(self):
        self.assertEqual(self.account.state, "app-refused")
        self.assertEqual(self.account.get_token(), self.token)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])

    def test_the_application_is_added(self):
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.account.await_is("Generation", self.token.generation + 1)
        self.assert_cured()

    def test_signed_in_again_with_the_secret(self):
        self.assertEqual(self.sign_in_by_code().path, self.account.path)
        self.assert_cured()
        self.assertEqual(self.client.manager("ListApplications")[0], [self.client_id])

    def test_signed_in_by_device_code_with_the_secret(self):
        self.assertEqual(self.sign_in_on_a_device().path, self.account.path)
        self.assert_cured()

    def test_signed_out(self):
        outcome = self.account.sign_out()
        self.assertFalse(outcome["revoked"])
        self.assertRegex(outcome["reason"], "without the secret.*data-access")
        self.assert_nothing_stored()


class Refused(CodeFlowTest):
    def test_denied_by_the_user(self):
        request = self.begin()
        request.submit(self.address(self.sim.authorize(self.url_of(request), allow=False)))
        self.assert_ends(request, "AccessDenied")
        self.assertEqual(self.exchanges(), [])
        self.assert_nothing_stored()

    def test_a_blocked_application(self):
        self.sim.block_application(self.client_id)
        request = self.begin()
        request.submit(self.address(self.allowed(request)))
        self.assert_ends(request, "AppRefused")
        self.assert_nothing_stored()

    def test_the_state_of_another_sign_in(self):
        first, second = self.begin(), self.begin()
        parameters = self.allowed(first)
        self.assert_refused("AccessDenied", second.submit, self.address(parameters))
        for wrong in ({"state": "x"}, {"state": ""}):
            self.assert_refused("AccessDenied", second.submit,
                                self.address(parameters | wrong))
        self.assertEqual(self.exchanges(), [])
        self.assertEqual((first.ends(), second.ends()), ([], []))
        self.assert_nothing_stored()

    def test_the_code_of_another_sign_in(self):
        """Somebody talks the user into pasting a code of his own: it is of another challenge."""
        victim, stranger = self.begin(), self.begin()
        victim.submit(self.allowed(stranger)["code"])
        self.assert_ends(victim, "Expired", "start the sign-in again")
        self.assert_nothing_stored()

    def test_a_used_code(self):
        first = self.begin()
        code = self.allowed(first)["code"]
        first.submit(code)
        self.assert_refused("InvalidArgs", first.submit, code)
        account = first.await_account()
        token = account.get_token()
        second = self.begin()
        second.submit(code)
        self.assert_ends(second, "Expired")
        self.assertEqual(len(self.exchanges()), 2)
        self.assertEqual([a.path for a in self.client.accounts()], [account.path])
        self.assertEqual(account.get_token(), token)

    def test_an_expired_code(self):
        request = self.begin()
        code = self.allowed(request)["code"]
        self.sim.expire_codes()
        request.submit(code)
        self.assert_ends(request, "Expired", "too old")
        self.assert_nothing_stored()

    def test_a_made_up_code(self):
        for code in ("1234567", "what is this!", "й" * 40):
            request = self.begin()
            request.submit(code)
            self.assert_ends(request, "Expired")
        self.assert_nothing_stored()

    def test_a_tampered_challenge(self):
        """As if the verifier were another: the browser is sent off with a challenge of somebody else."""
        for secret in (True, False):
            request = self.begin(secret)
            url = re.sub("code_challenge=[^&]*", "code_challenge=" + "A" * 43, self.url_of(request))
            request.submit(self.sim.authorize(url)["code"])
            self.assert_ends(request, "Expired")
        self.assert_nothing_stored()

    def test_no_challenge_at_all(self):
        request = self.begin()
        url = re.sub("&code_challenge.*", "", self.url_of(request))
        request.submit(self.sim.authorize(url)["code"])
        self.assert_ends(request, "Expired")
        self.assert_nothing_stored()

    def test_a_wrong_secret(self):
        app = self.app | {"client_secret": "wrong"}
        request = self.begin(app=app)
        request.submit(self.allowed(request)["code"])
        self.assert_ends(request, "AppRefused")
        self.assert_nothing_stored()

    def test_a_lost_answer(self):
        self.sim.trouble("lost@/token*1")
        request = self.begin()
        request.submit(self.allowed(request)["code"])
        self.assert_ends(request, "Offline", "one try")
        self.assertEqual(len(self.exchanges()), 1)
        self.assert_nothing_stored()

    def test_what_is_no_code(self):
        request = self.begin()
        for text in ("", "\n", "https://oauth.yandex.ru/", self.address({"cid": "1"}),
                     self.address({"code": "1"}) + "%", "x" * 4097):
            self.assert_refused("InvalidArgs", request.submit, text)
        self.assertEqual(request.ends(), [])
        request.submit(self.allowed(request)["code"])
        request.await_account()


if __name__ == "__main__":
    main()
