# SPDX-License-Identifier: MIT
"""Where every secret comes from, and the ledger of all of them.

Values have the shapes seen in recorded traffic of public clients. Each one is random and never
given out twice. The ledger also takes secrets that were chosen elsewhere and accepted here, so a
test can search logs and core files for every one of them.
"""

import base64
import secrets
import string

LETTERS_AND_DIGITS = string.ascii_lowercase + string.digits
LONG_TOKEN_LENGTH = 4096


def random_letters(length):
    return "".join(secrets.choice(LETTERS_AND_DIGITS) for _ in range(length))


def random_base64url(length):
    return base64.urlsafe_b64encode(secrets.token_bytes(length)).decode("ascii")[:length]


def random_token_part(length):
    """Base64url that certainly holds a "-" and a "_", which clients must not trip over."""
    middle = length // 2
    return random_base64url(middle - 2) + "-_" + random_base64url(length - middle)


class Mint:
    def __init__(self):
        self._ledger = {}

    def remember(self, kind, value):
        """Enters a secret that was made elsewhere."""
        if value:
            self._ledger.setdefault(value, kind)
        return value

    def ledger(self):
        return [{"kind": kind, "value": value} for value, kind in self._ledger.items()]

    def _new(self, kind, make):
        value = make()
        while value in self._ledger:
            value = make()
        return self.remember(kind, value)

    def access_token(self, long=False):
        length = LONG_TOKEN_LENGTH if long else 61
        return self._new("access_token", lambda: "y0_" + random_token_part(length - 3))

    def refresh_token(self, long=False):
        """Four parts with colons between, 124 characters."""
        length = (LONG_TOKEN_LENGTH if long else 124) - len("1:" + "x" * 16 + "::" + "x" * 22)
        return self._new("refresh_token", lambda: ":".join(
            ("1", random_base64url(16), random_token_part(length), random_base64url(22))))

    def device_code(self):
        return self._new("device_code", lambda: secrets.token_hex(16))

    def user_code(self):
        return self._new("user_code", lambda: random_letters(8))

    def confirmation_code(self, digits=False):
        if digits:
            return self._new("confirmation_code", lambda: str(secrets.randbelow(9000000) + 1000000))
        return self._new("confirmation_code", lambda: random_letters(16))

    def client_secret(self):
        return self._new("client_secret", lambda: secrets.token_hex(16))

    def page_ticket(self):
        """Ties a button of the consent page to the request it was shown for."""
        return self._new("page_ticket", lambda: secrets.token_hex(16))
