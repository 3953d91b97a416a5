# SPDX-License-Identifier: MIT
"""The figures, each with its yardstick and its goal, and what was measured of them."""

import json
import statistics
from dataclasses import asdict, dataclass, field

# How a figure is compared: by what part of the yardstick it is, by what it is more than that, or by itself.
RATIO, MORE, ITSELF = "×", "more", "itself"


@dataclass
class Figure:
    key: str
    title: str
    yardstick: str  # its name
    unit: str
    way: str
    goal: float
    at_least: bool = False  # what the goal is; otherwise at most
    ours: float = None
    other: float = None
    result: float = None
    reason: str = "not measured"  # if there is no result
    rounds: list = field(default_factory=list)  # the result of each

    def set(self, ours, other=()):
        """From what each round gave. Each round is compared for itself: what disturbs one disturbs both sides."""
        ours, other = list(ours), list(other)
        if self.way == RATIO:
            self.rounds = [mine / its for mine, its in zip(ours, other)]
        elif self.way == MORE:
            self.rounds = [mine - its for mine, its in zip(ours, other)]
        else:
            self.rounds = ours
        self.ours = statistics.median(ours)
        self.other = statistics.median(other) if other else None
        self.result = statistics.median(self.rounds)
        self.reason = ""

    @property
    def measured(self):
        return self.result is not None

    @property
    def reached(self):
        return self.result >= self.goal if self.at_least else self.result <= self.goal

    @property
    def verdict(self):
        return self.reason if not self.measured else "ok" if self.reached else "SHORT"

    def goal_text(self):
        return f"{'≥' if self.at_least else '≤'} {number(self.goal)} {self.unit_of_result()}".rstrip()

    def unit_of_result(self):
        return RATIO if self.way == RATIO else self.unit

    def cells(self):
        """As a table shows it."""
        def text(value, unit):
            return f"{number(value)} {unit}".rstrip() if value is not None else "–"
        return (self.title, text(self.ours, self.unit), self.yardstick or "–", text(self.other, self.unit),
                text(self.result, self.unit_of_result()), self.goal_text(), self.verdict)


HEAD = ("figure", "measured", "yardstick", "its", "result", "goal", "")

IDLE, SEALING = "a do-nothing service", "one that writes and seals"
ONE, LOAD = "one account", "libsecret, secrets alone"


def all_figures():
    """In the order in which they are shown; each key is what --only chooses by."""
    rows = [
        ("get-token-p50", "GetToken, p50", IDLE, "µs", RATIO, 1.05),
        ("get-token-p99", "GetToken, p99", IDLE, "µs", RATIO, 1.10),
        ("get-token-fd-p50", "GetTokenFD, p50", IDLE, "µs", RATIO, 1.05),
        ("get-token-fd-p99", "GetTokenFD, p99", IDLE, "µs", RATIO, 1.10),
        ("get-token-fd-sealed-p50", "GetTokenFD, p50", SEALING, "µs", RATIO, 1.05),
        ("get-token-fd-sealed-p99", "GetTokenFD, p99", SEALING, "µs", RATIO, 1.10),
        *((f"rate-{n}", f"calls a second, {n:,} client{'s' * (n > 1)}", IDLE, "/s", RATIO, 0.9, True)
          for n in (1, 10, 100, 1000)),
        ("command-least", "yadiskctl token", "the smallest sd-bus program", "ms", RATIO, 1.10),
        ("command-oidc", "yadiskctl token", "oidc-token, account loaded", "ms", RATIO, 1.5),
        ("command-secret", "yadiskctl token", "secret-tool lookup", "ms", RATIO, 0.2),
        ("cold-start", "start by the bus to the first token", IDLE, "ms", MORE, 20),
        ("memory-rest", "private memory at rest", "sd-bus, the same libraries", "MB", ITSELF, 2.5),
        ("memory-renewed", "private memory a minute after a renewal", "sd-bus, the same libraries", "MB", ITSELF, 2.5),
        ("memory-fifty", "private memory a minute after 50 at once", "before them", "MB", RATIO, 1.2),
        ("accounts-100-call", "GetToken, 100 accounts", ONE, "µs", RATIO, 1.1),
        ("accounts-1000-call", "GetToken, 1,000 accounts", ONE, "µs", RATIO, 1.1),
        ("accounts-1000-named", "GetToken by name, 1,000 accounts", ONE, "µs", RATIO, 1.1),
        ("accounts-100-start", "start, each of 100 accounts", LOAD, "ms", ITSELF, 5),
        ("accounts-1000-start", "start, each of 1,000 accounts", LOAD, "ms", ITSELF, 5),
        ("accounts-linear", "start, each of 1,000 accounts", "each of 100", "ms", RATIO, 1.2),
        ("accounts-growth", "start, 1,000 accounts to 100", LOAD, RATIO, RATIO, 1.0),
        ("accounts-memory", "memory, each of 1,000 accounts", "", "KiB", ITSELF, 4),
        ("renewal-cpu", "CPU of a renewal", "bare libcurl", "ms", RATIO, 1.5),
        ("renewal-stored", "CPU of a renewal", "libcurl, then libsecret", "ms", RATIO, 1.5),
        ("renewal-alike", "CPU of a renewal", "the same with all calls of ours", "ms", RATIO, 1.5),
        ("wake-ups", "wake-ups an hour at rest", "", "", ITSELF, 0),
        ("endpoint", "a token through the endpoint", "python3 -m http.server", "ms", RATIO, 1.0),
        ("socket", "a token through the socket", "cat of a socket unit", "ms", RATIO, 1.5),
        ("socket-alike", "a token through the socket", "the same with all lines of ours", "ms", RATIO, 1.5),
        ("socket-least", "a token through the socket", "the smallest sd-bus program in it", "ms", RATIO, 1.1),
    ]
    return {row[0]: Figure(*row) for row in rows}


def number(value):
    """With three digits that count."""
    size = abs(value)
    if value == int(value) or size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def to_json(figures, about):
    return json.dumps({"version": 1, **about, "figures": [
        asdict(figure) | {"at_goal": figure.reached if figure.measured else None} for figure in figures]},
        indent=2, ensure_ascii=False) + "\n"


def to_text(figures):
    rows = [HEAD] + [figure.cells() for figure in figures]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    right = (1, 3, 4)
    return "\n".join("  ".join(cell.rjust(width) if i in right else cell.ljust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def to_markdown(figures):
    rows = [HEAD, ("---", "--:", "---", "--:", "--:", "---", "---")] + [figure.cells() for figure in figures]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
