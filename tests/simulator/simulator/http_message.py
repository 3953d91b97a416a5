# SPDX-License-Identifier: MIT
"""One request and one answer, as values; forms and JSON in and out of them."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

JSON = "application/json"
HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Request:
    host: str
    method: str
    path: str
    query: list
    headers: dict
    body: bytes = b""
    notes: list = field(default_factory=list)
    received_at: float = field(default_factory=time.time)

    def query_value(self, name, default=""):
        return dict(self.query).get(name, default)

    def oauth_token(self):
        """The token behind the literal scheme OAuth and one space; "" for any other header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "OAuth" else ""

    def origin(self):
        """The address the client knows this host by."""
        return "https://" + self.headers.get("host", "localhost")

    def media_type(self):
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self):
        """The pairs of a form body, in order; none where the body is not a readable form."""
        if self.media_type() != FORM:
            return []
        try:
            return parse_qsl(self.body.decode("ascii"), keep_blank_values=True,
                             strict_parsing=bool(self.body), errors="strict")
        except (UnicodeError, ValueError):
            return []

    def form_values(self):
        return dict(self.form())

    def repeated_names(self):
        counts = Counter(name for name, _ in self.form())
        return [name for name, count in counts.items() if count > 1]


@dataclass
class Answer:
    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict = field(default_factory=dict)

    def reason(self):
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"


def json_answer(status, value, content_type=JSON):
    """ASCII with sorted keys, the way recorded OAuth answers are written."""
    return Answer(status, json.dumps(value, sort_keys=True).encode("ascii"), content_type)


def unicode_json_answer(status, value, content_type=JSON):
    return Answer(status, json.dumps(value, ensure_ascii=False).encode("utf-8"), content_type)


def server_page(status, extra_headers=None):
    """The bare HTML page a front-end server shows when something behind it fails."""
    answer = Answer(status, b"", "text/html", extra_headers or {})
    title = f"{status} {answer.reason()}"
    answer.body = (f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
                   f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n"
                   "</body>\r\n</html>\r\n").encode("ascii")
    return answer


def redirect_answer(location):
    return server_page(302, {"Location": location})
