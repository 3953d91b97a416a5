# SPDX-License-Identifier: MIT
"""The clocks of a program, which are the machine's but for what is done to them here.

The machine's own are everybody's, so no test may set them. In their place clock.c stands between the program, its
libraries included, and the system calls: what it answers and when timers end is as if the clock had been set,
TFD_TIMER_CANCEL_ON_SET included. That the kernel does so itself is not shown here."""

import os
import socket
import struct
import threading
import time
from contextlib import contextmanager

from .tree import build_directory
from .waiting import DEADLINE

MSEC = 1000  # in a second
MOMENT = 0.1  # seconds
IN_NO_TIME = 300  # milliseconds
LIBRARY = "tests/rig/libtest-clock.so"

MINUTE, HOUR, DAY = 60, 3600, 86400
YEAR = 365 * DAY


class Clock:
    """Those of the daemon."""

    def __init__(self, world, ahead=0):
        self._environment = world.environment
        self._path = os.path.join(world.runtime, "clock")
        self._file = open(self._path + ".ahead", "wb", buffering=0)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.path.join(world.runtime, "clock-hand"))
        self._socket.settimeout(DEADLINE)
        self._waited_ms = 0
        self._flies = False
        self.turn(ahead)

    def close(self):
        self._socket.close()
        self._file.close()

    def environment(self):
        return with_clock(self._environment, self.ahead) | {"YADISK_CLOCK": self._path}

    # The wall clock alone, as when the machine has slept

    def turn(self, ahead):
        """A program that looks sees it, but no timer ends."""
        self.ahead = ahead
        os.pwrite(self._file.fileno(), struct.pack("qq", ahead * MSEC, self._waited_ms), 0)

    def set(self, ahead):
        """The user sets it, so many seconds ahead of the machine's."""
        self.turn(ahead)
        self._ask("set")

    def set_while_stopped(self, ahead):
        """The same to a process that will be told when it goes on."""
        self.turn(ahead)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:  # which hears no answer
            sender.sendto(b"set", self._path)

    def pass_by(self, seconds):
        """Time goes by; the clock is not set."""
        self.turn(self.ahead + seconds)
        self._ask("pass")

    def pass_until(self, moment):
        """The same, until a second after a moment of its own."""
        self.pass_by(max(0, moment - int(time.time()) - self.ahead) + 1)

    # The clocks by which it waits for answers, and between two questions

    def wait(self, seconds):
        """So much more time has passed for what it waits for. It may give up what has not come by then."""
        self._wait_ms(seconds * MSEC)

    def wait_for_its_end(self, seconds):
        """The same to a program that ends by it, and may not answer us any more."""
        self._waited_ms += seconds * MSEC
        self.turn(self.ahead)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"pass", self._path)

    def left(self):
        """Seconds to the end of its next timer, or a negative number if it has none."""
        return self._ask("next") / MSEC

    @contextmanager
    def flying(self, longest=4):
        """Meanwhile its pauses are cut short: whenever it has done nothing for a moment, and its next timer ends
        in that many seconds at the most, that one ends at once. What takes longer, as the time that Yandex has
        for an answer, does not fly by because the machine is busy."""
        if self._flies:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(target=self._fly, args=(over, longest * MSEC))
        thread.start()
        self._flies = True
        try:
            yield
        finally:
            self._flies = False
            over.set()
            thread.join()

    def _fly(self, over, longest):
        before = -1
        while not over.wait(MOMENT):
            left = self._ask("next")
            if IN_NO_TIME < left <= min(longest, before):
                self._wait_ms(left)
                left = -1
            before = left

    def _wait_ms(self, milliseconds):
        self._waited_ms += milliseconds
        self.pass_by(0)

    def _ask(self, what):
        """-1 if there is no daemon, or one that is about to be there."""
        try:
            self._socket.sendto(what.encode(), self._path)
        except (FileNotFoundError, ConnectionRefusedError):
            return -1
        return int(self._socket.recv(64))


def preloaded(ahead):
    """For any program whose wall clock is to be ahead."""
    return {"LD_PRELOAD": os.path.join(build_directory(), LIBRARY), "YADISK_CLOCK_AHEAD": str(ahead)}


def with_clock(environment, ahead=0):
    """The same for ours. AddressSanitizer wants to be loaded first, but need not be."""
    return preloaded(ahead) | {"ASAN_OPTIONS": environment["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}


def in_a_hurry(environment):
    """For one that waits in vain."""
    return with_clock(environment) | {"YADISK_CLOCK_HURRY": "1"}
