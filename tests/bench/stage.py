# SPDX-License-Identifier: MIT
"""Where it is measured: a world with a bus, a real keyring that has accounts, the daemon as it runs in everyday
life, and a service that does nothing; and how a program that measures a group of figures begins and ends.

Such a program writes one line of JSON: for each key of a figure what each round gave, {"ours": [...], "other": [...]},
or {"reason": "..."} if it cannot be measured here."""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from gi.repository import GLib
from records import account_item, application_item, write_keyring
from rig import Simulator
from rig.bus import BUS, TOKENS, BusError
from rig.process import Process
from rig.waiting import eventually
from rig.world import World

PROCESSORS = sorted(os.sched_getaffinity(0))  # before any of them is given away
IDLE_SERVICE = "tests/neighbours/idle-service"
IDLE, SEALED = "io.github.yadiskctl.Idle1", "io.github.yadiskctl.Idle1.Sealed"


class Stage:
    open = []  # of this process

    def __init__(self, sim, accounts=1, tokens=None):
        """The accounts have the tokens given, or made-up ones."""
        self.world = World()
        self._others = []
        self.sim, self.app = sim, sim.applications[0]
        self.world.environment.pop("YADISK_TOKEND_LOG_LEVEL")
        self.world.configure_for(sim)
        self.last_login = f"user-{accounts - 1}"
        items = [account_item(self.app, f"user-{i}", tokens[i] if tokens else None) for i in range(accounts)]
        write_keyring(self.world.environment["XDG_DATA_HOME"], [application_item(self.app), *items])
        self.world.start_keyring()
        self.open.append(self)

    def close(self):
        """The last one finds what any of them has left."""
        for process in self._others:
            process.end()
        self.open.remove(self)
        if self.open:
            self.world.spare_others()
        wrong = self.world.close()
        assert not wrong, wrong

    @property
    def bus(self):
        return self.world.address

    @property
    def client(self):
        return self.world.client

    def start_daemon(self):
        """Returns how many seconds it takes until it serves the last account, which may be later than it is ready:
        it waits for the keyring for four seconds, and no longer. What other daemons have announced is no part of it."""
        while GLib.MainContext.default().iteration(False):
            pass
        start = time.monotonic()
        self.world.start_daemon()
        eventually(self._serves, "the last account")
        return time.monotonic() - start

    def _serves(self):
        try:
            return self.client.get_token(self.last_login).value
        except BusError:
            return None

    def start_idle_service(self, *arguments):
        service = Process([self.world.binary(IDLE_SERVICE), *arguments], env=self.world.environment,
                          stdout=subprocess.PIPE, text=True)
        self.end_at_close(service)
        assert service.stdout.readline() == "ready\n", "the service that does nothing has not started"
        return service

    def end_at_close(self, process):
        self._others.append(process)

    def program(self, name):
        return self.world.binary("tests/bench/" + name)

    def measure(self, name, *arguments):
        """Runs a program that measures; returns its numbers, a list for each line."""
        done = self.world.run(self.program(name), *map(str, arguments))
        assert done.status == 0, done
        return [[int(word) for word in line.split()] for line in done.lines]

    def place(self):
        """The bus on a processor of its own, and those who talk by it on another, from now on. By chance a call would
        stay on one processor, or not, which makes as much of a difference as the services do."""
        os.sched_setaffinity(0, PROCESSORS[:1])
        for name in (TOKENS, IDLE, SEALED):
            if self.client.owner_of(name):
                self._place(name, PROCESSORS[:1])
        self._place(BUS, PROCESSORS[-1:])

    def _place(self, name, processors):
        pid = self.client.bus("GetConnectionUnixProcessID", "(s)", name)
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), processors)

    def memory(self, pid=None):
        """Private and of no file, in bytes; 0 if we are not root, from whom alone the daemon does not hide it."""
        if os.getuid() != 0:
            return 0
        with open(f"/proc/{pid or self.world.daemon.pid}/smaps_rollup", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("Anonymous:")).split()[1]) * 1024


@contextmanager
def simulator():
    """Which ends the old token at once when it gives a new one, as the real one may."""
    sim = Simulator(refresh_mode="B")
    sim.start()
    try:
        yield sim
    finally:
        sim.stop()


@contextmanager
def on(sim, *arguments, **keywords):
    """A stage. Of several, the last is the first to be closed."""
    stage = Stage(sim, *arguments, **keywords)
    try:
        yield stage
    finally:
        stage.close()


@contextmanager
def alone():
    with simulator() as sim, on(sim) as stage:
        yield stage


def memory_figure(ours, other=()):
    """From what memory() has found."""
    return {"ours": ours, "other": other} if os.getuid() == 0 else {"reason": "needs root"}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main(measure):
    """The function is given the options, and a dictionary to put its figures into, which are told even if it
    fails later on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand clients
    figures = {}
    try:
        measure(parse(), figures)
    finally:
        print(json.dumps(figures), flush=True)
