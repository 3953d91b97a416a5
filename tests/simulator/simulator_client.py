# SPDX-License-Identifier: MIT
"""The Yandex simulator in the hands of a test. Python's standard library only.

    with Simulator(token_life=3600, interval=1, refresh_mode="B") as sim:
        start_the_daemon(sim.addresses["oauth"], sim.addresses["ca"])
        sim.wait_pending()
        sim.allow()
        sim.wait("/token", grant_type="device_code", status=200)
        assert len(sim.requests(path="/token", grant_type="refresh_token")) == 0

The simulator is a child process on free ports; it ends with the with block, or when the thread
that started it dies. Nothing here sleeps: start-up and every wait_ method return on an event, or
raise TimeoutError.
"""

import json
import os
import re
import ssl
import subprocess
import tempfile
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from loopback import connection_to

EXECUTABLE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "yandex-simulator")
FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
STOP_TIMEOUT = 10
CALL_TIMEOUT = 30


class ControlError(Exception):
    """The control API refused a call."""


class Simulator:
    """Keywords that are not named here are knobs."""

    running = []  # all of this process

    def __init__(self, *, users=(), clients=(), bad_certificate=None, **knobs):
        self._arguments = ["--exit-with-parent"]
        for user in users:
            self._arguments += ["--user", user]
        for client in clients:
            self._arguments += ["--client", client]
        for name, value in knobs.items():
            self._arguments += ["--knob", f"{name}={json.dumps(value)}"]
        if bad_certificate:
            self._arguments += ["--bad-certificate", bad_certificate]
        self._directory = None
        self._process = None
        self.addresses = {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def start(self):
        self._directory = tempfile.TemporaryDirectory(prefix="yandex-simulator-")
        self._process = subprocess.Popen(
            ["/usr/bin/python3", EXECUTABLE, "--directory", self._directory.name] + self._arguments,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the simulator did not start")
        ready = json.loads(line)
        self.addresses = {name: ready[name]
                          for name in ("oauth", "login", "disk", "control", "plain", "ca")}
        self.applications = ready["applications"]
        self.users = ready["users"]
        self.running.append(self)

    def stop(self):
        """Ends the child and returns its exit status; harmless the second time."""
        if not self._process:
            return None
        if self in self.running:
            self.running.remove(self)
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._directory.cleanup()
        status, self._process = self._process.returncode, None
        return status

    # The first application and the first user, which are enough for most tests

    @property
    def client_id(self):
        return self.applications[0]["client_id"]

    @property
    def client_secret(self):
        return self.applications[0]["client_secret"]

    @property
    def login(self):
        return self.users[0]["login"]

    # What was seen

    def requests(self, **selection):
        """Requests so far; select by path, host, method, status, trouble or any form parameter."""
        return self._control("GET", "/requests", query=selection)["requests"]

    def forget_requests(self):
        self._control("DELETE", "/requests")

    def wait(self, path, count=1, timeout=CALL_TIMEOUT, **selection):
        """Waits until count such requests were seen since forget_requests(), and returns them."""
        query = {"path": path, "count": count, "timeout": timeout, **selection}
        return self._control("GET", "/wait", query=query, timeout=timeout)["requests"]

    def wait_pending(self, timeout=CALL_TIMEOUT):
        """Waits for a device code that waits for its user, and returns its description."""
        return self._control("GET", "/wait-pending", query={"timeout": timeout}, timeout=timeout)

    def secrets(self, *kinds):
        """The values of every token, code and secret so far, or of those of some kinds:
        access_token, refresh_token, device_code, user_code, confirmation_code, client_secret,
        code_verifier, basic_credentials, page_ticket."""
        return [value for value, kind in self.ledger().items() if not kinds or kind in kinds]

    def ledger(self):
        """The same, each with its kind."""
        return {secret["value"]: secret["kind"]
                for secret in self._control("GET", "/secrets")["secrets"]}

    def state(self):
        return self._control("GET", "/state")

    def grants(self, **fields):
        """Grants, oldest first, that agree with the fields given (alive=True, login="ivan")."""
        return [grant for grant in self.state()["grants"]
                if all(grant[name] == value for name, value in fields.items())]

    # What can be turned

    def knobs(self, **wanted):
        """Sets knobs where some are given. Returns all of them."""
        return self._control("PUT" if wanted else "GET", "/knobs", wanted or None)

    def trouble(self, *troubles):
        """Replaces all troubles: "502", "lost@/token*1" or objects. Without any, peace."""
        return self.knobs(trouble=list(troubles))

    def let_go(self):
        """Sends the answers that the trouble "held" has kept back so far; returns how many."""
        return self._control("POST", "/let-go")["let_go"]

    def begin_anew(self):
        """As after the start, but for the addresses and the authority."""
        world = self._control("POST", "/begin-anew")
        self.users, self.applications = world["users"], world["applications"]

    def script_answer(self, path, **answer):
        """The next count (1) requests on the path get exactly this; see --help, POST /answers."""
        return self._control("POST", "/answers", {"path": path, **answer})["left"]

    def answers_left(self):
        return self._control("GET", "/answers")["left"]

    def forget_answers(self):
        self._control("DELETE", "/answers")

    # What people, Yandex and time do

    def allow(self, user_code=None, login=None, scopes=None):
        """Presses Allow for a pending device code, the newest where none is named."""
        return self._control("POST", "/allow", given(user_code=user_code, login=login,
                                                     scopes=scopes))

    def deny(self, user_code=None):
        return self._control("POST", "/deny", given(user_code=user_code))

    def authorize(self, url, login=None, allow=True):
        """Visits an authorization URL as a browser does, presses a button, and returns the
        parameters of the redirect: code, state, cid, or error."""
        shown = self._browse("GET", url)
        if "Location" in shown.headers:
            return parameters_of(shown.headers["Location"])
        ticket = re.search(r'name="ticket" value="([^"]*)"', shown.text)
        if not ticket:
            raise ControlError(f"{shown.status}: {shown.text}")
        form = [("ticket", unescape(ticket[1])), ("login", login or self.login),
                ("verdict", "allow" if allow else "deny")]
        form += [("tick", unescape(scope))
                 for scope in re.findall(r'name="tick" value="([^"]*)"', shown.text)]
        decided = self._browse("POST", self.addresses["oauth"] + "/authorize/decision",
                               urlencode(form))
        return parameters_of(decided.headers["Location"])

    def sign_in_elsewhere(self, application, login=None):
        """What a program other than ours gets: the answer of /token, without a device."""
        redirect = self.authorize(self.addresses["oauth"] + "/authorize?" + urlencode(
            {"response_type": "code", "client_id": application["client_id"]}), login)
        return self.post_token(application, grant_type="authorization_code", code=redirect["code"])

    def post_token(self, application, **form):
        """A request of another program to /token."""
        answer = self._browse("POST", self.addresses["oauth"] + "/token", urlencode(
            {"client_id": application["client_id"], "client_secret": application["client_secret"],
             **form}))
        return json.loads(answer.text)

    def application(self, **fields):
        """Adds an application, or changes the one whose client_id is given; returns it."""
        return self._control("POST", "/applications", fields)

    def block_application(self, client_id=None):
        return self.application(client_id=client_id or self.client_id, status="blocked")

    def unblock_application(self, client_id=None):
        return self.application(client_id=client_id or self.client_id, status="active")

    def add_user(self, login, uid=None):
        return self._control("POST", "/users", given(login=login, uid=uid))

    def kill_tokens(self, login=None, client_id=None):
        """As a change of the password does; with a client_id, as taking its access away does."""
        return self._control("POST", f"/users/{quote(login or self.login)}/kill-tokens",
                             given(client_id=client_id))["killed"]

    def disk(self, login=None):
        """The files on the Disk of a user: path, size and sha256 of each."""
        return self._control("GET", f"/users/{quote(login or self.login)}/disk")["files"]

    def expire_tokens(self, in_seconds=0, **selection):
        return self._control("POST", "/expire", {"what": "tokens", "in_seconds": in_seconds,
                                                 **selection})["changed"]

    def expire_codes(self, in_seconds=0):
        return self._control("POST", "/expire", {"what": "codes",
                                                 "in_seconds": in_seconds})["changed"]

    def advance(self, seconds):
        """Makes the simulator's clock jump."""
        self._control("POST", "/advance", {"seconds": seconds})

    # How it is said

    def tls_context(self):
        """A client context that trusts the simulator's authority and nobody else."""
        return ssl.create_default_context(cafile=self.addresses["ca"])

    def _control(self, method, path, value=None, query=None, timeout=CALL_TIMEOUT):
        # The simulator keeps the time; ours only guards against a simulator that died.
        connection = connection_to(self.addresses["control"], timeout=timeout + CALL_TIMEOUT)
        try:
            connection.request(method, path + ("?" + urlencode(query) if query else ""),
                               None if value is None else json.dumps(value))
            answer = connection.getresponse()
            result = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status == 408:
            raise TimeoutError(result["error"])
        if answer.status != 200:
            raise ControlError(result["error"])
        return result

    def _browse(self, method, url, body=None):
        address = urlsplit(url)
        connection = connection_to(url, self.tls_context(), CALL_TIMEOUT)
        try:
            connection.request(method, f"{address.path}?{address.query}", body,
                               FORM_HEADERS if body else {})
            answer = connection.getresponse()
            answer.text = answer.read().decode("utf-8")
            return answer
        finally:
            connection.close()


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def parameters_of(url):
    return dict(parse_qsl(urlsplit(url).query))
