# SPDX-License-Identifier: MIT
"""The words in which the tests of neighbours are written: a flooder, which asks for too much, a victim, which asks
for a token and is served, and a service that does nothing, in whose place the daemon can be looked at."""

import os
import resource
import signal
import subprocess
from contextlib import contextmanager

from rig import EndToEndTest
from rig.bus import BUS, BUS_PATH, MANAGER, MANAGER_PATH, TOKENS
from rig.process import Process
from rig.waiting import eventually

IDLE = "io.github.yadiskctl.Idle1"


class Flooder(Process):
    """See flooder.c. How much of it there was is known when it has ended."""

    def await_ready(self):
        assert self.stdout.readline() == "ready\n", "the flooder does not flood"
        return self

    def end_of_flood(self):
        self.stdin.close()
        self.sent, self.answered, self.refused = map(int, self.stdout.readline().split())
        assert self.await_end() == 0
        self.close()


class NeighbourTest(EndToEndTest):
    """An account is signed in."""

    KNOBS = {"refresh_mode": "B"}

    @classmethod
    def setUpClass(cls):
        """Systemd gives a bus that many descriptors, a shell seldom does. A bus without any more disconnects a service
        that refuses nothing, such as the one that does nothing."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def program(self, name):
        return self.world.binary("tests/neighbours/" + name)

    def begin_diagnose(self, client):
        return client.begin(MANAGER_PATH, MANAGER, "Diagnose", "(a{sv})", {})

    # Flooders

    def launch_flooder(self, way, window, *calls, to=TOKENS):
        """The bus has passed on its calls, or keeps them for a daemon that is stopped."""
        application = f"{self.client_id}:{self.client_secret}"
        flooder = Flooder([self.program("flooder"), self.world.address, to, application, way, str(window),
                           *calls], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(flooder.end)
        return flooder.await_ready()

    @contextmanager
    def flood(self, way, window, *calls, to=TOKENS):
        """Goes on until the end of the block."""
        flooder = self.launch_flooder(way, window, *calls, to=to)
        try:
            yield flooder
        except BaseException:
            flooder.end()  # it is to spoil nothing else
            raise
        flooder.end_of_flood()

    # Victims

    def ask(self, calls=1, milliseconds=60000, to=TOKENS):
        """As a program of its own: how many answers, and in microseconds the median and the longest time."""
        done = self.world.run(self.program("victim"), self.world.address, to, str(calls), str(milliseconds))
        self.assertEqual(done.status, 0, done)
        return tuple(map(int, done.out.split()))

    # The service that does nothing

    def start_idle_service(self):
        service = Process([self.program("idle-service"), IDLE], env=self.world.environment,
                          stdout=subprocess.PIPE, text=True)
        self.addCleanup(service.end)
        self.assertEqual(service.stdout.readline(), "ready\n")
        return service

    # The daemon

    @contextmanager
    def daemon_stopped(self):
        """By a signal: what it is sent waits, and is there at once when it goes on."""
        self.daemon.send(signal.SIGSTOP)
        try:
            eventually(self.daemon_is_stopped, "the daemon to stop")
            yield
        finally:
            self.daemon.send(signal.SIGCONT)

    def daemon_is_stopped(self):
        return self.daemon_status("State").startswith("T")

    def daemon_status(self, name):
        """A line of /proc/PID/status."""
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii") as file:
            return next(line.split(maxsplit=1)[1] for line in file if line.startswith(name + ":"))

    def memory(self, name="VmRSS"):
        """In KiB."""
        return int(self.daemon_status(name).split()[0])

    def await_passed_on(self, client):
        """Until the bus has passed on to the daemon, or kept for it, all that the client has sent."""
        client.call(BUS_PATH, BUS, "GetId", destination=BUS)
