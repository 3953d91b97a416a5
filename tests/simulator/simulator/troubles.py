# SPDX-License-Identifier: MIT
"""What goes wrong between a server that works and a client that wants to know.

An Intervention stands between a request and its answer. Some keep the request from ever reaching
the handler; the others let the real work be done first ("after_effect") and spoil the answer.
"""

from dataclasses import asdict, dataclass
from email.utils import formatdate
from time import time
from typing import Optional

from .http_message import HTML, Answer, redirect_answer, server_page

CAPTIVE_PAGE = b"""<!DOCTYPE html>
<html><head><title>Free Wi-Fi</title></head>
<body><h1>Welcome!</h1><form action="/accept"><button>Accept and go online</button></form></body></html>
"""


@dataclass
class Delivery:
    """How an answer travels. Times are seconds."""

    delay: float = 0.0
    drip: float = 0.0
    cut_at: Optional[int] = None
    reset: bool = False


@dataclass
class Intervention:
    name: str
    after_effect: bool
    answer: Optional[Answer] = None
    delivery: Optional[Delivery] = None

    def apply(self, real):
        return self.answer or real or Answer(200), self.delivery or Delivery()


@dataclass(frozen=True)
class Kind:
    after_effect: bool
    help: str


KINDS = {
    "500": Kind(False, "Internal Server Error with an HTML page"),
    "502": Kind(False, "Bad Gateway with an HTML page"),
    "503": Kind(False, "Service Unavailable with an HTML page"),
    "429": Kind(False, "Too Many Requests without Retry-After"),
    "429-seconds": Kind(False, "429 with Retry-After: SECONDS"),
    "429-date": Kind(False, "429 with Retry-After: an HTTP date SECONDS ahead"),
    "empty": Kind(False, "200 with an empty body"),
    "truncated-json": Kind(True, "half of the JSON, with a Content-Length that fits the half"),
    "cut": Kind(True, "half of the body, then the connection closes"),
    "slow": Kind(True, "the answer comes after SECONDS"),
    "drip": Kind(True, "the answer comes byte by byte, SECONDS between two"),
    "reset-accept": Kind(False, "the connection is reset after the TLS handshake, nothing is read"),
    "reset-before": Kind(False, "the connection is reset before anything is done"),
    "lost": Kind(True, "everything is done, then the connection is reset"),
    "redirect": Kind(False, "302 to LOCATION; default: the plain listener, same path"),
    "captive": Kind(False, "200 with the HTML page of a captive portal"),
}
DEFAULT_SECONDS = {"429-seconds": 7, "429-date": 7, "slow": 1, "drip": 0.01}


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

    def intervention(self, request, plain_url):
        after = KINDS[self.kind].after_effect if self.after_effect is None else self.after_effect
        seconds = DEFAULT_SECONDS.get(self.kind, 0) if self.seconds is None else self.seconds
        made = Intervention(self.kind, after)
        if self.kind in ("500", "502", "503", "429"):
            made.answer = server_page(int(self.kind))
        elif self.kind == "429-seconds":
            made.answer = server_page(429, {"Retry-After": str(int(seconds))})
        elif self.kind == "429-date":
            made.answer = server_page(429, {"Retry-After": formatdate(time() + seconds, usegmt=True)})
        elif self.kind == "empty":
            made.answer = Answer(200)
        elif self.kind == "redirect":
            made.answer = redirect_answer(self.location or plain_url + request.path)
        elif self.kind == "captive":
            made.answer = Answer(200, CAPTIVE_PAGE, HTML)
        elif self.kind == "truncated-json":
            return HalvedBody(self.kind, after)
        elif self.kind == "cut":
            made.delivery = Delivery(cut_at=-1)
        elif self.kind in ("lost", "reset-before", "reset-accept"):
            made.delivery = Delivery(reset=True)
        elif self.kind == "slow":
            made.delivery = Delivery(delay=seconds)
        elif self.kind == "drip":
            made.delivery = Delivery(drip=seconds)
        return made


class HalvedBody(Intervention):
    def apply(self, real):
        answer = real or Answer(200)
        answer.body = answer.body[:len(answer.body) // 2]
        return answer, Delivery()


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
    check_types(trouble)
    return trouble


def count_of(digits):
    return int(digits) if digits else None


def check_types(trouble):
    for name, types in (("path", str), ("host", str), ("grant_type", str), ("location", str),
                        ("count", int), ("seconds", (int, float)), ("after_effect", bool)):
        value = getattr(trouble, name)
        if value is not None and not isinstance(value, types):
            raise ValueError(f"no such {name}: {value!r}")
    if trouble.count is not None and trouble.count < 1:
        raise ValueError("a count of at least 1")


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
