# SPDX-License-Identifier: MIT
"""A real terminal on a screen that nobody sees, and a scanner in front of it."""

import os
import shutil
import subprocess

from .process import Process

NEEDED = ("xterm", "Xvfb", "import", "zbarimg")


def missing():
    """The first of the programs that are not here, or None."""
    return next((name for name in NEEDED if not shutil.which(name)), None)


class Xterm:
    """Runs the command in a window of that size, in the upper left corner of the display."""

    def __init__(self, display, arguments, environment, columns=80, lines=24, options=()):
        self._picture = os.path.join(environment["TMPDIR"], "window.png")
        self._environment = environment | {"DISPLAY": display}
        self._process = Process(
            ["xterm", "-u8", "-geometry", f"{columns}x{lines}+0+0", *options, "-e", *arguments],
            env=self._environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def scan(self):
        """What the pictures that are seen now say, one a line."""
        subprocess.run(["import", "-window", "root", self._picture], env=self._environment, check=True)
        return subprocess.run(["zbarimg", "--quiet", "--raw", self._picture], capture_output=True,
                              text=True, check=False, env=self._environment).stdout

    def close(self):
        self._process.end()
