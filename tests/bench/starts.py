#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""From the call of a client to the token, if the bus has to start the service for it."""

import time

import stage
from rig.bus import MANAGER, MANAGER_PATH, TOKENS

STARTS, QUICK_STARTS = 6, 2  # of each, in a round

# The line of the D-Bus service file that is installed.
LINE = "/usr/bin/env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 "


def start(here, name):
    """Returns how long it took, in milliseconds."""
    client = here.client
    begin = time.monotonic()
    token = client.call(MANAGER_PATH, MANAGER, "GetToken", "(sa{sv})", "", {}, destination=name)
    taken = time.monotonic() - begin
    assert token[0]
    here.world.end_started(name)
    client.await_no_owner(name)
    return taken * 1e3


def measure(options, figures):
    with stage.alone() as here:
        here.world.let_the_bus_start(TOKENS, LINE + here.world.binary("daemon/yadisk-tokend"),
                                     YADISK_TOKEND_LOG_LEVEL="info")
        here.world.let_the_bus_start(stage.IDLE, f"{LINE}{here.world.binary(stage.IDLE_SERVICE)} {stage.IDLE}")
        for name in (TOKENS, stage.IDLE):
            start(here, name)
        starts = options.rounds * (QUICK_STARTS if options.quick else STARTS)
        rounds = [(start(here, TOKENS), start(here, stage.IDLE)) for _ in range(starts)]
        figures["cold-start"] = {"ours": [ours for ours, _ in rounds], "other": [other for _, other in rounds]}


if __name__ == "__main__":
    stage.main(measure)
