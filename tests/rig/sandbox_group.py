# SPDX-License-Identifier: MIT
"""Control groups with the names that a service manager and snapd give them. Needs root, and cgroup v2."""

import os
import select
import tempfile
import unittest

from .hiding import have_mounts, must
from .process import LIBC


class Groups:
    """In a mount that only this process and its children see, below the group of this process."""

    def __init__(self):
        if os.getuid() != 0:
            raise unittest.SkipTest("needs root, to make control groups")
        with open("/proc/self/cgroup", encoding="ascii") as file:
            own = next((line[3:].strip() for line in file if line.startswith("0::")), None)
        if own is None:
            raise unittest.SkipTest("needs cgroup v2")
        self._mounted = tempfile.mkdtemp(prefix="yadisk-")
        have_mounts()
        must(LIBC.mount(b"none", self._mounted.encode(), b"cgroup2", 0, None))
        self._top = os.path.join(self._mounted, own.strip("/"), f"yadisk-{os.getpid()}")
        os.mkdir(self._top)

    def enter(self, path):
        """Makes the group, and returns what a child calls to go there."""
        group = os.path.join(self._top, path)
        os.makedirs(group, exist_ok=True)

        def go():
            with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write("0")
        return go

    def close(self):
        """Ends who is in there."""
        for path, _, _ in os.walk(self._top, topdown=False):
            with open(os.path.join(path, "cgroup.kill"), "w", encoding="ascii") as file:
                file.write("1")
            await_empty(os.path.join(path, "cgroup.events"))
            os.rmdir(path)
        must(LIBC.umount2(self._mounted.encode(), 0))
        os.rmdir(self._mounted)


def await_empty(events):
    with open(events, encoding="ascii") as file:
        poll = select.poll()
        poll.register(file, select.POLLPRI)
        while "populated 1" in file.read():
            poll.poll()
            file.seek(0)
