# SPDX-License-Identifier: MIT
"""Namespaces: which can be made here, and tests that run in some of their own."""

import os
import subprocess
import sys
import unittest

from .process import Process


def can_unshare(*options):
    """Ordinary users may make namespaces on some machines, and within a user namespace on most."""
    return subprocess.run(["unshare", *options, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def needs_user_namespace(test):
    """Linux gives none to anybody in a chroot."""
    return unittest.skipUnless(can_unshare("--user"), "needs a user namespace")(test)


def run_with_own_pids(test, class_name, *options):
    """Runs a class of the test's own program where the next PID can be chosen."""
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    namespaces = [*user, "--pid", "--fork", "--kill-child", "--mount-proc", *options]
    if not can_unshare(*namespaces):
        test.skipTest("needs a PID namespace")
    child = Process(["unshare", *namespaces, sys.executable, os.path.realpath(sys.argv[0]), class_name])
    test.addCleanup(child.end)
    test.assertEqual(child.await_end(120), 0)
