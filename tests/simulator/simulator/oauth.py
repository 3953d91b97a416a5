# SPDX-License-Identifier: MIT
"""The OAuth host as programs see it: /device/code, /token, /revoke_token.

Sources: Yandex ID docs (device flow, code flow, refresh, token invalidation); shapes of answers
from recorded traffic of public clients.
"""

import re

from . import credentials as auth
from .asking import adopt_device, read_asked
from .codes import ALLOWED, DENIED
from .http_message import FORM, json_answer, server_page
from .oauth_errors import OAuthError, invalid_grant, invalid_request
from .world import kill

PARAMETERS = {"client_id", "client_secret", "grant_type", "code", "code_verifier", "refresh_token",
              "access_token", "device_id", "device_name", "scope", "optional_scope"}
DEVICE_CODE_SHAPE = re.compile("[0-9a-f]{32}")
CONFIRMATION_CODE_SHAPE = re.compile("[0-9]{7}|[0-9a-z]{16}")


class OAuthHost:
    def __init__(self, world, knobs):
        self._world = world
        self._knobs = knobs
        self._grants = {
            "device_code": self._by_device_code,
            "authorization_code": self._by_confirmation_code,
            "refresh_token": self._by_refresh_token,
        }
        self._routes = {
            "/device/code": self._device_code,
            "/token": self._token,
            "/revoke_token": self._revoke_token,
        }

    def handle(self, request):
        """The answer, or None for a path that is not of this part."""
        endpoint = self._routes.get(request.path)
        if not endpoint:
            return None
        if request.method != "POST":
            return server_page(405, {"Allow": "POST"})
        try:
            return endpoint(request, self._read_form(request))
        except OAuthError as error:
            return error.answer()

    @staticmethod
    def _read_form(request):
        """The body's parameters, strictly: a form, nothing twice, nothing in the query instead."""
        if request.media_type() != FORM:
            raise invalid_request("the body is not a form")
        if request.body and not request.form():
            raise invalid_request("the body is malformed")
        if request.repeated_names():
            raise invalid_request(request.repeated_names()[0] + " is repeated")
        stray = [name for name, _ in request.query if name in PARAMETERS]
        if stray:
            raise invalid_request(stray[0] + " must be in the body")
        return request.form_values()

    def _credentials(self, request, form):
        return auth.read_credentials(request, form, self._knobs.use("header_error_status"))

    # POST /device/code

    def _device_code(self, request, form):
        """Needs no secret, as recorded."""
        application = auth.known_application(self._world, self._credentials(request, form))
        code = self._world.new_device_code(read_asked(form, application))
        return json_answer(200, {
            "device_code": code.device_code,
            "user_code": code.user_code,
            "verification_url": self._knobs.use("verification_url") or request.origin() + "/device",
            "interval": code.interval,
            "expires_in": self._world.clock.seconds_until(code.expires_at),
        })

    # POST /token

    def _token(self, request, form):
        credentials = self._credentials(request, form)
        grant_type = form.get("grant_type")
        if not grant_type:
            raise invalid_request("grant_type not passed")
        if grant_type not in self._grants:
            raise OAuthError("unsupported_grant_type", "grant_type is not supported")
        return self._grants[grant_type](request, form, credentials)

    def _by_device_code(self, request, form, credentials):
        application = auth.authenticated_application(self._world, credentials)
        value = required(form, "code")
        if not DEVICE_CODE_SHAPE.fullmatch(value):
            raise OAuthError("bad_verification_code", "Malformed code")
        code = self._world.device_codes.get(value)
        if not code or code.spent or code.asked.client_id != application.client_id:
            raise invalid_grant("Wrong code")
        now = self._world.clock.now()
        too_fast = code.polled(now)
        if too_fast:
            request.notes.append("polled faster than the interval")
        if now >= code.expires_at:
            raise invalid_grant("Code has expired")
        self._refuse_by_pace(too_fast)
        self._refuse_by_verdict(code)
        return self._issue(code, application, form)

    def _refuse_by_pace(self, too_fast):
        slow_down = self._knobs.use("slow_down")
        if slow_down == "always" or (slow_down == "when-fast" and too_fast):
            raise OAuthError("slow_down", "Polling too fast")

    def _refuse_by_verdict(self, code):
        if code.verdict == ALLOWED:
            return
        if code.verdict == DENIED:
            answer = self._knobs.use("denied")
            if answer == "access_denied":
                raise OAuthError("access_denied", "User denied access")
            if answer == "invalid_grant":
                raise invalid_grant("Wrong code")
        raise OAuthError("authorization_pending", "User has not yet authorized your application")

    def _by_confirmation_code(self, request, form, credentials):
        verifier = form.get("code_verifier", "")
        application = self._confirm_client(credentials, verifier)
        value = required(form, "code")
        if not CONFIRMATION_CODE_SHAPE.fullmatch(value):
            raise OAuthError("bad_verification_code", "Malformed code")
        code = self._world.confirmation_codes.get(value)
        if not code or code.spent or code.asked.client_id != application.client_id:
            raise invalid_grant("Wrong code")
        if self._world.clock.now() >= code.expires_at:
            raise invalid_grant("Code has expired")
        if (code.challenge or verifier) and not code.verifier_matches(verifier):
            raise invalid_grant("Wrong code_verifier")
        self._world.mint.remember("code_verifier", verifier)
        return self._issue(code, application, form)

    def _confirm_client(self, credentials, verifier):
        """With PKCE the verifier stands in for the secret; a secret that is sent must be right."""
        if verifier and not credentials.client_secret:
            return auth.known_application(self._world, credentials)
        return auth.authenticated_application(self._world, credentials)

    def _issue(self, code, application, form):
        if not set(code.consent.scopes) <= set(application.scopes):
            raise OAuthError("invalid_scope", "The scope of the client has changed")
        adopt_device(code.asked, form)
        code.spent = True
        grant = self._world.issue(code.asked, code.consent)
        return self._token_answer(grant, self._knobs.use("refresh_token_field"))

    def _by_refresh_token(self, request, form, credentials):
        if self._knobs.use("refresh_without_secret") and not credentials.client_secret:
            application = auth.known_application(self._world, credentials)
        else:
            application = auth.authenticated_application(self._world, credentials)
        token = required(form, "refresh_token")
        grant = self._world.grant_by_refresh(token)
        if not grant or grant.client_id != application.client_id:
            raise invalid_grant("Wrong refresh token")
        if not self._world.may_refresh(grant, token):
            raise invalid_grant("Refresh token has expired")
        mode = self._world.refresh(grant)
        return self._token_answer(grant, "missing" if mode == "C" else "present")

    def _token_answer(self, grant, refresh_token_field):
        fields = {"access_token": grant.access_token(), "token_type": "bearer"}
        told = self._knobs.use("expires_in")
        if told == "remaining":
            fields["expires_in"] = self._world.clock.seconds_until(grant.expires_at)
        elif told != "missing":
            fields["expires_in"] = told
        if refresh_token_field != "missing":
            is_present = refresh_token_field == "present"
            fields["refresh_token"] = grant.refresh_token() if is_present else ""
        if grant.narrowed:
            fields["scope"] = " ".join(grant.scopes)
        return json_answer(200, fields)

    # POST /revoke_token

    def _revoke_token(self, request, form):
        application = auth.authenticated_application(self._world, self._credentials(request, form))
        token = required(form, "access_token")
        grant = self._world.grant_by_access(token)
        if not grant or grant.client_id != application.client_id:
            raise invalid_grant("Token does not belong to the client")
        if grant.is_alive(self._world.clock.now()) and token in grant.usable_access:
            if not grant.device_id:
                raise OAuthError("unsupported_token_type", "Token was issued without device_id")
            kill([grant], "revoked")
        return json_answer(200, {"status": "ok"})


def required(form, name):
    value = form.get(name)
    if not value:
        raise invalid_request(name + " not passed")
    return value
