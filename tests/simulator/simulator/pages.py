# SPDX-License-Identifier: MIT
"""The OAuth host as people see it: typing the user code, Allow and Deny, the confirmation code.

Source: Yandex ID docs, device flow and code flow pages; the extra cid parameter of the redirect
from recorded traffic of public clients.
"""

import secrets
from urllib.parse import urlencode, urlsplit

from . import page_html as html
from .asking import read_asked
from .codes import Authorization, Consent
from .http_message import redirect_answer
from .oauth_errors import OAuthError

STATE_LENGTH = 1024
CHALLENGE_METHODS = ("plain", "S256")
OUT_OF_DATE = "This code is wrong, used or out of date."


class Pages:
    def __init__(self, world):
        self._world = world
        self._routes = {
            ("GET", "/device"): self._ask_user_code,
            ("POST", "/device"): self._show_device_consent,
            ("POST", "/device/decision"): self._decide_device,
            ("GET", "/authorize"): self._show_authorization,
            ("POST", "/authorize/decision"): self._decide_authorization,
            ("GET", "/verification_code"): self._show_confirmation_code,
        }

    def handle(self, request):
        """The answer, or None for what is not a page."""
        route = self._routes.get((request.method, request.path))
        return route(request) if route else None

    # Device flow

    def _ask_user_code(self, request):
        return html.enter_code_page(request.query_value("user_code"))

    def _show_device_consent(self, request):
        code = self._world.find_pending(request.form_values().get("user_code", ""))
        if not code:
            return html.enter_code_page(complaint=OUT_OF_DATE)
        return html.consent_page("/device/decision", {"user_code": code.user_code}, code.asked,
                                 self._world.users)

    def _decide_device(self, request):
        form = request.form_values()
        code = self._world.find_pending(form.get("user_code", ""))
        if not code:
            return html.message_page("Too late", OUT_OF_DATE, 400)
        if form.get("verdict") != "allow":
            self._world.deny(code)
            return html.message_page("Denied", "The application gets no access.")
        consent = self._read_consent(request, code.asked)
        if not consent:
            return html.message_page("No such account", "Choose an account of the list.", 400)
        self._world.allow(code, consent.login, consent.scopes)
        return html.message_page("Done", "You can go back to the device now.")

    def _read_consent(self, request, asked):
        login = request.form_values().get("login")
        if login not in self._world.users:
            return None
        ticked = [value for name, value in request.form() if name == "tick"]
        return Consent(login, asked.scopes + tuple(s for s in asked.optional if s in ticked))

    # Code flow

    def _show_authorization(self, request):
        application = self._world.applications.get(request.query_value("client_id"))
        if not application:
            return html.message_page("Unknown application", "There is no such client_id.", 400)
        redirect_uri = self._redirect_uri(request, application)
        state = request.query_value("state")
        try:
            authorization = self._read_authorization(request, application, redirect_uri, state)
        except OAuthError as error:
            return redirect(redirect_uri, state, {"error": error.error,
                                                  "error_description": error.description})
        self._world.authorizations[authorization.ticket] = authorization
        return html.consent_page("/authorize/decision", {"ticket": authorization.ticket},
                                 authorization.asked, self._world.users, authorization.login_hint)

    @staticmethod
    def _redirect_uri(request, application):
        """Exactly a registered one, or the first of them whatever was asked for."""
        registered = application.redirect_uris or (request.origin() + "/verification_code",)
        wanted = request.query_value("redirect_uri")
        return wanted if wanted in registered else registered[0]

    def _read_authorization(self, request, application, redirect_uri, state):
        if application.status != "active":
            raise OAuthError("unauthorized_client", "The application is blocked or not moderated")
        if request.query_value("response_type") != "code":
            raise OAuthError("invalid_request", "response_type must be code")
        if len(state) > STATE_LENGTH:
            raise OAuthError("invalid_request", "state is too long")
        challenge = request.query_value("code_challenge")
        method = request.query_value("code_challenge_method", "plain")
        if challenge and method not in CHALLENGE_METHODS:
            raise OAuthError("invalid_request", "code_challenge_method is not supported")
        return Authorization(self._world.mint.page_ticket(),
                             read_asked(dict(request.query), application), redirect_uri, state,
                             challenge, method, request.query_value("login_hint"))

    def _decide_authorization(self, request):
        form = request.form_values()
        authorization = self._world.authorizations.pop(form.get("ticket", ""), None)
        if not authorization:
            return html.message_page("Too late", "This page was used already.", 400)
        if form.get("verdict") != "allow":
            return redirect(authorization.redirect_uri, authorization.state,
                            {"error": "access_denied", "error_description": "User denied access"})
        consent = self._read_consent(request, authorization.asked)
        if not consent:
            return html.message_page("No such account", "Choose an account of the list.", 400)
        code = self._world.new_confirmation_code(authorization, consent)
        return redirect(authorization.redirect_uri, authorization.state,
                        {"code": code.code, "cid": secrets.token_hex(13)})

    def _show_confirmation_code(self, request):
        if request.query_value("error"):
            return html.message_page("No access", request.query_value("error_description"))
        return html.confirmation_code_page(request.query_value("code"),
                                           request.query_value("state"))


def redirect(uri, state, parameters):
    if state:
        parameters["state"] = state
    separator = "&" if urlsplit(uri).query else "?"
    return redirect_answer(uri + separator + urlencode(parameters))
