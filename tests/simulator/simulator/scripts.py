# SPDX-License-Identifier: MIT
"""Scripted answers: a test says word for word what the next requests on a path get."""

import base64
from dataclasses import dataclass, field
from typing import Optional

from .http_message import Answer
from .troubles import Delivery, Intervention, check_types, concerns, take_first


class BadScript(Exception):
    """A scripted answer that cannot be understood. The message is for people."""


@dataclass
class Script:
    path: str
    host: Optional[str] = None
    grant_type: Optional[str] = None
    count: int = 1
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: str = ""
    body_base64: Optional[str] = None
    after_effect: bool = False
    truncate_at: Optional[int] = None
    delay_ms: int = 0
    drip_ms: int = 0
    reset: bool = False

    def check(self):
        check_types(self, path=str, host=str, grant_type=str, count=int, status=int, headers=dict,
                    body=str, body_base64=str, after_effect=bool, truncate_at=int, delay_ms=int,
                    drip_ms=int, reset=bool)
        if self.count < 1 or not 200 <= self.status <= 599:
            raise ValueError("count is at least 1, status within 200..599")
        self.body_bytes()

    def body_bytes(self):
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64, validate=True)
        return self.body.encode("utf-8")

    def intervention(self):
        headers = dict(self.headers)
        content_type = headers.pop("Content-Type", "application/json")
        answer = Answer(self.status, self.body_bytes(), content_type, headers)
        delivery = Delivery(self.delay_ms / 1000, self.drip_ms / 1000, self.truncate_at, self.reset)
        return Intervention("script", self.after_effect, answer, delivery)


class Scripts:
    """The queue. For each request the oldest script of its path is used first."""

    def __init__(self):
        self._queue = []

    def add(self, description):
        if not isinstance(description, dict) or "path" not in description:
            raise BadScript("a scripted answer is an object with at least a path")
        unknown = set(description) - set(Script.__dataclass_fields__)
        if unknown:
            raise BadScript("unknown: " + ", ".join(sorted(unknown)))
        script = Script(**{name: value for name, value in description.items() if value is not None})
        try:
            script.check()
        except ValueError as error:
            raise BadScript(f"a scripted answer takes {error}") from None
        self._queue.append(script)

    def take(self, request):
        return take_first(self._queue, lambda script: concerns(script, request))

    def left(self):
        return sum(script.count for script in self._queue)

    def clear(self):
        self._queue.clear()
