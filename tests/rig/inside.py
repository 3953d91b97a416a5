# SPDX-License-Identifier: MIT
"""How a test begins that needs a machine of its own with a systemd of a user: it runs itself once more inside
user-session, as an ordinary user, with what was built installed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from . import canary
from .case import main, skip
from .user_session import DBUS_DAEMON, find_unit, has_bus
from .world import SOURCE, build_directory

INSIDE = "YADISK_INSIDE_USER_SESSION"
BUS = "YADISK_BUS"
FILES = "YADISK_FILES"
PASSED_ON = (BUS, canary.WANTED, "YADISK_TEST_TIMEOUT")


def is_inside():
    return INSIDE in os.environ


def install(directory):
    subprocess.run(["cmake", "--install", build_directory()], check=True,
                   env=os.environ | {"DESTDIR": directory}, stdout=subprocess.DEVNULL)


def prefix():
    with open(os.path.join(build_directory(), "CMakeCache.txt"), encoding="utf-8") as file:
        return re.search(r"^CMAKE_INSTALL_PREFIX:PATH=(.*)$", file.read(), re.MULTILINE)[1]


def installed(path):
    """Inside: the path of what is installed there, below the prefix."""
    program = os.path.realpath(shutil.which("yadiskctl"))  # not by way of /bin
    return os.path.join(os.path.dirname(os.path.dirname(program)), path)


def run_inside(program, *arguments, files=(), **environment):
    """The program is a file below tests. What else it needs of what was built is copied to where FILES, in its
    environment, tells. Returns its exit status."""
    if os.getuid() != 0:
        skip("needs root")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tests = os.path.join(SOURCE, "tests")
    inside = os.path.relpath(os.path.realpath(program), tests)
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    passed |= environment | {INSIDE: "1", "PYTHONPATH": "/run/tests", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(prefix="yadisk-") as directory:
        os.chmod(directory, 0o755)
        install(directory)
        passed[FILES] = os.path.join(directory, "files")
        os.mkdir(passed[FILES])
        for path in files:
            shutil.copy(path, passed[FILES])
        return subprocess.run(
            [os.path.join(tests, "rig", "user-session"), directory, prefix(), tests, "env",
             *(f"{name}={value}" for name, value in passed.items()), "/usr/bin/python3",
             os.path.join("/run/tests", inside), *arguments], check=False).returncode


def main_inside(program, programs=(), units=(), files=()):
    """What a test program ends with: inside, its tests; before that, the way there. It is skipped without these
    programs and units."""
    if is_inside():
        main()
    if os.environ.get("YADISK_SANITIZE"):
        skip("the sandbox of the unit does not let the sanitizers work")
    for name in programs:
        if not shutil.which(name):
            skip(f"needs {name}")
    if not has_bus(os.environ.get(BUS, DBUS_DAEMON)):
        skip(f"needs {os.environ[BUS]}")
    for name in units:
        if not find_unit(name):
            skip(f"needs {name}")
    sys.exit(run_inside(program, *sys.argv[1:], files=files))


def file_inside(name):
    return os.path.join(os.environ[FILES], name)
