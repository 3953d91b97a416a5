# SPDX-License-Identifier: MIT
"""What goes wrong between a server that works and a client that wants to know.

An Intervention stands between a request and its answer. Some keep the request from ever reaching
the handler; the others let the real work be done first ("after_effect") and spoil the answer.
"""

from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from typing import Callable, Optional

from .http_message import HTML, Answer, redirect_answer, server_page

HALF = -1
CAPTIVE_PAGE = b"""<!DOCTYPE html>
<html><head><title>Free Wi-Fi</title></head>
<body><h1>Welcome!</h1><form action="/accept"><button>Go online</button></form></body></html>
"""


@dataclass
class Delivery:
    """How an answer travels. Times are seconds; cut_at counts bytes of the body, or is HALF; what is
    held does not set out before it is let go."""

    delay: float = 0.0
    drip: float = 0.0
    cut_at: Optional[int] = None
    reset: bool = False
    held: bool = False


@dataclass
class Intervention:
    """What a trouble or a script does to one request. An answer replaces the real one."""

    name: str
    after_effect: bool
    answer: Optional[Answer] = None
    delivery: Delivery = field(default_factory=Delivery)
    halve_body: bool = False

    def apply(self, real):
        """(answer, delivery); real is None where the handler was not asked."""
        answer = self.answer or real or Answer(200)
        if self.halve_body:
            answer.body = answer.body[:len(answer.body) // 2]
        return answer, self.delivery


@dataclass(frozen=True)
class Kind:
    """One row of the table: when it strikes, the answer it gives, the way it delivers. answer
    gets the seconds and the location of the trouble and what the clock says, delivery the seconds."""

    after_effect: bool
    help: str
    answer: Callable = lambda seconds, location, now: None
    delivery: Callable = lambda seconds: Delivery()
    seconds: float = 0
    halve_body: bool = False


def failing(status):
    return lambda seconds, location, now: server_page(status)


def retry_after_seconds(seconds, location, now):
    return server_page(429, {"Retry-After": str(int(seconds))})


def retry_after_date(seconds, location, now):
    return server_page(429, {"Retry-After": formatdate(now + seconds, usegmt=True)})


def resetting(seconds):
    return Delivery(reset=True)


KINDS = {
    "500": Kind(False, "Internal Server Error with an HTML page", failing(500)),
    "502": Kind(False, "Bad Gateway with an HTML page", failing(502)),
    "503": Kind(False, "Service Unavailable with an HTML page", failing(503)),
    "429": Kind(False, "Too Many Requests without Retry-After", failing(429)),
    "429-seconds": Kind(False, "429 with Retry-After: SECONDS (7)", retry_after_seconds, seconds=7),
    "429-date": Kind(False, "429 with Retry-After: an HTTP date SECONDS (7) ahead",
                     retry_after_date, seconds=7),
    "empty": Kind(False, "200 with an empty body", lambda seconds, location, now: Answer(200)),
    "truncated-json": Kind(True, "half of the JSON, with a Content-Length that fits the half",
                           halve_body=True),
    "cut": Kind(True, "half of the body, then the connection closes",
                delivery=lambda seconds: Delivery(cut_at=HALF)),
    "slow": Kind(True, "the answer comes after SECONDS (1)",
                 delivery=lambda seconds: Delivery(delay=seconds), seconds=1),
    "held": Kind(True, "the answer comes when POST /let-go says so",
                 delivery=lambda seconds: Delivery(held=True)),
    "drip": Kind(True, "the answer comes byte by byte, SECONDS (0.01) between two",
                 delivery=lambda seconds: Delivery(drip=seconds), seconds=0.01),
    "reset-accept": Kind(False, "the connection is reset after the TLS handshake, nothing is read"),
    "reset-before": Kind(False, "the connection is reset before anything is done",
                         delivery=resetting),
    "lost": Kind(True, "the connection is reset instead of an answer", delivery=resetting),
    "redirect": Kind(False, "302 to LOCATION; default: the plain listener, same path",
                     lambda seconds, location, now: redirect_answer(location)),
    "captive": Kind(False, "200 with the HTML page of a captive portal",
                    lambda seconds, location, now: Answer(200, CAPTIVE_PAGE, HTML)),
}


@dataclass
class Trouble:
    """One kind of trouble, for some requests. None means any, or until changed."""

    kind: str
    path: Optional[str] = None
    host: Optional[str] = None
    grant_type: Optional[str] = None
    count: Optional[int] = None
    seconds: Optional[float] = None
    location: Optional[str] = None
    after_effect: Optional[bool] = None

    def shown(self):
        return {name: value for name, value in asdict(self).items() if value is not None}

    def intervention(self, default_location, now):
        kind = KINDS[self.kind]
        after_effect = kind.after_effect if self.after_effect is None else self.after_effect
        seconds = kind.seconds if self.seconds is None else self.seconds
        return Intervention(self.kind, after_effect,
                            kind.answer(seconds, self.location or default_location, now),
                            kind.delivery(seconds), kind.halve_body)


def parse_troubles(value):
    """A list of objects or of "KIND[@PATH][*COUNT]", or one of these without the list."""
    items = value if isinstance(value, list) else [value]
    return [parse_trouble(item) for item in items]


def parse_trouble(item):
    if type(item) is int:
        item = str(item)
    if isinstance(item, str):
        rest, _, count = item.partition("*")
        kind, _, path = rest.partition("@")
        item = {"kind": kind, "path": path or None, "count": count_of(count)}
    if not isinstance(item, dict) or not set(item) <= set(Trouble.__dataclass_fields__):
        raise ValueError("objects with " + ", ".join(Trouble.__dataclass_fields__))
    trouble = Trouble(**{"kind": "", **item})
    if trouble.kind not in KINDS:
        raise ValueError("the kinds " + ", ".join(KINDS))
    if trouble.kind == "reset-accept" and (trouble.path or trouble.grant_type):
        raise ValueError("no path and no grant_type with reset-accept, for nothing is read")
    check_types(trouble, path=str, host=str, grant_type=str, location=str, count=int,
                seconds=(int, float), after_effect=bool)
    if trouble.count is not None and trouble.count < 1:
        raise ValueError("a count of at least 1")
    return trouble


def count_of(digits):
    if digits and not digits.isdecimal():
        raise ValueError("a number behind the *")
    return int(digits) if digits else None


def check_types(item, **types):
    for name, wanted in types.items():
        value = getattr(item, name)
        if value is not None and not isinstance(value, wanted):
            raise ValueError(f"no {name} such as {value!r}")


def take_trouble(troubles, request):
    """The first trouble that concerns this request, and one use of it."""
    return take_first(troubles, lambda trouble: trouble.kind != "reset-accept"
                      and concerns(trouble, request))


def take_accept_trouble(troubles, host):
    """The same for a connection that was just made."""
    return take_first(troubles, lambda trouble: trouble.kind == "reset-accept"
                      and trouble.host in (None, host))


def concerns(condition, request):
    """Whether the host, path and grant_type of a trouble or script, None meaning any, fit."""
    return (condition.host in (None, request.host) and condition.path in (None, request.path)
            and condition.grant_type in (None, request.form_values().get("grant_type")))


def take_first(items, is_wanted):
    """The first wanted item; its count goes down by one, and at 0 it leaves the list."""
    item = next(filter(is_wanted, items), None)
    if item and item.count is not None:
        item.count -= 1
        if item.count == 0:
            items.remove(item)
    return item
