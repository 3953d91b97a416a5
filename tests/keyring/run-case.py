#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a command in a world of its own: a temporary home and a private session bus.

    run-case.py [--activatable] COMMAND [ARGUMENT...]

Nothing is left behind: processes which the command or the bus leave are adopted and ended, and the
home is deleted. With --activatable the bus knows how to start gnome-keyring.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile

PR_SET_CHILD_SUBREAPER = 36

BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={home}</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

SERVICE = """[D-BUS Service]
Name=org.freedesktop.secrets
Exec=/usr/bin/gnome-keyring-daemon --start --foreground --components=secrets
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def prepare(home, activatable):
    """Fills the home; returns the environment and the configuration of the bus."""
    places = {
        "HOME": home,
        "XDG_RUNTIME_DIR": os.path.join(home, "run"),
        "XDG_DATA_HOME": os.path.join(home, "data"),
        "XDG_CONFIG_HOME": os.path.join(home, "config"),
        "XDG_CACHE_HOME": os.path.join(home, "cache"),
    }
    for place in places.values():
        os.makedirs(place, mode=0o700, exist_ok=True)
    services = os.path.join(home, "services")
    os.mkdir(services)
    if activatable:
        write(os.path.join(services, "org.freedesktop.secrets.service"), SERVICE)

    configuration = os.path.join(home, "bus.conf")
    write(configuration, BUS_CONFIGURATION.format(home=home, services=services))
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "G_DEBUG",
                        "G_MESSAGES_DEBUG", "YADISK_TOKEND_LOG_LEVEL")}
    return kept | places, configuration


def adopted_children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def end_adopted_children():
    """Killing one may hand us its children in turn."""
    while pids := adopted_children():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            os.waitpid(pid, 0)


def on_terminate(number, frame):
    """Unwinds, once: a second signal must not stop the cleaning up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def main():
    command = sys.argv[1:]
    activatable = command[:1] == ["--activatable"]
    if activatable:
        del command[0]
    if not command:
        sys.exit(__doc__)

    signal.signal(signal.SIGTERM, on_terminate)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="keyring-") as home:
        environment, configuration = prepare(home, activatable)
        try:
            return subprocess.run(
                ["dbus-run-session", "--config-file", configuration, "--", *command],
                env=environment, check=False).returncode
        finally:
            end_adopted_children()


if __name__ == "__main__":
    sys.exit(main())
