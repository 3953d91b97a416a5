# SPDX-License-Identifier: MIT
"""The accounts of a run: what was killed where, and what became of the sign-in."""

from statistics import median

from killer import NONE, STEPS, is_before

RANDOM = "random"
IDLE = "idle"

# What became of the grant that was on its way.
KEPT = "kept"
LOST_ON_WIRE = "lost on the wire"
LOST = "lost after it was received"
NOTHING = "nothing had happened"

FATES = (NOTHING, KEPT, LOST_ON_WIRE, LOST)

SPANS = (("requested", "reading"), ("reading", "received"), ("received", "store-after"),
         ("store-after", "keyring-answered"), ("keyring-answered", "reply-after"))


class Row:
    def __init__(self):
        self.kills = self.kept = self.wire = self.lost = 0


class Tally:
    def __init__(self):
        self.rows = {}
        self.random_steps = {}
        self.idle_kills = 0
        self.refreshes = 0
        self.sign_ins = 0
        self.keyring_kills = 0
        self.circumstances = []
        self.moods = {}
        self.arrivals = {}
        self._spans = {span: [] for span in SPANS}

    def note(self, kind, step, fate):
        """A kill of a kind (a step, or at random), how far the refresh had come, and its end."""
        row = self.rows.setdefault(kind, Row())
        row.kills += 1
        row.kept += fate == KEPT
        row.wire += fate == LOST_ON_WIRE
        row.lost += fate == LOST
        if kind == RANDOM:
            self.random_steps[step] = self.random_steps.get(step, 0) + 1

    def note_mood(self, mood):
        self.moods[mood] = self.moods.get(mood, 0) + 1

    def note_arrival(self, kind, fate):
        """An import or a sign-in that was disturbed in some way, and its end."""
        counts = self.arrivals.setdefault(kind, dict.fromkeys(FATES, 0))
        counts[fate] += 1

    def note_circumstances(self, text):
        self.circumstances.append(text)

    def measure(self, log):
        for first, last in SPANS:
            if log.count(first) and log.count(last):
                self._spans[first, last].append(log.microseconds(first, last))

    def _sum(self, name):
        return sum(getattr(row, name) for row in self.rows.values())

    @property
    def kills(self):
        return self._sum("kills")

    @property
    def lost(self):
        return self._sum("lost")

    def table(self):
        lines = [f"{'killed at':<28}{'kills':>7}{'kept':>7}{'wire':>7}{'lost':>7}"]
        for kind in (*STEPS, RANDOM):
            row = self.rows.get(kind, Row())
            lines.append(f"{kind:<28}{row.kills:>7}{row.kept:>7}{row.wire:>7}{row.lost:>7}")
        lines.append(f"{'all':<28}{self.kills:>7}{self._sum('kept'):>7}{self._sum('wire'):>7}"
                     f"{self.lost:>7}")
        return lines

    def arrivals_table(self):
        lines = [f"{'import or sign-in':<28}{'rounds':>7}{'none':>7}{'kept':>7}{'wire':>7}{'lost':>7}"]
        for kind, counts in sorted(self.arrivals.items()):
            numbers = (sum(counts.values()), *(counts[fate] for fate in FATES))
            lines.append(f"{kind:<28}" + "".join(f"{n:>7}" for n in numbers))
        return lines

    def text(self):
        lines = self.table()
        lines += ["", "random kills, by the last step before:"]
        lines += [f"  {step:<26}{self.random_steps[step]:>7}" for step in (NONE, *STEPS)
                  if step in self.random_steps]
        lines += ["", *self.arrivals_table()]
        lines += ["", "moods of the keyring:"]
        lines += [f"  {mood:<36}{n:>5}" for mood, n in sorted(self.moods.items())]
        lines += ["", "how long a refresh takes from step to step, median / longest in ms:"]
        lines += [f"  {first + ' .. ' + last:<36}{median(values) / 1000:>9.3f}"
                  f"{max(values) / 1000:>10.3f}"
                  for (first, last), values in self._spans.items() if values]
        lines += ["", f"kills of the daemon: {self.kills} in a refresh, {self.idle_kills} after one",
                  f"kills of the keyring: {self.keyring_kills}",
                  f"refreshes that succeeded: {self.refreshes}",
                  f"sign-ins lost on the wire (nobody can save these): {self._sum('wire')}",
                  f"sign-ins lost after the answer was received: {self.lost}"]
        lines += [f"  {text}" for text in self.circumstances]
        return "\n".join(lines)


def was_received(step):
    return step != NONE and not is_before(step, "received")
