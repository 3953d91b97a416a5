#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pictures of README: a terminal at which somebody signs in. They show what the programs say today; after a
change that is meant to show, YADISK_UPDATE_SCREENS=1 draws them anew."""

import json
import os
import re
import shutil

from rig import EndToEndTest, main, skip
from rig.language import make, speaking
from rig.picture import draw
from rig.tree import SOURCE

COLUMNS, LINES = 80, 30
TITLES = {"en": "Signing in to Yandex Disk at a terminal, and asking for the token",
          "ru": "Вход в Яндекс Диск в терминале и запрос токена"}

# What differs from run to run, and what the picture has in its place, which is no longer.
DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d"
PINNED = ((r"\d:\d\d(?= )", "4:59"), (rf"{DATE}(?= \(\D*365 )", "2027-11-30 12:00"),
          (rf"{DATE}(?= \(\D*[789]\d )", "2027-02-20 12:00"), (r"\b[789]\d (?=days)", "82 "),
          (r"\b[789]\d (день|дня|дней)\)", "82 дня)"))


class Pictures(EndToEndTest):
    def script(self):
        """Yandex as it answers, with the same code and the same token each time."""
        def answer(path, **fields):
            self.sim.script_answer(path, body=json.dumps(fields), headers={"Content-Type": "application/json"})
        answer("/device/code", device_code="d" * 32, user_code="ab12cd34", interval=2, expires_in=300,
               verification_url="https://ya.ru/device")
        answer("/token", access_token="y0_the-access-token-and-nothing-else", refresh_token="1:demonstration",
               token_type="bearer", expires_in=31540000)
        answer("/info", id="1", login="ivan")

    def frame(self, screen):
        """The screen as it is now, with the differing texts pinned."""
        cells = screen.cells()
        for row in cells:
            text = "".join(cell.data for cell in row)
            for pattern, pinned in PINNED:
                for match in re.finditer(pattern, text):
                    shown = pinned.ljust(len(match[0]))
                    row[match.start():match.end()] = [
                        cell._replace(data=data) for cell, data in zip(row[match.start():match.end()], shown)]
        return cells

    def record(self, **language):
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.script()
        path = os.path.dirname(self.world.binary("client/yadiskctl")) + ":" + self.world.environment["PATH"]
        screen = self.world.run_on_screen("bash", "--norc", "--noprofile", "-i", PS1="$ ", PATH=path,
                                          columns=COLUMNS, lines=LINES, **language)

        def run(command, shown):
            screen.type(command + "\n")
            screen.await_screen(lambda text: re.search(shown, text), shown)

        screen.await_text(r"\$ ")
        run("yadiskctl login --no-browser", r"ab12cd34(.|\n)*Ctrl-C")
        frames = [self.frame(screen)]
        screen.await_screen(lambda text: text.endswith("\n$\n"), "the end of the sign-in")
        frames.append(self.frame(screen))
        screen.type("\x0c")
        screen.await_screen(lambda text: text == "$\n", "an empty screen")
        run("yadiskctl token", r"\ny0_[\w-]+\n\$\n")
        run("yadiskctl status", r"\n\n.*\n\$\n\Z")
        frames.append(self.frame(screen))
        screen.type("exit\n")
        screen.await_end()
        return frames

    def assert_drawn(self, language, **environment):
        path = os.path.join(SOURCE, "docs", "pictures", f"sign-in.{language}.svg")
        drawn = draw(TITLES[language], self.record(**environment))
        if os.environ.get("YADISK_UPDATE_SCREENS") == "1":
            with open(path, "w", encoding="utf-8") as file:
                file.write(drawn)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(drawn.splitlines(), file.read().splitlines(), f"{path} shows something else")

    def test_in_english(self):
        self.assert_drawn("en")

    def test_in_russian(self):
        make("ru_RU.UTF-8")
        self.assert_drawn("ru", **speaking("ru_RU.UTF-8"))


if __name__ == "__main__":
    if not shutil.which("localedef"):
        skip("localedef is not installed.")
    main()
