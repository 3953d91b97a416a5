# SPDX-License-Identifier: MIT
"""The control API: plain HTTP and JSON, for tests and for curl.

GET    /requests              every request seen; ?path=&host=&method=&status=&trouble= and any form
                              parameter (grant_type=refresh_token) select
DELETE /requests              forgets them; their numbers go on
GET    /secrets               every token, code and secret ever minted or accepted, with its kind
GET    /state                 users, applications, grants, codes
GET    /knobs                 all knobs
PUT    /knobs                 {"name": value, ...}; value may be {"value": V, "count": N}
POST   /allow                 {"user_code"?, "login"?, "scopes"?}; without user_code the newest
                              pending one, without login the first user; scopes narrow
POST   /deny                  {"user_code"?}
POST   /applications          {"client_id"?, "client_secret"?, "scopes"?, "redirect_uris"?,
                              "status"?: active|blocked|moderation, "remove"?: true};
                              adds, or changes what is named; answers the application
POST   /users                 {"login", "uid"?}
POST   /users/LOGIN/kill-tokens
                              {"client_id"?}; as a password change does, or as taking the
                              access of one application away does
GET    /users/LOGIN/disk      what is on it: {"files": {path: {"size", "sha256"}}}
POST   /expire                {"what": "tokens"|"codes", "in_seconds"?: 0, "login"?, "client_id"?}
POST   /advance               {"seconds": N}; the simulator's clock jumps, and Date with it
POST   /answers               {"path", "host"?, "grant_type"?, "count"?, "status"?, "headers"?,
                              "body"? or "body_base64"?, "after_effect"?, "truncate_at"?,
                              "delay_ms"?, "drip_ms"?, "reset"?}; a scripted answer, used in
                              order; after_effect: the real work is done first
GET    /answers               how many scripted answers are left
DELETE /answers               forgets them
POST   /let-go                sends the answers that the trouble "held" has kept back so far
POST   /begin-anew            all is as after the start, but for the addresses and the authority;
                              answers the users and applications
GET    /wait                  ?path=P&count=N&timeout=S and what /requests selects by; answers when
                              so many requests have been seen since the last DELETE
GET    /wait-pending          ?timeout=S; answers when a device code waits for its user

Errors: 400 with {"error": sentence}, 404 where something named is not there, 408 at a timeout.
"""

import json
import re

from .http_message import unicode_json_answer
from .knobs import BadKnob
from .scripts import BadScript
from .troubles import Delivery
from .world import APPLICATION_STATUSES

DEFAULT_TIMEOUT = 30


class Refused(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


class Control:
    def __init__(self, simulator):
        self._simulator = simulator
        self._routes = {
            ("GET", "/requests"): self._get_requests,
            ("DELETE", "/requests"): self._delete_requests,
            ("GET", "/secrets"): self._get_secrets,
            ("GET", "/state"): self._get_state,
            ("GET", "/knobs"): self._get_knobs,
            ("PUT", "/knobs"): self._put_knobs,
            ("POST", "/allow"): self._allow,
            ("POST", "/deny"): self._deny,
            ("POST", "/applications"): self._application,
            ("POST", "/users"): self._user,
            ("POST", "/users/LOGIN/kill-tokens"): self._kill_tokens,
            ("GET", "/users/LOGIN/disk"): self._get_disk,
            ("POST", "/expire"): self._expire,
            ("POST", "/advance"): self._advance,
            ("POST", "/answers"): self._add_answer,
            ("GET", "/answers"): self._get_answers,
            ("DELETE", "/answers"): self._delete_answers,
            ("POST", "/let-go"): self._let_go,
            ("POST", "/begin-anew"): self._begin_anew,
            ("GET", "/wait"): self._wait,
            ("GET", "/wait-pending"): self._wait_pending,
        }

    @property
    def _world(self):
        return self._simulator.world

    async def respond(self, request):
        try:
            value = self._find(request)(request)
            if hasattr(value, "__await__"):
                value = await value
            answer = unicode_json_answer(200, value)
        except Refused as refused:
            answer = unicode_json_answer(refused.status, {"error": str(refused)})
        except (BadKnob, BadScript) as bad:
            answer = unicode_json_answer(400, {"error": str(bad)})
        self._simulator.bell.ring()
        return answer, Delivery()

    def _find(self, request):
        path = re.sub("^/users/[^/]+/", "/users/LOGIN/", request.path)
        route = self._routes.get((request.method, path))
        if not route:
            raise Refused(404, f"there is no {request.method} {request.path}, see --help")
        return route

    # What was seen

    def _get_requests(self, request):
        return {"requests": self._simulator.journal.select(dict(request.query))}

    def _delete_requests(self, request):
        self._simulator.journal.clear()
        return {}

    def _get_secrets(self, request):
        return {"secrets": self._world.mint.ledger()}

    async def _wait(self, request):
        wanted = dict(request.query)
        count = number_of(wanted.pop("count", "1"))
        timeout = number_of(wanted.pop("timeout", str(DEFAULT_TIMEOUT)))
        select = self._simulator.journal.select
        if not await self._simulator.bell.wait_until(lambda: len(select(wanted)) >= count, timeout):
            raise Refused(408, f"{len(select(wanted))} of {count} requests seen")
        return {"requests": select(wanted)}

    async def _wait_pending(self, request):
        timeout = number_of(request.query_value("timeout", str(DEFAULT_TIMEOUT)))
        if not await self._simulator.bell.wait_until(self._world.find_pending, timeout):
            raise Refused(408, "no device code is pending")
        return show_device_code(self._world.find_pending(), self._world.clock)

    def _get_state(self, request):
        world, clock = self._world, self._world.clock
        return {
            "now": clock.now(),
            **world.shown(),
            "grants": [show_grant(grant, clock) for grant in world.grants],
            "device_codes": [show_device_code(code, clock) for code in world.device_codes.values()],
            "confirmation_codes": [
                {"code": code.code, "client_id": code.asked.client_id, "login": code.consent.login,
                 "expires_in": clock.seconds_until(code.expires_at), "spent": code.spent}
                for code in world.confirmation_codes.values()],
        }

    # What may be turned

    def _get_knobs(self, request):
        return self._simulator.knobs.shown()

    def _put_knobs(self, request):
        self._simulator.knobs.update(object_of(request))
        self._simulator.show_certificate()
        return self._simulator.knobs.shown()

    def _add_answer(self, request):
        self._simulator.scripts.add(object_of(request))
        return self._get_answers(request)

    def _get_answers(self, request):
        return {"left": self._simulator.scripts.left()}

    def _delete_answers(self, request):
        self._simulator.scripts.clear()
        return self._get_answers(request)

    def _let_go(self, request):
        return {"let_go": self._simulator.gate.let_go()}

    def _begin_anew(self, _request):
        self._simulator.begin_anew()
        return self._world.shown()

    # What people do

    def _allow(self, request):
        wanted = object_of(request, user_code=str, login=str, scopes=list)
        code = self._pending(wanted)
        login = wanted.get("login") or next(iter(self._world.users), None)
        if login not in self._world.users:
            raise Refused(404, f"there is no user {login}")
        scopes = wanted.get("scopes")
        if scopes is not None and not (scopes and set(scopes) <= set(code.asked.everything())):
            raise Refused(400, "scopes must be some of those asked for")
        self._world.allow(code, login, scopes)
        return show_device_code(code, self._world.clock)

    def _deny(self, request):
        code = self._pending(object_of(request, user_code=str))
        self._world.deny(code)
        return show_device_code(code, self._world.clock)

    def _pending(self, wanted):
        code = self._world.find_pending(wanted.get("user_code"))
        if not code:
            raise Refused(404, "no such device code is pending")
        return code

    def _user(self, request):
        wanted = object_of(request, login=str, uid=str)
        if not wanted.get("login"):
            raise Refused(400, "a user has a login")
        return vars(self._world.add_user(wanted["login"], wanted.get("uid")))

    def _login_of(self, request):
        login = request.path.split("/")[2]
        if login not in self._world.users:
            raise Refused(404, f"there is no user {login}")
        return login

    def _get_disk(self, request):
        disk = self._simulator.disk.tree_of(self._login_of(request)).disk
        return {"files": {file.path: {"size": file.size, "sha256": file.sha256}
                          for file in disk.files()}}

    def _kill_tokens(self, request):
        login = self._login_of(request)
        victims = self._world.kill_grants("the user took it back", login=login,
                                          **object_of(request, client_id=str))
        return {"killed": len(victims)}

    def _application(self, request):
        wanted = object_of(request, client_id=str, client_secret=str, scopes=list,
                           redirect_uris=list, status=str, remove=bool)
        application = self._world.applications.get(wanted.get("client_id"))
        if wanted.get("remove"):
            if not application:
                raise Refused(404, "there is no such application")
            self._world.remove_application(application.client_id)
            return {}
        if wanted.get("status", "active") not in APPLICATION_STATUSES:
            raise Refused(400, "status is one of " + ", ".join(APPLICATION_STATUSES))
        if not application:
            application = self._world.add_application(
                wanted.get("client_id"), wanted.get("client_secret"), wanted.get("scopes"))
        return self._change_application(application, wanted)

    def _change_application(self, application, wanted):
        application.status = wanted.get("status", application.status)
        application.redirect_uris = tuple(wanted.get("redirect_uris", application.redirect_uris))
        if wanted.get("client_secret", application.client_secret) != application.client_secret:
            self._world.change_secret(application, wanted["client_secret"])
        if set(wanted.get("scopes", application.scopes)) != set(application.scopes):
            self._world.change_scopes(application, wanted["scopes"])
        return vars(application)

    # What time does

    def _expire(self, request):
        wanted = object_of(request, what=str, in_seconds=int, login=str, client_id=str)
        what, in_seconds = wanted.pop("what", None), wanted.pop("in_seconds", 0)
        if what == "tokens":
            items = [grant for grant in self._world.select_grants(**wanted) if not grant.death]
        elif what == "codes" and not wanted:
            items = (list(self._world.device_codes.values())
                     + list(self._world.confirmation_codes.values()))
        else:
            raise Refused(400, "what is tokens (of a login, of a client_id) or codes")
        for item in items:
            item.expires_at = self._world.clock.now() + in_seconds
        return {"changed": len(items)}

    def _advance(self, request):
        self._world.clock.advance(object_of(request, seconds=int).get("seconds", 0))
        return {"now": self._world.clock.now()}


def number_of(text):
    try:
        return float(text)
    except ValueError:
        raise Refused(400, f"not a number: {text}") from None


def object_of(request, **types):
    """The JSON object of the body ({} where it is empty), with these fields; no types means any."""
    try:
        value = json.loads(request.body or b"{}")
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body is not a JSON object")
    for name, content in value.items():
        if types and not isinstance(content, types.get(name, ())):
            raise Refused(400, f"unknown, or of the wrong type: {name}")
    return value


def show_device_code(code, clock):
    return {
        "user_code": code.user_code, "device_code": code.device_code,
        "client_id": code.asked.client_id, "scopes": code.asked.scopes,
        "optional_scopes": code.asked.optional, "device_id": code.asked.device_id,
        "device_name": code.asked.device_name, "verdict": code.verdict, "spent": code.spent,
        "expires_in": clock.seconds_until(code.expires_at),
    }


def show_grant(grant, clock):
    return {
        "client_id": grant.client_id, "login": grant.login, "scopes": grant.scopes,
        "device_id": grant.device_id, "device_name": grant.device_name,
        "access_token": grant.access_token(), "refresh_token": grant.refresh_token(),
        "access_tokens": grant.access_tokens, "refresh_tokens": grant.refresh_tokens,
        "expires_in": clock.seconds_until(grant.expires_at), "alive": grant.is_alive(clock.now()),
        "death": grant.death,
    }
