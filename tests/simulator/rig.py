# SPDX-License-Identifier: MIT
"""The words the simulator's own tests are written in: real TLS, one short line per step.

A class of tests shares one simulator, which begins anew for each test; each has an application of its own.
"""

import base64
import json
import unittest
from urllib.parse import urlencode

from loopback import connection_to
from simulator_client import FORM_HEADERS, Simulator

DEVICE_ID = "0b9e3f7c-device"
WAIT = 30


class Reply:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode("utf-8")


class SimulatorTest(unittest.TestCase):
    KNOBS = {}

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(**cls.KNOBS)
        cls.sim.start()
        cls.addClassCleanup(cls.sim.stop)

    def setUp(self):
        self.sim.begin_anew()
        self.app = self.sim.application()

    # Calls

    def open_connection(self, host="oauth"):
        return connection_to(self.sim.addresses[host], self.sim.tls_context(), WAIT)

    def call(self, host, method, path, body=None, headers=None):
        """One request on a connection of its own."""
        connection = self.open_connection(host)
        try:
            connection.request(method, path, body, headers or {})
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def post(self, path, parameters, headers=None):
        """A form; parameters as a dict, as a list of pairs, or as the body itself."""
        body = parameters if isinstance(parameters, str) else urlencode(parameters)
        return self.call("oauth", "POST", path, body, {**FORM_HEADERS, **(headers or {})})

    def get_page(self, path, **query):
        return self.call("oauth", "GET", path + ("?" + urlencode(query) if query else ""))

    def api(self, host, path, token, scheme="OAuth"):
        return self.call(host, "GET", path, headers={"Authorization": f"{scheme} {token}"})

    def probe(self, token):
        """The status of the cheapest check of a token: 404 is good, 401 is not."""
        return self.api("disk", "/v1/disk/operations/0000?fields=status", token).status

    # Sign-in, refresh, revocation

    def credentials(self, **changes):
        both = {"client_id": self.app["client_id"], "client_secret": self.app["client_secret"]}
        return {name: value for name, value in {**both, **changes}.items() if value is not None}

    def basic(self, client_id=None, client_secret=None):
        pair = f"{client_id or self.app['client_id']}:{client_secret or self.app['client_secret']}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def ask_device_code(self, **parameters):
        return self.post("/device/code", {"client_id": self.app["client_id"], **parameters})

    def poll(self, device_code, headers=None, **changes):
        return self.post("/token", {"grant_type": "device_code", "code": device_code,
                                    **self.credentials(**changes)}, headers)

    def sign_in(self, login=None, allow_scopes=None, **parameters):
        """The token answer of a device flow, or of the refusal that ended it."""
        code = self.ask_device_code(**{"device_id": DEVICE_ID, **parameters}).json
        self.sim.allow(code["user_code"], login, allow_scopes)
        return self.poll(code["device_code"]).json

    def refresh(self, refresh_token, headers=None, **changes):
        return self.post("/token", {"grant_type": "refresh_token", "refresh_token": refresh_token,
                                    **self.credentials(**changes)}, headers)

    def revoke(self, access_token, headers=None, **changes):
        return self.post("/revoke_token", {"access_token": access_token,
                                           **self.credentials(**changes)}, headers)

    # Code flow

    def authorize(self, login=None, allow=True, **parameters):
        return self.sim.authorize(self.authorization_url(**parameters), login, allow)

    def authorization_url(self, **parameters):
        return self.sim.addresses["oauth"] + "/authorize?" + urlencode(
            {"response_type": "code", "client_id": self.app["client_id"], **parameters})

    def exchange(self, code, **changes):
        return self.post("/token", {"grant_type": "authorization_code", "code": code,
                                    **self.credentials(**changes)})

    # Assertions

    def assert_refused(self, reply, error, status=400):
        self.assertEqual((reply.status, reply.json["error"]), (status, error), reply.text)
        self.assertEqual(set(reply.json), {"error", "error_description"})
