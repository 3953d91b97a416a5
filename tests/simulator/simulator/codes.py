# SPDX-License-Identifier: MIT
"""The short-lived things a sign-in passes through: device codes and confirmation codes.

A code is spent by the exchange that yields tokens, and only by that one.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Optional

PENDING, ALLOWED, DENIED = "pending", "allowed", "denied"

# Two polls an interval apart may arrive this much closer together, seconds.
JITTER = 0.1


@dataclass
class Asked:
    """What an application asks a user for."""

    client_id: str
    scopes: tuple
    optional: tuple = ()
    device_id: str = ""
    device_name: str = ""

    def everything(self):
        return self.scopes + self.optional


@dataclass
class Consent:
    """What the user said to it."""

    login: str
    scopes: tuple

    def is_narrower_than(self, asked):
        return set(self.scopes) < set(asked.everything())


@dataclass
class DeviceCode:
    device_code: str
    user_code: str
    asked: Asked
    interval: int
    expires_at: float
    verdict: str = PENDING
    consent: Optional[Consent] = None
    spent: bool = False
    last_poll: Optional[float] = None

    def polled(self, now):
        """Notes one poll; true when it came sooner after the last one than the interval says."""
        too_soon = self.last_poll is not None and now - self.last_poll < self.interval - JITTER
        self.last_poll = now
        return too_soon

    def is_pending(self, now):
        return self.verdict == PENDING and now < self.expires_at


@dataclass
class Authorization:
    """One visit of /authorize, from the page being shown to a button being pressed."""

    ticket: str
    asked: Asked
    redirect_uri: str
    state: str = ""
    challenge: str = ""
    challenge_method: str = ""
    login_hint: str = ""


@dataclass
class ConfirmationCode:
    code: str
    asked: Asked
    consent: Consent
    expires_at: float
    challenge: str = ""
    challenge_method: str = ""
    spent: bool = False

    def verifier_matches(self, verifier):
        """PKCE, RFC 7636 section 4.6."""
        if self.challenge_method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        return hmac.compare_digest(verifier.encode(), self.challenge.encode())
