# SPDX-License-Identifier: MIT
"""Bubblewraps as Flatpak makes them: a root directory of its own, with /.flatpak-info in it."""

import os
import subprocess
import unittest

# What a program needs to start; the rest of the root is empty.
SYSTEM = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
          "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev"]

INFO = "[Application]\nname={}\nruntime=runtime/org.example.Platform/x86_64/1\n\n" \
       "[Instance]\ninstance-id=1234567890\n\n[Session Bus Policy]\norg.example.Other=talk\n"


def need_bubblewrap():
    """Skips the tests if no namespaces can be made here."""
    try:
        subprocess.run(["bwrap", *SYSTEM, "--unshare-user", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise unittest.SkipTest(f"no bubblewrap can be made here: {error}") from None


class Bubblewrap:
    """prefix is a command that runs the rest of its arguments there; fds are to be passed to it."""

    def __init__(self, *options, info=None, way="--ro-bind-data"):
        """The info is the text of /.flatpak-info. Flatpak gives it to an application in this way, and to its proxy by
        --file."""
        self.fds = []
        if info is not None:
            fd = os.memfd_create("flatpak-info")
            os.write(fd, info.encode())
            os.lseek(fd, 0, os.SEEK_SET)
            self.fds.append(fd)
            options = (way, str(fd), "/.flatpak-info", *options)
        self.prefix = ["bwrap", "--die-with-parent", *SYSTEM, *options]

    def close(self):
        for fd in self.fds:
            os.close(fd)


def flatpak(app, *options, **keywords):
    return Bubblewrap(*options, info=INFO.format(app), **keywords)
