# SPDX-License-Identifier: MIT
"""The driver's side of killer.c: gives the order at which step to die, and reads how far it came."""

import mmap
import os
import struct

MAGIC = 0x4b494c32

# As in killer.h, without STEP_NONE.
STEPS = ("requested", "reading", "received", "memfd", "store-before", "store-after",
         "keyring-before", "keyring-after", "keyring-answered", "remove-before", "remove-after",
         "reply-before", "reply-after")
NONE = "none"
NAMES = (NONE, *STEPS)

# What the driver sets, what the library counts, and one number and one time for each step.
HEAD = struct.Struct("=9I")
COUNTS = struct.Struct(f"={len(NAMES)}I")
TIMES = struct.Struct(f"={len(NAMES)}q")
COUNTS_AT = HEAD.size
TIMES_AT = (COUNTS_AT + COUNTS.size + 7) // 8 * 8
ORDER = struct.Struct("=III")
ORDER_AT = 4
HELD = struct.Struct("=I")
HELD_AT = HEAD.size - HELD.size


def is_before(step, other):
    return NAMES.index(step) < NAMES.index(other)


class Log:
    """Outlives every kill."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(HEAD.pack(MAGIC, *[0] * 8).ljust(mmap.PAGESIZE, b"\0"))
        fd = os.open(path, os.O_RDWR)
        self._map = mmap.mmap(fd, mmap.PAGESIZE)
        os.close(fd)

    def order(self, step, occurrence=1):
        """Die when the step is reached for the occurrence-th time from now on."""
        self._order(step, occurrence, False)

    def order_hold(self, step):
        """Stand still when the step is reached, until let_go()."""
        self._order(step, 1, True)

    def _order(self, step, occurrence, hold):
        ORDER.pack_into(self._map, ORDER_AT, 0, occurrence, hold)
        ORDER.pack_into(self._map, ORDER_AT, NAMES.index(step), occurrence, hold)

    @property
    def held(self):
        return NAMES[self._head(8)]

    def let_go(self):
        """It goes on, or is not held at all, where it has not come there yet."""
        self._order(NONE, 0, False)
        HELD.pack_into(self._map, HELD_AT, 0)

    def _head(self, i):
        return HEAD.unpack_from(self._map)[i]

    @property
    def lives(self):
        return self._head(4)

    @property
    def suicides(self):
        return self._head(5)

    @property
    def received(self):
        return self._head(6)

    @property
    def last(self):
        return NAMES[self._head(7)]

    def count(self, step):
        return COUNTS.unpack_from(self._map, COUNTS_AT)[NAMES.index(step)]

    def microseconds(self, first, last):
        """From one step to another of the newest refresh that took both."""
        times = TIMES.unpack_from(self._map, TIMES_AT)
        return (times[NAMES.index(last)] - times[NAMES.index(first)]) / 1000
