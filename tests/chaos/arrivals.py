# SPDX-License-Identifier: MIT
"""Imports and sign-ins that are under way when the daemon is killed, or told to stop.

A round has a user of its own, and an application that is known here or one of its own. What becomes
of the account is seen by the next life; then the same user signs in, and is signed out."""

import contextlib
import os
import random
import signal
import time

from gi.repository import GLib
from rig.bus import MANAGER, MANAGER_PATH, REQUEST, TOKENS, BusError, options
from rig.waiting import InVain, await_until

from killer import STEPS
from rounds import ANSWER_SECONDS, NOTIFICATION, Wrong, await_store_empty
from tally import KEPT, LOST, LOST_ON_WIRE, NOTHING, RANDOM

IMPORT, DEVICE, CODE = "import", "device", "code"

# Nobody waits for a reply here.
ARRIVAL_STEPS = STEPS[:STEPS.index("reply-before")]

# Longer than either takes, so that any moment can be hit.
ARRIVAL_SECONDS = 0.25

# From the moment when Yandex is asked who it is, until everything is in the keyring.
KEEPING_SECONDS = 0.03

# Of an answer that a stop has to wait for.
SLOW_SECONDS = 0.3


class Arrival:
    """One of them, and what was seen of it."""

    made = 0

    def __init__(self, scene, way):
        Arrival.made += 1
        self.scene, self.way, self.sim = scene, way, scene.sim
        self.login = f"guest{Arrival.made}"
        self.sim.add_user(self.login)
        self.is_strange = random.random() < 0.5
        self.app = self.sim.application() if self.is_strange else self.sim.applications[0]
        self.pair = self.sim.sign_in_elsewhere(self.app, self.login) if way == IMPORT else None
        self.owner, self.pid = scene.owner(), scene.pid()
        self.received = scene.killer.received
        self.was_received = False
        self.how = "untouched"
        scene.client.signals.clear()
        self.sim.forget_requests()

    def __str__(self):
        return (f"{self.way} of {self.login}, {'strange' if self.is_strange else 'known'} "
                f"application, {self.how}, received {self.was_received}")

    def check(self, condition, what):
        if not condition:
            asked = [(r["path"], r["form"].get("grant_type"), r["status"]) for r in
                     self.sim.requests()]
            raise Wrong(f"{what}: {self}, {[a.all() for a in self.scene.client.accounts()]}, "
                        f"{self.grants()}, {asked}")

    # How it comes

    def options(self):
        given = {"client_id": self.app["client_id"], "flow": self.way}
        if self.is_strange or random.random() < 0.5:
            given["client_secret"] = self.app["client_secret"]
        if self.pair:
            given["refresh_token"] = self.pair["refresh_token"]
        if self.pair and random.random() < 0.5:
            given["access_token"] = self.pair["access_token"]
        return given

    def begin(self):
        """Up to the call, or the press of a button, that brings the tokens."""
        client = self.scene.client
        if self.way == IMPORT:
            client.begin(MANAGER_PATH, MANAGER, "SignIn", "(a{sv})", options(self.options()))
        else:
            self._go_on(client.sign_in(**self.options()))
        client.connection.flush_sync(None)

    def _go_on(self, request):
        prompt = request.prompt()
        if self.way == DEVICE:
            self.sim.allow(prompt["user_code"], self.login)
        else:
            code = self.sim.authorize(prompt["authorization_url"], self.login)["code"]
            self.scene.client.begin(request.path, REQUEST, "SubmitCode", "(s)", code)

    def await_moment(self):
        """A poll for the token comes late, so there a moment is one after Yandex has seen it."""
        moments = [("/token", ANSWER_SECONDS), ("/info", KEEPING_SECONDS)]
        if self.way != DEVICE:
            moments.append(("", ARRIVAL_SECONDS))
        path, seconds = random.choice(moments)
        after = random.uniform(0, seconds)
        self.how += f" {after * 1000:.1f} ms after {path or 'its begin'}"
        if path:
            self.sim.wait(path)
        time.sleep(after)

    # How it is disturbed

    def kill_at(self, step):
        self.how = f"killed at {step}"
        self.scene.killer.order(step)
        self.begin()
        self._await_death()

    def kill_at_random(self):
        self.how = "killed"
        self.begin()
        self.await_moment()
        os.kill(self.pid, signal.SIGKILL)
        self._await_death()

    def _await_death(self):
        try:
            await_until(lambda: self.scene.owner() != self.owner, "the death of the daemon")
        except InVain:
            raise Wrong(f"the daemon never came to its death: {self}, "
                        f"after {self.scene.killer.last}") from None
        self._note_received()
        self.scene.await_rebirth(self.owner)

    def stop(self):
        self.how = "stopped"
        if random.random() < 0.5:
            self.be_slow(random.choice(("/token", "/info")))
        self.begin()
        self.await_moment()
        unit = self.scene.unit
        unit.stop()
        self.scene.client.await_no_owner(TOKENS)
        await_until(lambda: unit.state == "inactive", "the end of the unit")
        self.sim.trouble()
        self._note_received()
        self.check_ended_well(unit.get("Result"))
        self.scene.client.ping()

    def be_slow(self, path):
        self.how += f", {path} is slow,"
        self.sim.trouble({"kind": "slow", "path": path, "seconds": SLOW_SECONDS})

    def _note_received(self):
        self.was_received = self.scene.killer.received > self.received

    def check_ended_well(self, result):
        if result != "success":
            raise Wrong(f"the daemon did not stop by itself: {result}, {self}")

    # What became of it

    def grants(self):
        """What Yandex has given to the user."""
        return self.sim.grants(client_id=self.app["client_id"], login=self.login)

    def live_token(self):
        grant, = self.grants()
        self.check(grant["alive"], "Yandex ended the grant")
        return grant["refresh_token"]

    @property
    def is_untouched(self):
        """Whether Yandex has done nothing, or nothing since the pair was made."""
        if self.pair:
            return self.live_token() == self.pair["refresh_token"]
        return not self.grants()

    def account(self):
        """What the daemon has of it, or None."""
        found = [a for a in self.scene.client.accounts() if a.path != self.scene.account.path]
        self.check(len(found) <= 1, "more than one account")
        return found[0] if found else None

    def await_account(self):
        """An answer that was received becomes an account in the next life, once Yandex has told whose it is."""
        if self.was_received:
            with contextlib.suppress(InVain):
                await_until(self.account, "the account")
        return self.account()

    def kept_token(self, account):
        item, = [item for item in self.scene.keyring.ours("account")
                 if item.attributes["id"] == account.id]
        return item.document()["grant"]["refresh_token"]

    def check_live(self, account):
        self.check(self.kept_token(account) == self.live_token(),
                   "the keyring has another token than Yandex")

    def fate(self):
        lost = LOST if self.was_received else LOST_ON_WIRE
        account = self.await_account()
        if not account:
            self.check(len(self.scene.keyring.ours("application")) == 1, "an application is left")
            return NOTHING if self.is_untouched else lost
        account.await_is("Refreshing", False)
        account.await_is("Saved", True)
        if not self.pair:
            self.check_live(account)
        return KEPT if self.refresh(account) else lost

    def refresh(self, account):
        """Must succeed, or ask for a sign-in."""
        try:
            account.refresh()
        except BusError as error:
            self.check(error.name == "SignInNeeded", f"the refresh failed: {error}")
            self.check(not self.is_untouched, "it is signed out, and Yandex has done nothing")
            self.scene.desktop.await_shown(NOTIFICATION)
            return False
        account.await_is("Saved", True)
        self.check_live(account)
        return True

    # How it ends

    def sign_in(self, account):
        """The same user, in peace, to the account that is there; returns it, or the new one."""
        self.scene.client.signals.clear()
        given = {"account": GLib.Variant("o", account.path)} if account else {}
        request = self.scene.client.sign_in(
            client_id=self.app["client_id"], client_secret=self.app["client_secret"], flow=CODE,
            **given)
        code = self.sim.authorize(request.prompt()["authorization_url"], self.login)["code"]
        request.submit(code)
        account = request.await_account()
        account.await_is("Saved", True)
        self.check(account.state == "active" and account.get("Login") == self.login,
                   "the next sign-in does not work")
        return account

    def leave(self, account):
        """Nothing stays behind."""
        account.sign_out(revoke=False)
        self.scene.desktop.await_empty()
        self.check(self.account() is None, "it is still there")
        self.check(len(self.scene.keyring.ours("account")) == 1, "the keyring still has an account")
        self.check(len(self.scene.keyring.ours("application")) == 1,
                   "the keyring still has an application")
        await_store_empty(self.scene)


def settle(arrival, tally, how):
    fate = arrival.fate()
    tally.note_arrival(f"{arrival.way}, {how}", fate)
    arrival.leave(arrival.sign_in(arrival.account()))
    return fate


def killed(scene, tally, way, kind):
    """Every answer arrives in the descriptor store, so none that arrived is lost."""
    arrival = Arrival(scene, way)
    if kind == RANDOM:
        arrival.kill_at_random()
    else:
        arrival.kill_at(kind)
    fate = settle(arrival, tally, "killed at random" if kind == RANDOM else "killed at a step")
    arrival.check(fate != LOST, "tokens were lost after the answer was received")


def stopped(scene, tally, way, _kind):
    """It has the time to come to its end."""
    arrival = Arrival(scene, way)
    arrival.stop()
    fate = settle(arrival, tally, "stopped")
    arrival.check(fate in (KEPT, NOTHING), f"{fate} by a stop")


def rounds(count):
    """Each way in turn: killed at a step, killed at random, and stopped."""
    for i in range(count):
        way = (IMPORT, DEVICE, CODE)[i % 3]
        yield ((killed, way, random.choice(ARRIVAL_STEPS)), (killed, way, RANDOM),
               (stopped, way, RANDOM))[i // 3 % 3]
