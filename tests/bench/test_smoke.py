#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tools/bench measures all that it says it measures. How much that is on a machine that has other things to do, does
not matter here."""

import json
import math
import os
import subprocess
import tempfile
import unittest
import xml.dom.minidom

from rig import skip

BENCH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "bench.py")

# A number that may be 0, and those that are the difference of two, of which the other may have had to wait.
NOTHING = {"wake-ups"}
DIFFERENCES = {"accounts-100-start", "accounts-1000-start", "accounts-growth", "accounts-linear", "cold-start"}


class Smoke(unittest.TestCase):
    def bench(self, *arguments):
        with tempfile.TemporaryDirectory(prefix="yadisk-") as directory:
            done = subprocess.run([BENCH, *arguments], env=os.environ | {"YADISK_BENCH_DIR": directory},
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done)
            self.said = done.stdout
            self.logs = ""
            for name in sorted(os.listdir(directory)):
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    self.logs += f"--- {name}\n{file.read()}"
            xml.dom.minidom.parse(os.path.join(directory, "bench.svg"))
            with open(os.path.join(directory, "bench.json"), encoding="utf-8") as file:
                return {figure["key"]: figure for figure in json.load(file)["figures"]}

    def check(self, figure):
        key, numbers = figure["key"], [figure["ours"], figure["result"]]
        numbers += [figure["other"]] * (figure["other"] is not None)
        self.assertTrue(all(map(math.isfinite, numbers)), figure)
        if key not in DIFFERENCES:
            self.assertTrue(min(numbers) > 0 or (key in NOTHING and min(numbers) == 0), figure)

    def test_each_figure(self):
        """Or why not: a machine may lack a peer, or not be ours."""
        keys = subprocess.run([BENCH, "--list"], capture_output=True, text=True, check=True).stdout.split()
        figures = self.bench("--quick")
        self.assertEqual(list(figures), keys)
        for figure in figures.values():
            with self.subTest(figure["key"]):
                if figure["result"] is None:
                    self.assertRegex(figure["reason"], r"\Anot measured: (needs|this machine) ", self.said + self.logs)
                else:
                    self.check(figure)

    def test_one_figure(self):
        figures = self.bench("--quick", "--only", "^endpoint$")
        self.assertEqual(list(figures), ["endpoint"])
        self.check(figures["endpoint"])


if __name__ == "__main__":
    if os.environ.get("YADISK_SANITIZE"):
        skip("what is sanitized is not measured")
    # Not that of the rig, which hides the authorities of the machine.
    unittest.main(verbosity=2)
