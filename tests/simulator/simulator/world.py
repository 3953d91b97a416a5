# SPDX-License-Identifier: MIT
"""Users, applications and grants: all that Yandex remembers. No HTTP here.

Two sentences rule the grants. An application has one token per user, or one per user and
device_id; and an access token and its refresh token live and die together.
"""

import math
import secrets
import time
from dataclasses import dataclass, field

from .codes import ALLOWED, DENIED, ConfirmationCode, Consent, DeviceCode
from .mint import Mint

DEFAULT_SCOPES = ("cloud_api:disk.info", "cloud_api:disk.read", "cloud_api:disk.write",
                  "cloud_api:disk.app_folder", "yadisk:disk", "login:info", "login:email",
                  "login:avatar", "login:birthday", "login:default_phone")
APPLICATION_STATUSES = ("active", "blocked", "moderation")

# Seconds between a token being minted and its life being told, with much to spare.
ANSWERING = 0.1


class Clock:
    """The wall clock, and a way to make a year pass."""

    def __init__(self):
        self._ahead = 0

    def now(self):
        return time.time() + self._ahead

    def advance(self, seconds):
        self._ahead += seconds

    def seconds_until(self, moment):
        """Whole seconds, rounded down; but the time an answer takes does not cost a whole one."""
        return math.floor(moment - self.now() + ANSWERING)


@dataclass
class User:
    login: str
    uid: str


@dataclass
class Application:
    client_id: str
    client_secret: str
    scopes: tuple
    redirect_uris: tuple = ()
    status: str = "active"


@dataclass
class Grant:
    """Tokens of one user, one application and at most one device.

    access_tokens and refresh_tokens hold every value ever given out for it, the newest last. An
    older one may still be good, that is what the two "usable" sets say.
    """

    client_id: str
    login: str
    scopes: tuple
    narrowed: bool
    device_id: str
    device_name: str
    expires_at: float
    access_tokens: list = field(default_factory=list)
    refresh_tokens: list = field(default_factory=list)
    usable_access: set = field(default_factory=set)
    usable_refresh: set = field(default_factory=set)
    death: str = ""

    def access_token(self):
        return self.access_tokens[-1]

    def refresh_token(self):
        return self.refresh_tokens[-1]

    def is_alive(self, now):
        return not self.death and now < self.expires_at


def kill(grants, reason):
    for grant in grants:
        grant.death = grant.death or reason


class World:
    def __init__(self, knobs, clock):
        self.knobs = knobs
        self.clock = clock
        self.mint = Mint()
        self.users = {}
        self.applications = {}
        self.grants = []
        self.device_codes = {}
        self.authorizations = {}
        self.confirmation_codes = {}
        self._by_access = {}
        self._by_refresh = {}

    # Users and applications

    def shown(self):
        return {"users": [vars(user) for user in self.users.values()],
                "applications": [vars(application) for application in self.applications.values()]}

    def add_user(self, login, uid=None):
        user = User(login, str(uid or 1130000000000000 + secrets.randbelow(10 ** 9)))
        self.users[login] = user
        return user

    def add_application(self, client_id=None, client_secret=None, scopes=None):
        secret = client_secret or self.mint.client_secret()
        self.mint.remember("client_secret", secret)
        application = Application(client_id or secrets.token_hex(16), secret,
                                  tuple(scopes or DEFAULT_SCOPES))
        self.applications[application.client_id] = application
        return application

    def change_secret(self, application, secret=None):
        application.client_secret = secret or self.mint.client_secret()
        self.mint.remember("client_secret", application.client_secret)

    def change_scopes(self, application, scopes):
        """Kills the application's tokens, as the docs say."""
        application.scopes = tuple(scopes)
        self.kill_grants("the scopes of the application changed", client_id=application.client_id)

    def remove_application(self, client_id):
        del self.applications[client_id]
        self.kill_grants("the application was deleted", client_id=client_id)

    # Grants

    def grant_by_access(self, token):
        return self._by_access.get(token)

    def grant_by_refresh(self, token):
        return self._by_refresh.get(token)

    def grant_accepted(self, token):
        """The grant behind an access token that an API takes, or None."""
        grant = self._by_access.get(token)
        if not grant or token not in grant.usable_access or not grant.is_alive(self.clock.now()):
            return None
        application = self.applications.get(grant.client_id)
        return grant if application and application.status == "active" else None

    def select_grants(self, **fields):
        return [grant for grant in self.grants
                if all(getattr(grant, name) == value for name, value in fields.items())]

    def kill_grants(self, reason, **fields):
        victims = [grant for grant in self.select_grants(**fields) if not grant.death]
        kill(victims, reason)
        return victims

    def issue(self, asked, consent):
        """Signs in: the grant that is there already, or a new one."""
        everything = self.select_grants(client_id=asked.client_id, login=consent.login)
        alive = [grant for grant in everything if grant.is_alive(self.clock.now())]
        others = [grant for grant in alive if set(grant.scopes) != set(consent.scopes)]
        same = [grant for grant in alive
                if grant not in others and grant.device_id == asked.device_id]
        if self.knobs.use("scope_conflict") == "kills":
            kill(others, "the same application signed in with other scopes")
        if self.knobs.use("relogin") == "existing" and same:
            same[-1].narrowed = consent.is_narrower_than(asked)
            return same[-1]
        kill(same, "the same device signed in again")
        if asked.device_id:
            self._make_room_for_a_device([grant for grant in alive if not grant.death])
        return self._new_grant(asked, consent)

    def _make_room_for_a_device(self, alive):
        on_devices = [grant for grant in alive if grant.device_id]
        excess = len(on_devices) + 1 - self.knobs.use("device_limit")
        kill(on_devices[:max(excess, 0)], "too many devices")

    def _new_grant(self, asked, consent):
        grant = Grant(client_id=asked.client_id, login=consent.login, scopes=consent.scopes,
                      narrowed=consent.is_narrower_than(asked),
                      device_id=asked.device_id, device_name=asked.device_name, expires_at=0)
        self.grants.append(grant)
        self._new_access_token(grant)
        self._new_refresh_token(grant)
        return grant

    def _new_access_token(self, grant):
        if self.knobs.use("old_access_token") == "dies":
            grant.usable_access.clear()
        token = self.mint.access_token(self.knobs.use("long_tokens"))
        grant.access_tokens.append(token)
        grant.usable_access.add(token)
        grant.expires_at = self.clock.now() + self.knobs.use("token_life")
        self._by_access[token] = grant

    def _new_refresh_token(self, grant):
        if self.knobs.use("old_refresh_token") == "dies":
            grant.usable_refresh.clear()
        token = self.mint.refresh_token(self.knobs.use("long_tokens"))
        grant.refresh_tokens.append(token)
        grant.usable_refresh.add(token)
        self._by_refresh[token] = grant

    def refresh(self, grant):
        """One refresh, in the mode the knob says. Returns the mode that was in force."""
        mode = self.knobs.use("refresh_mode")
        if mode in ("B", "C") or not grant.is_alive(self.clock.now()):
            self._new_access_token(grant)
        if mode in ("A", "B"):
            self._new_refresh_token(grant)
        return mode

    def may_refresh(self, grant, token):
        if grant.death or token not in grant.usable_refresh:
            return False
        return grant.is_alive(self.clock.now()) or self.knobs.use("refresh_after_expiry")

    # Codes

    def new_device_code(self, asked):
        code = DeviceCode(self.mint.device_code(), self.mint.user_code(), asked,
                          interval=self.knobs.use("interval"),
                          expires_at=self.clock.now() + self.knobs.use("device_code_expires_in"))
        self.device_codes[code.device_code] = code
        return code

    def pending_device_codes(self):
        return [code for code in self.device_codes.values() if code.is_pending(self.clock.now())]

    def find_pending(self, user_code=None):
        """The pending code with this user code; without one, the newest. None if there is none."""
        found = [code for code in self.pending_device_codes()
                 if user_code is None or code.user_code == user_code.strip().lower()]
        return found[-1] if found else None

    def allow(self, code, login, scopes=None):
        code.verdict = ALLOWED
        code.consent = Consent(login, code.asked.everything() if scopes is None else tuple(scopes))

    def deny(self, code):
        code.verdict = DENIED

    def new_confirmation_code(self, authorization, consent):
        digits = self.knobs.use("confirmation_code") == "digits"
        code = ConfirmationCode(self.mint.confirmation_code(digits), authorization.asked, consent,
                                self.clock.now() + self.knobs.use("confirmation_code_life"),
                                authorization.challenge, authorization.challenge_method)
        self.confirmation_codes[code.code] = code
        return code
