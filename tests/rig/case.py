# SPDX-License-Identifier: MIT
"""The words in which the end-to-end tests are written.

The tests of a program share one simulator, which begins anew for each of them; each has an application of its
own, and a new world around itself."""

import functools
import os
import signal
import sys
import unittest
from contextlib import nullcontext

from simulator_client import Simulator

from .hiding import trust_one_authority
from .unsaved import renew_unsaved
from .world import SOURCE, World

SKIPPED = 77
TIME_TO_TAKE_DOWN = 20  # seconds, out of what ctest allows

SCREENS = os.path.join(SOURCE, "tests", "end-to-end", "screens")


class EndToEndTest(unittest.TestCase):
    KNOBS = {}
    KEYRING = True
    DAEMON = True
    CLOCK = False  # of the daemon's own, see rig/clock.py
    AHEAD = 0  # seconds, of that clock at first

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sim = cls.start_simulator()

    @classmethod
    def start_simulator(cls):
        return shared_simulator()

    def setUp(self):
        self.sim.begin_anew()
        if self.KNOBS:
            self.sim.knobs(**self.KNOBS)
        self.app = self.sim.application()

        self.world = World()
        self.addCleanup(self._close_world)
        self.world.configure_for(self.sim)
        self.client = self.world.client
        if self.KEYRING:
            self.keyring = self.world.start_keyring()
        if self.CLOCK:
            self.clock = self.world.new_clock(self.AHEAD)
        if self.DAEMON:
            self.world.start_daemon()

    def _close_world(self):
        log = self._log() if self._failed() else ""
        wrong = self.world.close()
        if log:
            print(f"--- {self.id()}\n{log}", file=sys.stderr)
        self.assertEqual(wrong, [])

    def _failed(self):
        result = self._outcome.result
        return any(test is self for test, _ in result.errors + result.failures)

    def _log(self):
        text = ""
        for path in (self.world.daemon_log, self.world.keyring_log):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
            except FileNotFoundError:
                pass
        return text

    @property
    def daemon(self):
        return self.world.daemon

    def flying(self, longest=4):
        """As Clock's; without one it takes the time it takes."""
        return self.clock.flying(longest) if self.CLOCK else nullcontext()

    # Yandex

    @property
    def client_id(self):
        return self.app["client_id"]

    @property
    def client_secret(self):
        return self.app["client_secret"]

    def refreshes(self, app=None):
        """The requests that asked for a refresh."""
        return self.sim.requests(path="/token", grant_type="refresh_token",
                                 client_id=(app or self.app)["client_id"])

    def live_grant(self, app=None):
        """What Yandex holds for this application's account."""
        return self.sim.grants(client_id=(app or self.app)["client_id"], alive=True)[-1]

    # Signing in

    def begin_sign_in(self, app=None, client=None, **given):
        """Asks for it, and returns as soon as there is a code."""
        app = app or self.app
        request = (client or self.client).sign_in(
            client_id=app["client_id"], client_secret=app["client_secret"], **given)
        request.code = request.prompt()["user_code"]
        return request

    def sign_in(self, login=None, app=None, **given):
        """By the code that a browser ends with, which takes no time; returns the account."""
        app = app or self.app
        request = self.client.sign_in(client_id=app["client_id"], client_secret=app["client_secret"],
                                      flow="code", **given)
        address = request.prompt()["authorization_url"]
        request.submit(self.sim.authorize(address, login)["code"])
        return request.await_account()

    def sign_in_on_a_device(self, login=None, app=None, **given):
        """By a code that is typed elsewhere. The daemon asks for the end once a second."""
        request = self.begin_sign_in(app, **given)
        self.sim.allow(request.code, login)
        return request.await_account()

    def await_poll(self):
        """Until the daemon has asked once whether the user has allowed."""
        with self.flying():
            self.sim.wait("/token", client_id=self.client_id)

    def assert_polling_has_stopped(self):
        """Another sign-in is polled several times more; that of our application is not."""
        app = self.sim.application()
        other = app["client_id"]
        witness = self.client.sign_in(client_id=other, client_secret=app["client_secret"])
        with self.flying():
            self.sim.wait("/token", client_id=other)
        before = len(self.sim.requests(path="/token", client_id=self.client_id))
        with self.flying():
            self.sim.wait("/token", count=3, client_id=other)
        self.assertEqual(len(self.sim.requests(path="/token", client_id=self.client_id)), before)
        witness.cancel()

    # The keyring

    def lock_keyring(self):
        """Returns when the daemon has heard of it."""
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")

    def renew_unsaved(self, account, lose_keyring=None):
        """Renews the token, which the keyring does not get: it is locked, or lost as is said here, before
        the answer of Yandex is there. Returns the token."""
        before = account.generation
        renew_unsaved(self.sim, account, lose_keyring or self.lock_keyring)
        token = account.get_token()
        self.assertEqual(token.generation, before + 1)
        alive = self.sim.grants(client_id=account.get("ClientId"), alive=True)[-1]
        self.assertEqual(token.value, alive["access_token"])
        self.assertFalse(account.get("Saved"))
        return token

    # yadiskctl

    def ctl(self, *arguments, **keywords):
        """The pauses that the daemon makes for doctor are cut short if it has a clock of its own."""
        with self.flying() if "doctor" in arguments else nullcontext():
            return self.world.ctl(*arguments, **keywords)

    def secret_file(self, app=None):
        return self.world.write("client-secret", (app or self.app)["client_secret"] + "\n")

    def login_arguments(self, app=None):
        return ("login", "--no-browser", "--client-id", (app or self.app)["client_id"],
                "--client-secret-file", self.secret_file(app))

    def ctl_login(self, *arguments, login=None):
        """yadiskctl login, the user pressing Allow."""
        terminal = self.world.ctl_at_terminal(*self.login_arguments(), *arguments)
        self.sim.allow(terminal.await_text(r"enter this code:\s+(\w+)")[1], login)
        self.assertEqual(terminal.await_end(), 0, terminal.shown)
        return terminal.shown

    # Assertions

    def assert_refused(self, name, call, *arguments, **keywords):
        """The call fails with the D-Bus error of this short name, and says what to do."""
        with self.assertRaises(Exception) as caught:
            call(*arguments, **keywords)
        error = caught.exception
        self.assertEqual(getattr(error, "name", repr(error)), name)
        self.assertRegex(error.message, r"\A[A-Z\"].*\.\Z")
        return error

    def assert_ctl_fails(self, status, pattern, *arguments, **keywords):
        """It ends with the status and one line on standard error."""
        result = self.ctl(*arguments, **keywords)
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, r"\Ayadiskctl: [^\n]+\n\Z")
        self.assertRegex(result.err, pattern)
        return result

    def assert_screen(self, name, text):
        """What a person sees is what screens/NAME.txt shows. The caller has put words in place of
        what differs from run to run. YADISK_UPDATE_SCREENS=1 writes the file instead, to be read
        before it is committed."""
        path = os.path.join(SCREENS, name + ".txt")
        if os.environ.get("YADISK_UPDATE_SCREENS") == "1":
            os.makedirs(SCREENS, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return
        with open(path, encoding="utf-8") as file:
            self.assertEqual(text, file.read(), f"the screen {name} has changed")

    def assert_untouched(self, account, before):
        """The account, as all() was before."""
        after = account.all()
        for name in ("State", "Generation", "ObtainedAt", "ExpiresAt"):
            self.assertEqual(after[name], before[name], name)


@functools.cache
def shared_simulator():
    sim = Simulator(interval=1)
    unittest.addModuleCleanup(sim.stop)
    sim.start()
    return sim


def on_terminated(_number, _frame):
    sys.exit(1)


def skip(why):
    print(why)
    sys.exit(SKIPPED)


class Hurried(unittest.TextTestResult):
    """The test that takes too long is the last: there is just time left to take everything down."""

    def on_too_late(self, _number, _frame):
        self.stop()
        raise TimeoutError("the test takes too long")

    def startTestRun(self):
        super().startTestRun()
        signal.signal(signal.SIGALRM, self.on_too_late)
        signal.alarm(int(os.environ.get("YADISK_TEST_TIMEOUT", "120")) - TIME_TO_TAKE_DOWN)


def main():
    trust_one_authority()
    signal.signal(signal.SIGTERM, on_terminated)
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Hurried, verbosity=2))
