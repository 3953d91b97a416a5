#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the daemon costs while nobody asks: its memory, at rest and a minute after renewals, and how often it wakes
up. It mostly waits, so other figures are measured meanwhile."""

import os
import re
import time

import stage
from gi.repository import GLib

SETTLING = 20  # seconds; GLib ends threads that it no longer needs after 15
MINUTE = 66  # seconds; in less the daemon has given back what it needs for requests
FIFTY, QUICK_FIFTY = 50, 5
MEGABYTE = 1e6
LIBRARY = re.compile(r"(/\S+\.so[.\d]*)$", re.MULTILINE)


def rest(seconds):
    """Without a word on any bus."""
    over = []
    GLib.timeout_add(int(seconds * 1000), lambda: over.append(True))
    while not over:
        GLib.MainContext.default().iteration(True)


def libraries(here):
    """Those that the daemon has loaded."""
    with open(f"/proc/{here.world.daemon.pid}/maps", encoding="utf-8") as file:
        return [path for path in dict.fromkeys(LIBRARY.findall(file.read())) if "/ld-linux" not in path]


def wake_ups(here):
    """How often its threads have gone to sleep by themselves, from which each wake-up takes them."""
    pid, count = here.world.daemon.pid, 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            count += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.MULTILINE)[1])
    return count


def tokens_for(sim, number):
    found = []
    for i in range(number):
        sim.add_user(f"user-{i}")
        found.append(sim.sign_in_elsewhere(sim.applications[0], f"user-{i}"))
    return found


def renew_at_once(here):
    """All accounts, each by a program of its own."""
    accounts = here.client.accounts()
    clients = [here.world.new_client() for _ in accounts]
    pending = [client.begin(account.path, "io.github.yadiskctl.Tokens1.Account", "Refresh")
               for client, account in zip(clients, accounts)]
    for call in pending:
        call.result()
    for account in accounts:
        account.await_is("Saved", True)
    for client in clients:
        client.close()
    assert all(account.generation == 2 for account in accounts), "not all were renewed"


def report_memory(figures, key, here, other):
    figures[key] = stage.memory_figure([here.memory() / MEGABYTE], [other / MEGABYTE])


def yardstick(here):
    """The memory of a program with sd-bus and the libraries that the daemon has now."""
    if os.getuid() != 0:
        return 0
    service = here.start_idle_service(stage.IDLE, *libraries(here))
    memory = here.memory(service.pid)
    service.end()
    return memory


def measure_stages(options, figures, one, other, fifty):
    minute = 2 if options.quick else MINUTE
    for here in (one, other, fifty):
        here.start_daemon()
    renew_at_once(other)
    rest(2 if options.quick else SETTLING)

    before, start = wake_ups(one), time.monotonic()
    at_rest = fifty.memory()
    renew_at_once(fifty)
    rest(minute)
    figures["wake-ups"] = {"ours": [(wake_ups(one) - before) * 3600 / (time.monotonic() - start)]}
    report_memory(figures, "memory-fifty", fifty, at_rest)
    report_memory(figures, "memory-renewed", other, yardstick(other))
    report_memory(figures, "memory-rest", one, yardstick(one))


def measure(options, figures):
    number = QUICK_FIFTY if options.quick else FIFTY
    with stage.simulator() as sim:
        tokens = tokens_for(sim, number + 1)
        with stage.on(sim) as one, stage.on(sim, tokens=tokens) as other, stage.on(sim, number, tokens[1:]) as fifty:
            measure_stages(options, figures, one, other, fifty)


if __name__ == "__main__":
    stage.main(measure)
