# SPDX-License-Identifier: MIT
"""A user whose rclone is fed: a session with the daemon and an account, a feed, and rclone itself, whose way to
the Disk ends at the simulator."""

import hashlib
import os
import subprocess
import sys
import time
import unittest

from simulator_client import Simulator

from .inside import FILES, is_inside, main_inside, skip
from .tunnel import Tunnel
from .user_session import UserSession
from .waiting import eventually

REMOTE = "disk"
FEED_SOCKET, FEED_SERVICE = "yadisk-token-feed.socket", "yadisk-token-feed.service"

# Which rclone: the installed one, or what tools/newer-rclone has got.
RCLONE = "YADISK_RCLONE"
NEWER = os.path.join(os.environ.get("XDG_CACHE_HOME", "/var/cache"),
                     "yadisk-tokend-check/rclone/usr/bin/rclone")

# rclone takes no token for the last 10 seconds that it was told, and is told what is left until the next renewal.
# So it holds one for some seconds, and a renewal comes by itself within 20.
LIFE = 20

# Seconds without a renewal, for what would not be tried again: a token that is asked for just before a renewal may be
# dead when it is shown.
CALM = 8

SIZE = 300000  # of a file


def main_fed(program, programs=(), files=()):
    """What a test program ends with. It is skipped without these programs and files."""
    newer = os.environ.get(RCLONE) == "newer"
    if newer and not is_inside() and not os.path.exists(NEWER):
        skip("needs tools/newer-rclone")
    for path in files:
        if not os.path.exists(path):
            skip(f"needs {path}")
    main_inside(program, programs=("rclone", *programs), files=[NEWER] if newer else [])


class FedTest(unittest.TestCase):
    TOKEN_LIFE = LIFE

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B", token_life=cls.TOKEN_LIFE)
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.tunnel = Tunnel(cls.sim.addresses["disk"])
        cls.addClassCleanup(cls.tunnel.end)
        cls.session = UserSession(logged_in=False)
        cls.session.empty_home()
        cls.session.log_in()
        cls.addClassCleanup(cls.session.close)
        cls.session.environment["PATH"] = os.environ[FILES] + ":" + os.environ["PATH"]
        cls.configure()
        cls.account = cls.sign_in()
        cls.ctl("feed", "add", "rclone", "--remote", REMOTE, "--write")

    @classmethod
    def configure(cls):
        keys = {"OAuthURL": "oauth", "LoginURL": "login", "DiskURL": "disk", "CAFile": "ca"}
        lines = [f"{key}={cls.sim.addresses[name]}" for key, name in keys.items()]
        cls.session.write(".config/yadisk-tokend/yadisk-tokend.conf",
                          "\n".join(["[Yandex]", *lines, ""]))
        cls.session.drop_in()

    @classmethod
    def sign_in(cls):
        request = cls.session.client.sign_in(client_id=cls.sim.client_id,
                                             client_secret=cls.sim.client_secret)
        cls.sim.allow(request.prompt()["user_code"])
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    def setUp(self):
        self.addCleanup(self.show_log)
        if self.account.get("NextRefreshAt") - time.time() < CALM:
            self.await_renewal()
        self.sim.forget_requests()
        self.addCleanup(self.assert_keeps_no_secret)

    def show_log(self):
        if any(test is self for test, _ in self._outcome.result.errors +
               self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)

    # Programs

    @classmethod
    def world(cls):
        """The environment in which a program that means Yandex meets the simulator."""
        return cls.tunnel.environment | {"RCLONE_CA_CERT": cls.sim.addresses["ca"]}

    @classmethod
    def ctl(cls, *arguments):
        done = cls.session.run("yadiskctl", *arguments)
        assert done.returncode == 0, f"{done}\n{cls.session.log()}"
        return done.stdout

    def type(self, *command, **environment):
        """A command that succeeds; returns what it says."""
        done = self.session.run(*command, **self.world(), **environment)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def launch(self, *command, **environment):
        """One that goes on."""
        child = subprocess.Popen(command, env=self.session.environment | self.world() | environment,
                                 cwd=self.session.home, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.terminate)
        return child

    def run_across_a_renewal(self, held, *command, **environment):
        """Yandex holds its first answer to a request for that path until the token has been renewed."""
        self.sim.trouble({"kind": "held", "path": held, "count": 1})
        child = self.launch(*command, **environment)
        self.sim.wait(held, trouble="held")
        self.await_renewal()
        self.assertEqual(self.sim.let_go(), 1)
        said, _ = child.communicate(timeout=120)
        self.assertEqual(child.returncode, 0, said)
        return said

    # Tokens

    def await_renewal(self):
        """By itself, as the life of the token ends; the old one is dead."""
        before = self.account.generation
        eventually(lambda: self.account.generation > before, "a renewal")

    def renew(self):
        """Out of turn: what programs hold is dead before they expect it."""
        self.ctl("refresh")

    def rejected(self):
        """The requests with a token that was no longer good."""
        return self.sim.requests(host="disk", status=401)

    def tokens_used(self):
        """With success, in order, each once."""
        return list(dict.fromkeys(
            request["headers"]["authorization"].removeprefix("OAuth ")
            for request in self.sim.requests(host="disk")
            if request["status"] and request["status"] < 400 and "authorization" in request["headers"]))

    # Files

    def make_file(self, name, size=SIZE):
        """Of random bytes, below the home."""
        path = os.path.join(self.session.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(os.urandom(size))
        return path

    def assert_on_disk(self, path, wanted, seconds=40):
        """Byte for byte, sooner or later."""
        with open(wanted, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        eventually(lambda: self.sim.disk().get("disk:/" + path, {}).get("sha256") == digest,
                   f"{path} to be on the Disk", seconds)

    def assert_keeps_no_secret(self):
        """What rclone writes holds neither a refresh token nor the secret of the application."""
        secrets = self.sim.secrets("refresh_token", "client_secret")
        self.assertGreaterEqual(len(secrets), 2)
        paths = [os.path.join(directory, name) for folder in (".config/rclone", ".cache")
                 for directory, _, names in os.walk(os.path.join(self.session.home, folder))
                 for name in names]
        self.assertIn("rclone.conf", map(os.path.basename, paths))
        for path in paths:
            with open(path, encoding="latin-1") as file:
                text = file.read()
            self.assertFalse([secret for secret in secrets if secret in text], path)
