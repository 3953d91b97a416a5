#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Starts servers, good and bad, on ephemeral ports of the loopback, and runs a program.

The program finds them by the environment: URL_GOOD, URL_EXPIRED, ..., and the files of certificates
as CA_OURS, CA_SYSTEM, .... Its exit status is ours.
"""

import os
import subprocess
import sys
import tempfile

import certificates
import servers


def run(program):
    with tempfile.TemporaryDirectory(prefix="http-test-") as folder:
        files = certificates.make(folder)
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment.update(files.environment())
        environment.update(servers.start(files))
        return subprocess.run(program, env=environment, check=False).returncode


if __name__ == "__main__":
    code = run(sys.argv[1:])
    # At once, whatever the servers' threads wait for; a signal is a negative number here.
    os._exit(code if code >= 0 else 128 - code)
