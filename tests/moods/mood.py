# SPDX-License-Identifier: MIT
"""The words in which the moods are written.

A mood is stated while it lasts: the state of the account, its last error, and what callers get, the
token or a refusal. Then its cause goes away, and nothing else is done: the daemon heals by itself."""

import os
import subprocess
import sys
import time

from gi.repository import Gio, GLib

from rig import EndToEndTest, await_until, main, skip
from rig.bus import Client, Pending
from rig.clock import DAY, HOUR, MINUTE, YEAR
from rig.keyring import COLLECTION, ITEM, LOGIN, SECRETS, Keyring
from rig.process import Process
from rig.waiting import DEADLINE, eventually

__all__ = ["DAY", "HOUR", "LockedKeyring", "MINUTE", "MoodTest", "OtherKeyring", "YEAR",
           "await_until", "copy", "enter_own_network", "main", "run_ip", "skip", "write"]

# Every call is answered within 20 s; the rest is for a machine that has other things to do.
IN_TIME = 20 + 10

HERE = os.path.dirname(os.path.realpath(__file__))


class MoodTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def start_daemon(self):
        return self.world.start_daemon()

    def restart_daemon(self):
        return self.world.restart_daemon()

    def restart_without(self, prepare):
        """Does something to the world while there is no daemon."""
        self.assertEqual(self.daemon.stop(), 0)
        prepare()
        return self.start_daemon()

    # What a mood is like

    def in_time(self, call, *arguments, **keywords):
        """Nobody waits longer than the contract says, whatever the answer."""
        start = time.monotonic()
        try:
            return call(*arguments, **keywords)
        finally:
            self.assertLess(time.monotonic() - start, IN_TIME)

    def assert_shown(self, account, state, error):
        self.assertEqual((account.state, account.last_error), (state, error))

    def assert_served(self, account, state, error, token):
        """The mood harms nobody who asks for the token."""
        self.assert_shown(account, state, error)
        self.assertEqual(self.in_time(account.get_token), token)
        shown = self.in_time(self.ctl, "token", account.id)
        self.assertEqual((shown.status, shown.out), (0, token.value + "\n"))

    def assert_denied(self, account, state, error, refusal, status):
        """The mood leaves nothing to serve."""
        self.assert_shown(account, state, error)
        self.in_time(self.assert_refused, refusal, account.get_token)
        self.in_time(self.assert_ctl_fails, status, ".", "token", account.id)

    def assert_refresh_fails(self, account, refusal, status=None):
        self.in_time(self.assert_refused, refusal, account.refresh)
        if status:
            self.in_time(self.assert_ctl_fails, status, ".", "refresh", account.id)

    def assert_nothing_renewed(self, account, refusal, token):
        """What Yandex would give could not be kept: it is not asked, and the token that lives is served."""
        asked = len(self.refreshes())
        self.assert_refresh_fails(account, refusal, 5)
        self.in_time(self.assert_refused, refusal, account.get_token, force=True)
        self.in_time(self.assert_ctl_fails, 5, ".", "token", "--force", account.id)
        self.assert_served(account, "active", refusal, token)
        self.client.manager("Diagnose", "(a{sv})", {})  # by when whatever was begun before it is over
        self.assertEqual(len(self.refreshes()), asked)

    def now(self):
        """By the daemon's clock."""
        return int(time.time()) + (self.clock.ahead if self.CLOCK else 0)

    def assert_next_within(self, account, since, low, high):
        """NextRefreshAt, for an attempt that was made between since and now."""
        self.assertGreaterEqual(account.get("NextRefreshAt"), since + low)
        self.assertLessEqual(account.get("NextRefreshAt"), self.now() + high)

    def await_error(self, account, name):
        await_until(lambda: account.last_error == name, f"the error {name}")

    # How it ends

    def await_well(self, account):
        """Until nothing is wrong, and nothing under way that could go wrong."""
        def is_well():
            shown = account.all()
            return not shown["Refreshing"] and shown["State"] == "active" and not shown["LastError"][0]

        self.settle()
        await_until(is_well, "a healthy account")

    def await_generation(self, account, generation):
        """Until the daemon itself has renewed the token, and all is well."""
        await_until(lambda: account.generation >= generation, f"generation {generation}")
        account.await_is("State", "active")
        account.await_is("LastError", ("", ""))
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])

    def await_saved(self, account):
        """Until the keyring holds what is served."""
        account.await_is("Saved", True)
        account.await_is("LastError", ("", ""))
        self.assert_keyring_holds(account.get_token())

    def assert_keyring_holds(self, token):
        grant = self.keyring.account()["grant"]
        self.assertEqual(grant["access_token"], token.value)
        self.assertEqual(grant["generation"], token.generation)
        self.assertEqual(grant["refresh_token"], self.live_grant()["refresh_token"])

    def eventually(self, predicate, what):
        """For what no message tells of, such as an item of the keyring."""
        return eventually(predicate, what)

    def settle(self):
        """Until a round trip to Yandex has been made, by when whatever was begun before it is over."""
        self.begin_sign_in(self.sim.application()).cancel()

    def assert_nothing_asked(self):
        """Nor will be, of all that was begun."""
        self.settle()
        self.assertEqual({request["path"] for request in self.sim.requests()}, {"/device/code"})

    def assert_no_requests(self):
        self.assertEqual(self.sim.requests(), [])

    def begin_interactively(self, member, signature, *arguments):
        """A call of the manager by a program that lets the user be asked."""
        pending = Pending(member)
        self.client.connection.call(
            "io.github.yadiskctl.Tokens1", "/io/github/yadiskctl/Tokens1",
            "io.github.yadiskctl.Tokens1.Manager", member, GLib.Variant(signature, arguments), None,
            Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, DEADLINE * 1000, None,
            pending.on_done)
        return pending


# Items of the keyring

def write(keyring, item, text):
    keyring.write(item, text)


def copy(keyring, item, text):
    """Another item with the same attributes."""
    properties = {ITEM + ".Label": GLib.Variant("s", "a copy"),
                  ITEM + ".Attributes": GLib.Variant("a{ss}", item.attributes)}
    keyring.call(LOGIN, COLLECTION, "CreateItem", "(a{sv}(oayays)b)", properties,
                 secret_of(keyring, text), False)


def secret_of(keyring, text):
    # pylint: disable=protected-access
    return keyring._open_session(), b"", text.encode(), "text/plain"


class LockedKeyring(Keyring):
    """The same keyring, as it is before anybody has typed a password."""

    def __init__(self, world):
        with open(world.keyring_log, "ab") as log:
            super().__init__(world.address, world.environment, log)

    def start(self, environment, log):
        self.process = Process(
            ["gnome-keyring-daemon", "--components=secrets", "--foreground"], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self._client.await_owner(SECRETS)


class OtherKeyring(Keyring):
    """Another implementation of the Secret Service, see other_keyring.py."""

    def __init__(self, world):  # pylint: disable=super-init-not-called
        self._client = Client(world.address)
        self._session = None
        self.process = Process(["/usr/bin/python3", os.path.join(HERE, "other_keyring.py")],
                               env=world.environment)
        self._client.await_owner(SECRETS)

    def refuse(self, error):
        """Every write gets this error; an empty one ends that."""
        self.call("/rig", "io.github.yadiskctl.Rig.Keyring", "Refuse", "(s)", error)


# A network of one's own

def enter_own_network():
    """Begins the program anew in a network namespace, or skips it. There is a loopback and no more."""
    if "YADISK_OWN_NETWORK" not in os.environ:
        for unshare in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
            if subprocess.run(unshare + ["true"], stderr=subprocess.DEVNULL,
                              check=False).returncode == 0:
                os.environ["YADISK_OWN_NETWORK"] = "1"
                os.execvp("unshare", unshare + ["--", sys.executable] + sys.argv)
        skip("needs a network namespace of its own")
    run_ip("link", "set", "lo", "up")


def run_ip(*arguments):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    subprocess.run(["ip", *arguments], check=True, env=os.environ | {"PATH": path})
