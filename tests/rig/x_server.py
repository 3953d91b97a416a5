# SPDX-License-Identifier: MIT
"""A screen that nobody sees: Xvfb, on whichever display is free."""

import contextlib
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
        self._files = self._find_files()

    @property
    def display(self):
        return ":" + self._number

    def _find_files(self):
        """With the times at which they were made."""
        files = set()
        for path in (f"/tmp/.X{self._number}-lock", f"/tmp/.X11-unix/X{self._number}"):
            with contextlib.suppress(FileNotFoundError):
                files.add((path, os.stat(path).st_mtime_ns))
        return files

    def close(self):
        """It removes what it has left in /tmp. Its number may be that of another server by now."""
        self._process.end()
        left = self._files & self._find_files()
        assert not left, left
