#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ends the session at every step of a renewal, a sign-in and an import, and looks at the next login what became
of what Yandex gave.

    tests/desktop/session_ends.py                           # each step and each end of a session once
    tests/desktop/session_ends.py --rounds 400 --bus dbus-broker
    tests/desktop/session_ends.py --way renewal --end logout --step store-after

Yandex is simulated at its worst: the old refresh token ends at the moment when it makes a new one. Needs root,
and leaves nothing behind."""

import argparse
import os
import random
import shutil
import signal
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [TESTS, HERE, os.path.join(TESTS, "chaos")]

# pylint: disable=wrong-import-position
from gi.repository import GLib  # noqa: E402
from rig import Simulator  # noqa: E402
from rig.bus import MANAGER, MANAGER_PATH, REQUEST, TOKENS, BusError, options  # noqa: E402
from rig.inside import file_inside, is_inside, run_inside  # noqa: E402
from rig.keyring import SECRETS, unlock_through_control  # noqa: E402
from rig.user_session import (BUSES, DBUS_DAEMON, KEYRING_SOCKET, OURS, UNIT,  # noqa: E402
                              UserSession, has_bus)
from rig.waiting import InVain, await_until  # noqa: E402
from rig.world import build_directory  # noqa: E402
from killer import STEPS, Log  # noqa: E402

KILLER = "tests/chaos/libchaos-killer.so"
KEYRING_SERVICES = ("org.freedesktop.secrets", "org.gnome.keyring")

# What is under way.
RENEWAL, DEVICE, CODE, IMPORT = "renewal", "device sign-in", "code sign-in", "import"
WAYS = (RENEWAL, DEVICE, CODE, IMPORT)
GRANT_TYPES = {RENEWAL: "refresh_token", DEVICE: "device_code", CODE: "authorization_code",
               IMPORT: "refresh_token"}

# Steps beside those of the killer: what Yandex has answered is not here yet.
ANSWERED = "answered"
TOLD_WHOSE = "told whose"
ARRIVING = STEPS[STEPS.index("received"):STEPS.index("reply-before")]
STEPS_OF = {RENEWAL: (ANSWERED, *STEPS), DEVICE: (ANSWERED, TOLD_WHOSE, *ARRIVING),
            CODE: (ANSWERED, TOLD_WHOSE, *ARRIVING),
            IMPORT: (ANSWERED, *STEPS[:STEPS.index("reply-before")])}

# How the session ends: our unit alone is stopped; the manager is told to end, which stops everything, and
# may take its time; the same, but the time is short and the user's programs are gone at once; everybody is
# told at once, and nobody waits for anybody. Of the last, which is no way of systemd's, nothing is promised.
STOP, LOGOUT, REBOOT, EVERYBODY = "stop", "logout", "reboot", "everybody"
ENDS = (STOP, LOGOUT, REBOOT)
REBOOT_SECONDS = 5

# What became of it.
KEPT, NOTHING, LOST = "kept", "nothing had happened", "lost"

# How long whoever does not wait for the daemon has for its end, while the daemon stands still.
OTHERS_SECONDS = 0.2
LOOK_AGAIN_MS = 5

DROP_IN = """[Service]
StandardError=append:{log}
Environment=LD_PRELOAD={killer}
Environment=CHAOS_LOG={chaos_log}
Environment=YADISK_TOKEND_LOG_LEVEL=debug
"""


def await_looking(predicate, what, seconds=None):
    """For what no message tells of."""
    source = GLib.timeout_add(LOOK_AGAIN_MS, lambda: GLib.SOURCE_CONTINUE)
    try:
        return await_until(predicate, what, **({"seconds": seconds} if seconds else {}))
    finally:
        GLib.source_remove(source)


def await_briefly(predicate):
    """For others, who may also wait for the daemon."""
    late = []
    source = GLib.timeout_add(int(OTHERS_SECONDS * 1000), lambda: late.append(True))
    await_looking(lambda: late or predicate(), "others")
    if not late:
        GLib.source_remove(source)


def is_alive(pid):
    """Not when nobody has taken note of its end yet, either."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_told_to_end(pid):
    """Whether SIGTERM waits for it to go on."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        pending = next(line for line in file if line.startswith("ShdPnd:"))
    return bool(int(pending.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


class Scene:
    """A user, logged in, whose keyring is unlocked, with one account."""

    def __init__(self, killer, bus, enabled=(OURS, KEYRING_SOCKET)):
        self.sim = Simulator(refresh_mode="B", old_refresh_token="dies", interval=1)
        self.sim.start()
        self.session = UserSession(bus, enabled, keyring=False, logged_in=False,
                                   services=KEYRING_SERVICES)
        self.session.empty_home()
        self.app = self.sim.applications[0]
        self.killer = Log(os.path.join(self.session.home, "killer-log"))
        self._configure(killer)
        self._make_keyring()
        self.guests = 0
        self.log_in()
        self.path = self.sign_in().path

    def _configure(self, killer):
        self.session.configure_for(self.sim)
        self.session.write(f".config/systemd/user/{UNIT}.d/killer.conf", DROP_IN.format(
            log=self.session.daemon_log, killer=killer, chaos_log=self.killer.path))

    def _make_keyring(self):
        self.session.log_in()
        self.keyring.start()
        unlock_through_control(self.session.runtime)
        self.session.log_out()

    def close(self):
        self.session.close()
        self.sim.stop()

    @property
    def client(self):
        return self.session.client

    @property
    def keyring(self):
        return self.session.keyring

    def log_in(self):
        self.session.log_in()
        self.session.await_started()
        self.keyring.unlock()
        self.await_keyring_read()

    def await_keyring_read(self):
        """There is an application as soon as there has been a sign-in."""
        def is_read():
            return (self.client.property("KeyringState") == "unlocked" and
                    (not self.guests and not self.sim.grants() or
                     self.client.manager("ListApplications")[0]))
        await_looking(is_read, "the daemon to have read the keyring")

    def accounts(self):
        return {account.get("Login"): account for account in self.client.accounts()}

    def add_guest(self):
        self.guests += 1
        return self.sim.add_user(f"guest{self.guests}")["login"]

    def live(self, login):
        """The refresh token that Yandex accepts of this user, or None."""
        found = self.sim.grants(client_id=self.app["client_id"], login=login, alive=True)
        return found[-1]["refresh_token"] if found else None

    def sign_in(self, login=None, **given):
        """In peace."""
        request = self.client.sign_in(client_id=self.app["client_id"], flow="code",
                                      client_secret=self.app["client_secret"], **given)
        request.submit(self.sim.authorize(request.prompt()["authorization_url"], login)["code"])
        account = request.await_account()
        account.await_is("Saved", True)
        return account


class Round:
    """One thing under way, and one end of the session at one step of it."""

    def __init__(self, scene, way, end, step):
        self.scene, self.sim, self.way, self.end, self.step = scene, scene.sim, way, end, step
        self.login = self.sim.login if way == RENEWAL else scene.add_guest()
        self.pair = self.sim.sign_in_elsewhere(scene.app, self.login) if way == IMPORT else None
        self.before = scene.live(self.login)
        self.pids = [self._pid(TOKENS), self._pid(SECRETS)]

    def _pid(self, name):
        return self.scene.client.bus("GetConnectionUnixProcessID", "(s)", name)

    def __str__(self):
        return f"{self.way}, {self.end} at {self.step}"

    # What is under way

    def begin(self):
        self.sim.forget_requests()
        self.scene.client.signals.clear()
        if self.step == ANSWERED:
            self._hold_answers("/token", grant_type=GRANT_TYPES[self.way])
        elif self.step == TOLD_WHOSE:
            self._hold_answers("/info")
        elif self.way != DEVICE:
            self.scene.killer.order_hold(self.step)
        getattr(self, "_begin_" + self.way.replace(" ", "_").replace("-", "_"))()
        self.scene.client.connection.flush_sync(None)
        self._await_step()

    def _hold_answers(self, path, **selection):
        self.sim.trouble({"kind": "held", "path": path, **selection})

    def _begin_renewal(self):
        self.scene.accounts()[self.login].begin_refresh()

    def _begin_import(self):
        given = {"client_id": self.scene.app["client_id"], "flow": "import",
                 "client_secret": self.scene.app["client_secret"],
                 "refresh_token": self.pair["refresh_token"], "access_token": self.pair["access_token"]}
        self.scene.client.begin(MANAGER_PATH, MANAGER, "SignIn", "(a{sv})", options(given))

    def _begin_code_sign_in(self):
        request = self._ask("code")
        address = request.prompt()["authorization_url"]
        code = self.sim.authorize(address, self.login)["code"]
        self.scene.client.begin(request.path, REQUEST, "SubmitCode", "(s)", code)

    def _begin_device_sign_in(self):
        """What comes before the user allows it are other answers."""
        request = self._ask("device")
        code = request.prompt()["user_code"]
        if self.step == ANSWERED:
            self.sim.wait("/token", trouble="held")
        self.sim.allow(code, self.login)
        self.sim.let_go()
        if self.step not in (ANSWERED, TOLD_WHOSE):
            self.scene.killer.order_hold(self.step)

    def _ask(self, flow):
        return self.scene.client.sign_in(client_id=self.scene.app["client_id"], flow=flow,
                                         client_secret=self.scene.app["client_secret"])

    def _await_step(self):
        if self.step == ANSWERED:
            self.sim.wait("/token", trouble="held", status=200)
        elif self.step == TOLD_WHOSE:
            self.sim.wait("/info", trouble="held")
        else:
            await_looking(lambda: self.scene.killer.held == self.step, f"the step {self.step}")

    # How it is ended

    def end_session(self):
        """The daemon goes on when all have been told to end, and when those who do not wait for it are gone."""
        session, (daemon, keyring) = self.scene.session, self.pids
        if self.end == STOP:
            session.systemctl("stop", "--no-block", UNIT)
        elif self.end == EVERYBODY:
            session.terminate_all()
        else:
            session.begin_log_out()
        if self.end == REBOOT:
            self.scene.client.close()
        if self.step not in (ANSWERED, TOLD_WHOSE):
            await_looking(lambda: is_told_to_end(daemon), "the daemon to be told to end")
        if self.end != STOP:
            await_briefly(lambda: not is_alive(keyring))
        self.sim.trouble()
        self.sim.let_go()
        self.scene.killer.let_go()
        return self._await_end()

    def _await_end(self):
        session = self.scene.session
        if self.end == STOP:
            session.systemctl("stop", UNIT)
            session.systemctl("start", UNIT)
            self.scene.await_keyring_read()
        else:
            ended = session.end_log_out(*([REBOOT_SECONDS] if self.end != LOGOUT else []))
            assert ended or self.end == EVERYBODY, f"{self}: not ended in time"
            self.scene.log_in()

    # What became of it

    def fate(self):
        account = self.scene.accounts().get(self.login)
        live = self.scene.live(self.login)
        if not account:
            return NOTHING if live == self.before else LOST
        account.await_is("Refreshing", False)
        account.await_is("Saved", True)
        kept, = [item.document()["grant"]["refresh_token"] for item in
                 self.scene.keyring.ours("account") if item.attributes["id"] == account.id]
        if kept != live:
            return LOST
        assert account.state == "active", f"{self}: {account.all()}"
        return KEPT

    def tidy_up(self, fate):
        """One account, which is signed in, and may be renewed: one life of the daemon asks Yandex once in ten
        seconds."""
        account = self.scene.accounts().get(self.login)
        if self.way != RENEWAL and account:
            if fate == KEPT:
                account.refresh()
            account.sign_out(revoke=False)
        elif self.way == RENEWAL and fate == LOST:
            self.scene.sign_in(account=GLib.Variant("o", self.scene.path))
            self.scene.session.systemctl("restart", UNIT)
            self.scene.await_keyring_read()


class Tally:
    def __init__(self):
        self.counts = {}

    def note(self, round_, fate):
        row = self.counts.setdefault((round_.way, round_.step), {})
        cell = row.setdefault(round_.end, {KEPT: 0, NOTHING: 0, LOST: 0})
        cell[fate] += 1

    def rounds(self, *ends):
        return sum(sum(cell.values()) for row in self.counts.values() for end, cell in row.items()
                   if not ends or end in ends)

    def lost(self, *ends):
        return sum(cell[LOST] for row in self.counts.values() for end, cell in row.items()
                   if not ends or end in ends)

    def text(self):
        ends = [end for end in (*ENDS, EVERYBODY) if any(end in row for row in self.counts.values())]
        lines = [f"{'lost, of so many':<36}" + "".join(f"{end:>12}" for end in ends)]
        for way in WAYS:
            for step in STEPS_OF[way]:
                row = self.counts.get((way, step))
                if row:
                    cells = (f"{row[end][LOST]} / {sum(row[end].values())}" if end in row else "-"
                             for end in ends)
                    lines.append(f"{way + ', ' + step:<36}" + "".join(f"{cell:>12}" for cell in cells))
        lines.append(f"{'all':<36}" + "".join(f"{f'{self.lost(end)} / {self.rounds(end)}':>12}"
                                              for end in ends))
        return "\n".join(lines)


def is_promised(way, end, step):
    """Not where the program that asked for a sign-in has gone before an answer was there for it."""
    return not (way in (DEVICE, CODE) and end == REBOOT and step == ANSWERED)


def all_rounds(ways=WAYS, ends=ENDS, steps=None):
    return [(way, end, step) for way in ways for step in STEPS_OF[way] for end in ends
            if is_promised(way, end, step) and (not steps or step in steps)]


def run_rounds(scene, rounds, tally):
    for way, end, step in rounds:
        round_ = Round(scene, way, end, step)
        try:
            round_.begin()
            round_.end_session()
            fate = round_.fate()
            tally.note(round_, fate)
            round_.tidy_up(fate)
        except (AssertionError, BusError, TimeoutError) as error:
            raise AssertionError(f"{round_}: {error}") from error


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, help="each step and each end in turn; default: once")
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--end", action="append", choices=(*ENDS, EVERYBODY))
    parser.add_argument("--step", action="append", choices=(ANSWERED, TOLD_WHOSE, *STEPS))
    parser.add_argument("--bus", choices=BUSES, default=DBUS_DAEMON)
    parser.add_argument("--without-units", action="store_true",
                        help="of gnome-keyring: the bus starts it")
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    return parser.parse_args()


def run(arguments):
    turn = all_rounds(arguments.way or WAYS, arguments.end or ENDS, arguments.step)
    rounds = [turn[i % len(turn)] for i in range(arguments.rounds or len(turn))]
    random.Random(arguments.seed).shuffle(rounds)
    tally = Tally()
    scene = Scene(file_inside(os.path.basename(KILLER)), arguments.bus,
                  [OURS] if arguments.without_units else [OURS, KEYRING_SOCKET])
    try:
        run_rounds(scene, rounds, tally)
    except AssertionError:
        print(scene.session.log())
        raise
    finally:
        print(tally.text(), flush=True)
    scene.close()
    return 1 if tally.lost(*ENDS) else 0


def main():
    arguments = parse_arguments()
    if is_inside():
        return run(arguments)
    if not has_bus(arguments.bus) or not shutil.which("gnome-keyring-daemon"):
        print(f"needs {arguments.bus} and gnome-keyring")
        return 77
    return run_inside(__file__, *sys.argv[1:], files=[os.path.join(build_directory(), KILLER)])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
