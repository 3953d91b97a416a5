#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The picture of yadiskctl login in a real terminal: whatever its font and its colours, a scanner reads it."""

import json
import time

from rig import EndToEndTest, main, skip
from rig.waiting import DEADLINE, InVain
from rig.x_server import XServer
from rig.xterm import Xterm, missing

PAGE = "https://ya.ru/device"
SCANNED = "HTTPS://YA.RU/device\n"  # scheme and host in capitals, which take less room
FONTS = (["-fn", "fixed"], ["-fn", "6x13"], ["-fn", "10x20"],
         ["-fa", "DejaVu Sans Mono", "-fs", "8"], ["-fa", "DejaVu Sans Mono", "-fs", "10"])
DARK, LIGHT = ["-fg", "white", "-bg", "black"], ["-fg", "black", "-bg", "white"]


class Picture(EndToEndTest):
    def setUp(self):
        super().setUp()
        screen = XServer(self.world.environment, "1200x900")
        self.addCleanup(screen.close)
        self.display = screen.display

    def script_code(self, page=PAGE):
        self.sim.script_answer("/device/code", body=json.dumps({
            "device_code": "d" * 32, "user_code": "ab12cd34", "interval": 60, "expires_in": 300,
            "verification_url": page}), headers={"Content-Type": "application/json"})

    def open(self, *options, lines=24, **environment):
        command = [self.world.binary("client/yadiskctl"), *self.login_arguments()]
        xterm = Xterm(self.display, command, self.world.environment_with(environment), lines=lines,
                      options=options)
        self.addCleanup(xterm.close)
        return xterm

    def assert_scanned(self, xterm, expected=SCANNED):
        """A window has to open first, and to be drawn."""
        until = time.monotonic() + DEADLINE
        while (seen := xterm.scan()) != expected:
            if time.monotonic() > until:
                raise InVain(f"the scanner does not read {expected!r}, but {seen!r}")
        xterm.close()

    def test_in_every_font(self):
        for font in FONTS:
            for theme in DARK, LIGHT:
                with self.subTest(font=font, theme=theme):
                    self.sim.forget_answers()
                    self.script_code()
                    self.assert_scanned(self.open(*font, *theme))

    def test_in_all_its_colours(self):
        for name in "xterm", "xterm-256color":
            with self.subTest(name):
                self.sim.forget_answers()
                self.script_code()
                self.assert_scanned(self.open("-tn", name, *DARK))

    def test_in_high_windows(self):
        for lines in 25, 30, 40, 50:
            with self.subTest(lines):
                self.sim.forget_answers()
                self.script_code()
                self.assert_scanned(self.open("-fn", "fixed", *DARK, lines=lines))

    def test_without_utf8(self):
        self.script_code()
        self.assert_scanned(self.open(*DARK, LANG="C", LC_ALL="C"))


if __name__ == "__main__":
    if program := missing():
        skip(f"{program} is not installed.")
    main()
