# SPDX-License-Identifier: MIT
"""What a test may turn while the simulator runs: one table, one rule for values.

A knob is set to a plain value, which holds until it is changed; or to {"value": V, "count": N},
which holds for the next N uses and then falls back to what was set before.
"""

from dataclasses import dataclass
from typing import Any, Callable

from .troubles import parse_troubles


class BadKnob(Exception):
    """An unknown knob, or a value it does not take. The message is for people."""


@dataclass(frozen=True)
class Values:
    """What a knob takes: in words, as a test, and, for the troubles, as a reader."""

    words: str
    is_good: Callable
    read: Callable = lambda value: value


def whole_number(minimum):
    return Values(f"a whole number of at least {minimum}",
                  lambda value: type(value) is int and value >= minimum)


def one_of(*choices):
    return Values(" or ".join(map(str, choices)), lambda value: value in choices)


SWITCH = Values("true or false", lambda value: type(value) is bool)
TEXT = Values("a string", lambda value: isinstance(value, str))
EXPIRY = Values("remaining, missing or any whole number",
                lambda value: value in ("remaining", "missing") or type(value) is int)
TROUBLES = Values("a list of troubles", lambda value: True, parse_troubles)


@dataclass(frozen=True)
class Knob:
    name: str
    default: Any
    values: Values
    help: str


KNOBS = (
    Knob("token_life", 31536000, whole_number(0), "seconds a new access token lives"),
    Knob("interval", 5, whole_number(0), "seconds between polls, told with the device code"),
    Knob("device_code_expires_in", 300, whole_number(0), "seconds a device code lives"),
    Knob("confirmation_code_life", 600, whole_number(0), "seconds a confirmation code lives"),
    Knob("confirmation_code", "letters", one_of("letters", "digits"),
         "shape: 16 letters and digits, or 7 digits"),
    Knob("verification_url", "", TEXT, 'page to type the user code on; "" is the own one'),
    Knob("refresh_mode", "A", one_of("A", "B", "C"),
         "A: same access token, new refresh token, remaining life; B: new access token with "
         "a full life, new refresh token; C: new access token, refresh_token field missing and "
         "the refresh token stays good"),
    Knob("old_refresh_token", "dies", one_of("dies", "survives"), "when a new one was handed out"),
    Knob("old_access_token", "dies", one_of("dies", "survives"), "when a new one was handed out"),
    Knob("refresh_after_expiry", False, SWITCH, "refresh works although the access token expired"),
    Knob("refresh_without_secret", False, SWITCH, "client_id alone is enough for a refresh"),
    Knob("expires_in", "remaining", EXPIRY,
         "told in token answers; 0, -5, 31535338 and 4294967296 are good ones"),
    Knob("refresh_token_field", "present", one_of("present", "missing", "empty"),
         "in the answer to a sign-in"),
    Knob("long_tokens", False, SWITCH, "mint tokens of 4 KiB"),
    Knob("relogin", "existing", one_of("existing", "new"),
         "signing in again on the same device_id yields the existing token, or a new one"),
    Knob("scope_conflict", "kills", one_of("kills", "keeps"),
         "signing in with other scopes kills the application's other tokens of that user"),
    Knob("device_limit", 30, whole_number(1), "tokens bound to devices per application and user"),
    Knob("denied", "access_denied", one_of("access_denied", "pending", "invalid_grant"),
         "answer to polls after the user pressed Deny"),
    Knob("slow_down", "never", one_of("never", "when-fast", "always"),
         "answer slow_down to polls: those faster than the interval, or all of them"),
    Knob("header_error_status", 401, one_of(400, 401),
         "status of the two errors about the Authorization header"),
    Knob("spurious_401_every", 0, whole_number(0),
         "every N-th Disk call with a good token gets a 401; 0: none"),
    Knob("disk_account", "ok", one_of("ok", "unsupported"), "whether users have a usable Disk"),
    Knob("certificate", "good", one_of("good", "common-name", "expired", "self-signed", "wrong-name"),
         "shown on new TLS connections"),
    Knob("trouble", [], TROUBLES, "list of troubles, see below; [] ends them"),
)
BY_NAME = {knob.name: knob for knob in KNOBS}


class Knobs:
    def __init__(self):
        self._set = {knob.name: knob.default for knob in KNOBS}
        self._next = {}

    def use(self, name):
        """The value in force, and one use of it."""
        if name not in self._next:
            return self._set[name]
        value, count = self._next[name]
        if count > 1:
            self._next[name] = (value, count - 1)
        else:
            del self._next[name]
        return value

    def update(self, wanted):
        """Sets all or, raising BadKnob, none."""
        checked = {name: self._check(name, value) for name, value in wanted.items()}
        for name, (value, count) in checked.items():
            self._next.pop(name, None)
            if count is None:
                self._set[name] = value
            else:
                self._next[name] = (value, count)

    def shown(self):
        """All of them, as update() would take them."""
        values = dict(self._set)
        for name, (value, count) in self._next.items():
            values[name] = {"value": value, "count": count}
        values["trouble"] = [trouble.shown() for trouble in self._set["trouble"]]
        return values

    @staticmethod
    def _check(name, value):
        knob = BY_NAME.get(name)
        if not knob:
            raise BadKnob(f"there is no knob {name}")
        count = None
        if isinstance(value, dict) and set(value) == {"value", "count"}:
            value, count = value["value"], value["count"]
            if type(count) is not int or count < 1 or name == "trouble":
                raise BadKnob(f"{name}: this count is not possible")
        if not knob.values.is_good(value):
            raise BadKnob(f"{name} takes {knob.values.words}")
        try:
            return knob.values.read(value), count
        except ValueError as error:
            raise BadKnob(f"{name} takes {error}") from None
