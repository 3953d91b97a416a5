#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures what yadisk-tokend costs, each figure beside a yardstick in the same run: the two take turns, and the
median of the rounds counts. Real daemon, real keyring, real bus, and a simulated Yandex; nothing of this machine's user
is touched. Writes a table, build/bench/bench.json and build/bench/bench.svg. What is measured, and where the floors
are: docs/PERFORMANCE.md.

The figures are in figures.py. A group of them is a program of its own (calls, commands, starts, rest, many, renewals,
served, sockets) on a stage of its own, see stage.py; one that fails takes no other with it. The yardsticks and what
measures beside them are C programs, so that what is measured is not Python."""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

from figures import all_figures, to_json, to_markdown, to_text
from picture import to_svg

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(SOURCE, "docs", "PERFORMANCE.md")
BLOCK = re.compile(r"(<!-- tools/bench --update: begin -->\n).*?(<!-- end -->)", re.DOTALL)

# What each group measures, in the order in which they run. The first mostly waits, beside all others.
GROUPS = {
    "rest": r"memory-|wake-ups",
    "calls": r"get-token|rate-",
    "commands": r"command-",
    "starts": r"cold-start",
    "many": r"accounts-",
    "renewals": r"renewal-",
    "served": r"endpoint",
    "sockets": r"socket",
}
BESIDE = "rest"
SECONDS = 240  # for a group
GRACE = 30  # seconds, to take down what it has made


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="REGEX", help="the figures whose keys have this in them")
    parser.add_argument("--rounds", type=int, default=9, help="9 by default")
    parser.add_argument("--quick", action="store_true", help="one short round; it shows that all works, and no figures")
    parser.add_argument("--update", action="store_true", help="put the table into docs/PERFORMANCE.md as well")
    parser.add_argument("--list", action="store_true", help="the keys, and nothing else")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    if options.update and (options.only or options.quick):
        parser.error("--update is for a whole run")
    return options


class Group:
    """One that runs. Its errors go to a file beside the figures."""

    def __init__(self, name, options, directory):
        self.name = name
        self._log = os.path.join(directory, name + ".log")
        arguments = ["--rounds", str(1 if options.quick else options.rounds)] + ["--quick"] * options.quick
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, name + ".py"), *arguments],
                                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self._start = time.monotonic()

    def end(self):
        """Returns what it has measured by key, and why it has not measured the rest."""
        left = max(1, SECONDS - (time.monotonic() - self._start))
        try:
            out, _ = self._process.communicate(timeout=left)
            why = "" if self._process.returncode == 0 else f"failed, see {os.path.relpath(self._log, SOURCE)}"
        except subprocess.TimeoutExpired:
            out, why = self._stop(), "it took too long"
        found = {}
        for line in filter(re.compile(r"\{.*\}$").match, out.splitlines()):
            found |= json.loads(line)
        return found, why

    def _stop(self):
        """Returns what it has said."""
        self._process.terminate()
        try:
            return self._process.communicate(timeout=GRACE)[0]
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.communicate()[0]

    def cancel(self):
        if self._process.poll() is None:
            self._stop()


def take(figures, group, wanted):
    found, why = group.end()
    for key in wanted:
        if "ours" in found.get(key, {}):
            figures[key].set(found[key]["ours"], found[key].get("other", ()))
        else:
            figures[key].reason = "not measured: " + (found.get(key, {}).get("reason") or why or "no result")
        print(f"  {key}: {figures[key].verdict} {'' if not figures[key].measured else figures[key].cells()[4]}",
              flush=True)


def measure_all(options, figures, directory):
    wanted = {name: [key for key in figures if re.match(keys, key) and re.search(options.only, key)]
              for name, keys in GROUPS.items()}
    running = []
    try:
        for name in (name for name in GROUPS if wanted[name]):
            print(f"{name} ...", flush=True)
            running.append(Group(name, options, directory))
            if name != BESIDE:
                take(figures, running.pop(), wanted[name])
        if running:
            print(f"{BESIDE}: the rest of its minutes ...", flush=True)
            take(figures, running[0], wanted[BESIDE])
    finally:
        for group in running:
            group.cancel()


def git(*arguments):
    if not shutil.which("git"):
        return ""
    done = subprocess.run(["git", "-C", SOURCE, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def about(options, seconds, load):
    changed = git("status", "--porcelain", "--", "daemon", "client", "systemd", "CMakeLists.txt")
    return {"commit": (git("rev-parse", "--short=12", "HEAD") or "unknown") + (", changed" if changed else ""),
            "date": time.strftime("%Y-%m-%d", time.gmtime()), "quick": options.quick,
            "rounds": 1 if options.quick else options.rounds, "seconds": round(seconds),
            "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
            "kernel": platform.release(), "processor": f"{os.cpu_count()} × {processor()}",
            "load": round(load, 1)}


def caption(facts):
    return (f"Commit {facts['commit']}, {facts['date']}; {facts['system']}, Linux {facts['kernel']}, "
            f"{facts['processor']}, load {facts['load']} in the minute before; {facts['rounds']} rounds in {facts['seconds']} s.")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def update_page(shown, facts):
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    block = f"{caption(facts)}\n\n{to_markdown(shown)}\n"
    write(PAGE, BLOCK.sub(lambda match: match[1] + block + match[2], text))


def main():
    options = parse()
    figures = all_figures()
    if options.list:
        print("\n".join(figures))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    directory = os.environ.get("YADISK_BENCH_DIR") or os.path.join(SOURCE, "build", "bench")
    os.makedirs(directory, exist_ok=True)

    start, load = time.monotonic(), os.getloadavg()[0]
    measure_all(options, figures, directory)
    shown = [figure for key, figure in figures.items() if re.search(options.only, key)]
    facts = about(options, time.monotonic() - start, load)
    write(os.path.join(directory, "bench.json"), to_json(shown, facts))
    write(os.path.join(directory, "bench.svg"), to_svg(shown, caption(facts)))
    if options.update:
        update_page(shown, facts)
    print(f"\n{to_text(shown)}\n\n{caption(facts)}")
    print(f"Written: {os.path.relpath(directory)}/bench.json, bench.svg")


if __name__ == "__main__":
    main()
