# SPDX-License-Identifier: MIT
"""The Yandex ID host: GET /info tells who the user of a token is.

Yandex ID docs, user information: any good token gets the base fields, each login:* scope adds its
own. The body of the 401 is nowhere documented.
"""

import hashlib

from .http_message import json_answer, server_page, unicode_json_answer

NOT_AUTHORIZED = {"code": "NOT_AUTHORIZED", "message": "Not authorized"}


class LoginHost:
    def __init__(self, world):
        self._world = world

    def handle(self, request):
        if request.path != "/info":
            return server_page(404)
        if request.method != "GET":
            return server_page(405, {"Allow": "GET"})
        if request.query_value("format", "json") != "json":
            return server_page(400)
        grant = self._world.grant_accepted(token_of(request))
        if not grant:
            return json_answer(401, NOT_AUTHORIZED)
        return unicode_json_answer(200, describe(self._world.users[grant.login], grant))


def token_of(request):
    """From the header, else from the query (documented, and documented as unsafe)."""
    if "authorization" in request.headers:
        return request.oauth_token()
    return request.query_value("oauth_token")


def describe(user, grant):
    pair = hashlib.sha256(f"{grant.client_id}:{user.uid}".encode()).hexdigest()
    fields = {"id": user.uid, "login": user.login, "client_id": grant.client_id,
              "psuid": f"1.AA{pair[:8]}.{pair[8:40]}"}
    address = user.login + "@yandex.ru"
    by_scope = {
        "login:email": {"default_email": address, "emails": [address]},
        "login:info": {"first_name": "Иван", "last_name": "Иванов", "display_name": user.login,
                       "real_name": "Иван Иванов", "sex": "male"},
        "login:avatar": {"default_avatar_id": "131652443", "is_avatar_empty": False},
        "login:birthday": {"birthday": "1987-03-12"},
        "login:default_phone": {"default_phone": {"id": 12345678, "number": "+79037659418"}},
    }
    for scope in grant.scopes:
        fields.update(by_scope.get(scope, {}))
    return fields
