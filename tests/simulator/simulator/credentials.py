# SPDX-License-Identifier: MIT
"""Which application is speaking, and can it prove it.

Yandex ID docs, token pages: by HTTP Basic or by the body; a header, where there is one, wins and
the body's credentials are not even looked at. A wrong secret is 401 when it came by header and 400
when it came by body.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass

from .oauth_errors import OAuthError, invalid_request


@dataclass
class Credentials:
    client_id: str
    client_secret: str
    basic: str = ""

    def refusal(self, description):
        return OAuthError("invalid_client", description, 401 if self.basic else 400)


def read_credentials(request, form, header_error_status):
    header = request.headers.get("authorization")
    if header is None:
        return Credentials(form.get("client_id", ""), form.get("client_secret", ""))
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthError("Basic auth required", "Basic auth required", header_error_status)
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError):
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    if not colon:
        raise OAuthError("Malformed Authorization header", "Malformed Authorization header",
                         header_error_status)
    return Credentials(client_id, secret, encoded)


def known_application(world, credentials):
    if not credentials.client_id:
        raise invalid_request("client_id not passed")
    application = world.applications.get(credentials.client_id)
    if not application:
        raise credentials.refusal("Client not found")
    if application.status == "blocked":
        raise credentials.refusal("Client blocked")
    if application.status == "moderation":
        raise OAuthError("unauthorized_client", "Client is waiting for moderation")
    return application


def authenticated_application(world, credentials):
    application = known_application(world, credentials)
    if not secret_matches(application, credentials):
        raise credentials.refusal("Wrong client secret")
    world.mint.remember("basic_credentials", credentials.basic)
    return application


def secret_matches(application, credentials):
    return hmac.compare_digest(application.client_secret.encode(),
                               credentials.client_secret.encode())
