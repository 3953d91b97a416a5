# SPDX-License-Identifier: MIT
"""The words in which the tests of a user's session are written.

A test is about one user with one home, who logs in and out. His session is what Debian makes of it: its bus,
its gnome-keyring with the units that come with it, our unit enabled as a package enables it. Yandex ends the
old refresh token whenever it gives a new one."""

import os
import sys
import unittest

from rig import Simulator
from rig.bus import BusError
from rig.inside import BUS, main_inside
from rig.keyring import PASSWORD, Prompter, unlock_through_control
from rig.user_session import DBUS_DAEMON, KEYRING_SOCKET, OURS, UserSession
from rig.waiting import await_until
from rig.world import build_directory

KEYRING_SERVICES = ("org.freedesktop.secrets", "org.gnome.keyring")

SIGNED_OUT, KEYRING_LOCKED = 3, 5  # exit statuses of yadiskctl


class SessionTest(unittest.TestCase):
    """Nobody is logged in at first, and there is no keyring."""

    ENABLED = (OURS, KEYRING_SOCKET)
    SERVICES = KEYRING_SERVICES
    KNOBS = {}

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B", old_refresh_token="dies", **cls.KNOBS)
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()

    def setUp(self):
        self.sim.trouble()
        self.sim.let_go()
        self.session = UserSession(os.environ.get(BUS, DBUS_DAEMON), self.ENABLED, keyring=False,
                                   services=self.SERVICES, logged_in=False)
        self.addCleanup(self._end)
        self.make_home()

    def make_home(self):
        self.session.empty_home()
        self.keyring_files = os.path.join(self.session.home, ".local/share/keyrings")
        self.app = self.sim.application()
        self.session.configure_for(self.sim)

    def _end(self):
        if any(test is self for test, _ in self._outcome.result.errors +
               self._outcome.result.failures):
            print(f"--- {self.id()}\n{self.session.log()}", file=sys.stderr)
        self.session.close()

    # Logging in

    @property
    def client(self):
        return self.session.client

    @property
    def keyring(self):
        return self.session.keyring

    def log_in(self, await_started=True):
        """The daemon has looked at the keyring, which nobody has unlocked; or may not have come that far."""
        self.session.log_in()
        if await_started:
            self.session.await_started()
        self.prompter = Prompter(self.session.address)

    def log_out(self):
        self.prompter.close()
        self.session.log_out()

    def make_keyring(self, password=PASSWORD):
        """A login keyring, as PAM makes it when somebody logs in for the first time. gnome-keyring 42 does not
        show it on the bus in that session."""
        self.session.log_in()
        self.keyring.start()
        self.assertTrue(unlock_through_control(self.session.runtime, password))
        self.session.log_out()

    def have_signed_in(self, password=PASSWORD):
        """In a session that is over. Returns the access token."""
        self.make_keyring(password)
        self.log_in()
        self.keyring.unlock(password)
        token = self.sign_in().get_token()
        self.log_out()
        return token.value

    # Yandex

    def sign_in(self, login=None):
        request = self.client.sign_in(client_id=self.app["client_id"],
                                      client_secret=self.app["client_secret"])
        self.sim.allow(request.prompt()["user_code"], login)
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    def live_grant(self):
        return self.sim.grants(client_id=self.app["client_id"], alive=True)[-1]

    # What can be seen

    def unlock_through_control(self, password=PASSWORD):
        self.assertTrue(unlock_through_control(self.session.runtime, password))

    def await_locked(self):
        """The daemon has seen that it is. dbus-broker refuses to start it while a session is only coming up."""
        def is_locked():
            try:
                return self.client.property("KeyringState") == "locked"
            except BusError:
                return False

        await_until(is_locked, "a locked keyring")

    def await_account(self):
        """The daemon has seen the keyring unlocked, and read it."""
        account, = await_until(self.client.accounts, "the account")
        account.await_is("State", "active")
        return account

    def ctl(self, *arguments, stdin=None):
        """Without a terminal."""
        return self.session.run("yadiskctl", *arguments, stdin=stdin)

    def assert_token(self, value):
        done = self.ctl("token")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, value + "\n", ""))

    def assert_fails(self, status, pattern, *arguments, stdin=None):
        """With one line that says why, and what to do."""
        done = self.ctl(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, status, done)
        self.assertRegex(done.stderr, r"\Ayadiskctl: [^\n]+\.\n\Z")
        self.assertRegex(done.stderr, pattern)
        return done.stderr

    def assert_nobody_was_asked(self):
        self.assertEqual(self.prompter.prompts, 0)


def run(program, *needed, files=()):
    """What a test program ends with. Needed are programs, without which it is skipped; the files are of what was
    built."""
    main_inside(program, ("gnome-keyring-daemon", *needed), [name for _, name in SessionTest.ENABLED[1:]],
                [os.path.join(build_directory(), name) for name in files])
