# SPDX-License-Identifier: MIT
"""A screen that nobody sees: Xvfb, on whichever display is free."""

import os
import subprocess

from .process import Process


class XServer:
    def __init__(self, environment, size="800x600"):
        reading, writing = os.pipe()
        self._process = Process(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size + "x24", "-nolisten", "tcp",
             "-noreset"], env=environment, pass_fds=[writing], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as file:
            self._number = file.readline().strip()
        if not self._number:
            raise RuntimeError("the X server did not start")

    @property
    def display(self):
        return ":" + self._number

    def close(self):
        """It removes what it has left in /tmp."""
        self._process.end()
        for path in (f"/tmp/.X{self._number}-lock", f"/tmp/.X11-unix/X{self._number}"):
            assert not os.path.exists(path), path
