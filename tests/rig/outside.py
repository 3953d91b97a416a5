# SPDX-License-Identifier: MIT
"""Programs outside of a session: nothing of the user's is below /run, but for what a test puts there."""

import functools
import os
import shlex
import subprocess
import unittest

RUNTIME = f"/run/user/{os.geteuid()}"

# As an ordinary user, one who may mount in a namespace of its own, and still is the same user.
NAMESPACE = ["unshare", "--mount", "--propagation", "private"] + (
    [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"])


@functools.cache
def can_be_had():
    return subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/run"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def command(*arguments, runtime=None, systemd=False):
    """Returns a command that runs the arguments there; skips the test if that is not possible. The runtime directory
    is the user's, if there is to be one; with systemd the machine looks as if systemd had started it."""
    if not can_be_had():
        raise unittest.SkipTest("needs a mount namespace of its own")
    steps = ["mount -t tmpfs -o mode=755 tmpfs /run"]
    if systemd:
        steps.append("mkdir -p /run/systemd/system")
    if runtime:
        steps.append(f"mkdir -p {RUNTIME}")
        steps.append(f"mount --bind {shlex.quote(runtime)} {RUNTIME}")
    return [*NAMESPACE, "sh", "-c", " && ".join([*steps, 'exec "$@"']), "sh", *arguments]
