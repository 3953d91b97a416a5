#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The processor time of a renewal, beside that of bare libcurl with the same request to the same server, and beside
that of the same program when it stores the answer in the same keyring, with one call and with all calls of ours: in
turn, and once to warm up."""

import subprocess
import time
from urllib.parse import urlencode

import stage
from rest import tokens_for
from rig.process import Process

RENEWALS, QUICK_RENEWALS = 24, 6
WAYS = {"renewal-cpu": [], "renewal-stored": ["once"], "renewal-alike": ["looking"]}
CLOCK_OF_PROCESS = 2  # clock_getcpuclockid(3): of all threads, also those that have ended


def spent(pid):
    """In seconds."""
    return time.clock_gettime((~pid << 3) | CLOCK_OF_PROCESS)


class BareCurl:
    def __init__(self, here, *way):
        """In which way the answers are stored, if they are."""
        self._form = {"grant_type": "refresh_token", "client_id": here.app["client_id"],
                      "client_secret": here.app["client_secret"]}
        self._process = Process([here.program("bare-curl"), here.sim.addresses["oauth"] + "/token",
                                 here.sim.addresses["ca"], *way], env=here.world.environment, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        here.end_at_close(self._process)

    def renew(self, tokens):
        """Returns how long it took, in milliseconds."""
        self._process.stdin.write(urlencode(self._form | {"refresh_token": tokens["refresh_token"]}) + "\n")
        self._process.stdin.flush()
        status, nsec = self._process.stdout.readline().split()
        assert status == "200", status
        return int(nsec) / 1e6


def renew(here, account):
    before = spent(here.world.daemon.pid)
    account.call("Refresh")
    account.await_is("Saved", True)
    return (spent(here.world.daemon.pid) - before) * 1e3


def measure(options, figures):
    number = 1 + (QUICK_RENEWALS if options.quick else RENEWALS)
    with stage.simulator() as sim:
        tokens = iter(tokens_for(sim, (1 + len(WAYS)) * number))
        with stage.on(sim, number, [next(tokens) for _ in range(number)]) as here:
            here.start_daemon()
            programs = [BareCurl(here, *way) for way in WAYS.values()]
            rounds = [(renew(here, account), *(program.renew(next(tokens)) for program in programs))
                      for account in here.client.accounts()]
            ours, *others = zip(*rounds[1:])
            for key, other in zip(WAYS, others):
                figures[key] = {"ours": ours, "other": other}


if __name__ == "__main__":
    stage.main(measure)
