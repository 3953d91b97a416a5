# SPDX-License-Identifier: MIT
"""What is done to the daemon and its keyring, and what must be true afterwards.

A round is two lives of the daemon at least. The first is killed in the middle of a refresh; the second
must still have the sign-in: it refreshes, and is killed when it has nothing to do, since one life
asks Yandex at most once in ten seconds."""

import random
import time

from gi.repository import GLib
from rig.bus import BusError
from rig.waiting import InVain, await_until

from killer import is_before
from tally import KEPT, LOST, LOST_ON_WIRE, RANDOM, was_received

# Longer than a refresh takes, so that any moment of it can be hit.
REFRESH_SECONDS = 0.07

# The same, from the moment when Yandex has seen the request: most of a refresh is a TLS handshake.
ANSWER_SECONDS = 0.008
ASKED_AT_MOST = 3
AGAIN_MS = 20
NOTIFICATION = "Yandex Disk: sign in again"


class Wrong(AssertionError):
    """The daemon did what it must not."""


def check(condition, what, scene):
    if not condition:
        raise Wrong(f"{what}: {scene.account.all()}, {scene.sim.requests(path='/token')}")


class Strike:
    """One kill in a refresh, and what was seen of it."""

    def __init__(self, scene, kind):
        self.scene, self.kind = scene, kind
        self.generation = scene.account.generation
        self.owner = scene.owner()
        self.received = scene.killer.received
        scene.sim.forget_requests()
        scene.client.signals.clear()

    def at_step(self, meanwhile=None):
        """Meanwhile is done when Yandex has answered and the answer is not here yet."""
        killer, sim = self.scene.killer, self.scene.sim
        if meanwhile:
            sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        killer.order(self.kind)
        self.scene.account.begin_refresh()
        if meanwhile:
            sim.wait("/token", trouble="held")
            meanwhile()
            sim.let_go()
        self._await_death(lambda: f"the step {self.kind}, after {killer.last}")

    def at_random(self):
        self.scene.account.begin_refresh()
        self.scene.client.connection.flush_sync(None)
        if random.random() < 0.5:
            time.sleep(random.uniform(0, REFRESH_SECONDS))
        else:
            self.scene.sim.wait("/token")
            time.sleep(random.uniform(0, ANSWER_SECONDS))
        self.scene.kill_daemon()
        self._await_death()

    def _await_death(self, where=lambda: "its death"):
        try:
            await_until(lambda: self.scene.owner() != self.owner, "the death of the daemon")
        except InVain:
            raise Wrong(f"the daemon never came to {where()}") from None
        self.step = self.scene.killer.last
        if self.step == "none" and self.kind != "random":
            self.step = self.kind  # the next life has begun already, and its steps with it
        self.rotated = self.scene.rotations()

    @property
    def was_received(self):
        return self.scene.killer.received > self.received

    @property
    def was_stored(self):
        return self.was_received and not is_before(self.step, "store-after")

    def __str__(self):
        return (f"killed at {self.kind}, last step {self.step}, generation {self.generation}, "
                f"rotated {self.rotated}, received {self.was_received}")


def await_saved(scene, generation):
    """What the descriptor store held is in the keyring, or what came after it by itself."""
    scene.account.await_is("Saved", True)
    scene.account.await_is("Refreshing", False)
    check(scene.account.generation >= generation, f"generation {generation} went back", scene)
    check(scene.kept()["generation"] >= generation, "the keyring has an older one", scene)


def await_store_empty(scene):
    """The manager has no signal for this; it works off what it was sent before it answers."""
    for _ in range(100):
        if scene.unit.stored == 0:
            return
    raise Wrong(f"the manager still keeps {scene.unit.stored} descriptors")


def await_own_refresh(scene, tally):
    """The daemon asked Yandex by itself while the keyring was locked, less than ten seconds ago: until they are
    over its result stands, then it asks again unasked."""
    await_until(lambda: scene.account.last_error != "KeyringLocked", "an attempt after the lock")
    if scene.account.state == "sign-in-needed":
        return False
    tally.refreshes += 1
    return True


def refresh(scene, tally):
    """Must succeed, or ask for a sign-in."""
    before = scene.account.generation
    try:
        scene.account.refresh()
    except BusError as error:
        if error.name == "KeyringLocked":
            return await_own_refresh(scene, tally)
        if error.name != "SignInNeeded":
            raise Wrong(f"the refresh failed: {error}") from None
        return False
    tally.refreshes += 1
    tally.measure(scene.killer)
    check(scene.account.generation == before + 1, f"no generation after {before}", scene)
    return True


def check_signed_out(scene, asked_at_most=ASKED_AT_MOST):
    """The state of an account whose sign-in is over, and that it keeps quiet."""
    check(scene.account.state == "sign-in-needed", "not sign-in-needed", scene)
    check(scene.account.last_error == "SignInNeeded", "no such error", scene)
    check(scene.account.get("NextRefreshAt") == 0, "a refresh is planned", scene)
    check(scene.kept()["refresh_token"], "the keyring no longer keeps the grant", scene)
    check(scene.asked() <= asked_at_most, "it loops", scene)
    scene.desktop.await_shown(NOTIFICATION)


def recover(scene, tally):
    """The user signs in again, and is no longer told to."""
    check_signed_out(scene)
    scene.sign_in_again()
    scene.desktop.await_empty()
    tally.sign_ins += 1


def fate_of(strike, alive):
    if alive:
        return KEPT
    return LOST if was_received(strike.step) or strike.was_received else LOST_ON_WIRE


def settle(scene, tally, strike):
    """After the rebirth: nothing that was handed over may be gone, and the sign-in must work."""
    scene.account.await_is("Refreshing", False)
    if strike.was_stored:
        await_saved(scene, strike.generation + 1)
    alive = refresh(scene, tally)
    fate = fate_of(strike, alive)
    tally.note(strike.kind, strike.step, fate)
    if fate == LOST:
        tally.note_circumstances(str(strike))
    if alive:
        scene.account.await_is("Saved", True)
        await_store_empty(scene)
    else:
        check(strike.rotated, "a sign-in is lost although Yandex did not rotate", scene)
        recover(scene, tally)


def kill_idle(scene, tally):
    owner, generation = scene.owner(), scene.account.generation
    scene.kill_daemon()
    scene.await_rebirth(owner)
    tally.idle_kills += 1
    check(scene.account.generation >= generation, f"generation {generation} is gone", scene)


def strike(scene, kind):
    s = Strike(scene, kind)
    if kind == RANDOM:
        s.at_random()
    else:
        s.at_step()
    return s


# Moods of the keyring. Each is called with a kind of kill and leaves everything as it was.

def peace(scene, tally, kind):
    s = strike(scene, kind)
    scene.await_rebirth(s.owner)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def killed_too_back_first(scene, tally, kind):
    """Both die at once, and the keyring may be back before the daemon."""
    s = strike(scene, kind)
    scene.kill_keyring()
    scene.start_keyring()
    scene.await_rebirth(s.owner)
    await_keyring_seen(scene)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def killed_too_back_last(scene, tally, kind):
    """Both die at once, and the daemon starts without a keyring."""
    s = strike(scene, kind)
    scene.kill_keyring()
    scene.await_rebirth(s.owner)
    await_until(lambda: scene.client.property("KeyringState") == "absent", "an absent keyring")
    scene.start_keyring()
    await_keyring_seen(scene)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def asked_without(scene, tally, kind):
    """The store alone has the grant, the keyring is away, and a client asks for a refresh: there is
    nothing to ask Yandex with, since the application's secret is in the keyring."""
    s = strike_unsaved(scene, scene.kill_keyring)
    scene.await_rebirth(s.owner)
    try:
        scene.account.refresh()
        check(False, "refreshed without the secret of the application", scene)
    except BusError as error:
        check(error.name.startswith("Keyring"), f"blames another: {error}", scene)
    scene.start_keyring()
    await_keyring_seen(scene)
    await_saved(scene, s.generation + 1)  # it may have refreshed by itself, as soon as it could
    kill_idle(scene, tally)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def killed_before(scene, tally, kind):
    """The keyring dies before the answer comes, then the daemon: only the store has it."""
    s = strike_unsaved(scene, scene.kill_keyring)
    scene.await_rebirth(s.owner)
    scene.start_keyring()
    await_keyring_seen(scene)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def killed_alone(scene, tally, kind):
    """The keyring dies in the refresh, the daemon lives on until it is killed as well."""
    scene.sim.forget_requests()
    generation = scene.account.generation
    pending = scene.account.begin_refresh()
    time.sleep(random.uniform(0, REFRESH_SECONDS))
    scene.kill_keyring()
    scene.start_keyring()
    try:
        pending.result()
    except BusError as error:  # there was none at the moment of writing, or before Yandex was asked
        check(error.name == "KeyringUnavailable", f"blames another: {error}", scene)
        await_keyring_seen(scene)
        if not scene.sim.requests(path="/token"):
            scene.account.refresh()
    tally.refreshes += 1
    await_saved(scene, generation + 1)
    await_store_empty(scene)
    kill_idle(scene, tally)
    peace(scene, tally, kind)


def locked_before(scene, tally, kind):
    """The keyring is locked before the answer comes, then the daemon dies."""
    s = strike_unsaved(scene, scene.keyring.lock)
    scene.await_rebirth(s.owner)
    scene.keyring.unlock()
    await_keyring_seen(scene)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def locked_after(scene, tally, kind):
    """The daemon dies in the refresh, and finds the keyring locked when it is back."""
    s = strike(scene, kind)
    scene.keyring.lock()
    scene.await_rebirth(s.owner)
    await_until(lambda: scene.client.property("KeyringState") == "locked", "a locked keyring")
    scene.keyring.unlock()
    await_keyring_seen(scene)
    settle(scene, tally, s)
    kill_idle(scene, tally)


def strike_unsaved(scene, take_keyring_away):
    """A refresh that the keyring does not take, and the kill after it."""
    s = Strike(scene, "reply-after")
    s.at_step(take_keyring_away)
    check(s.was_stored, f"not handed over: {s}", scene)
    return s


def has_read_keyring(scene):
    """Not while it is being read, and what was locked is known by name alone."""
    try:
        return scene.client.manager("ListApplications")[0] and scene.account.state != "locked"
    except BusError:
        return False


def await_keyring_seen(scene):
    await_until(lambda: scene.client.property("KeyringState") == "unlocked", "the keyring")
    again = GLib.timeout_add(AGAIN_MS, lambda: GLib.SOURCE_CONTINUE)  # no signal tells
    try:
        await_until(lambda: has_read_keyring(scene), "the application and the account")
    finally:
        GLib.source_remove(again)


MOODS = (killed_too_back_first, killed_too_back_last, killed_before, killed_alone, locked_before,
         locked_after, asked_without)
