#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lines on a screen: words stay whole in windows of every width, and elsewhere a line is a line."""

import re
import shutil
import subprocess

from rig import EndToEndTest, main
from rig.language import make, speaking
from rig.waiting import DEADLINE

WIDTHS = (40, 80, 200)
VERBS = (("status",), ("doctor",), ("help",), ("help", "login"), ("token", "nobody"),
         ("login", "--account", "nobody"), ("frobnicate",), ("list", "--colour"))


def timeless(text):
    """Time goes on between two commands: "in 365 days" becomes "in 364 days"."""
    return re.sub(r"\d+", "0", text)


class Lines(EndToEndTest):
    CLOCK = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.languages = {"English": {}}
        if shutil.which("localedef"):
            make("ru_RU.UTF-8")
            cls.languages["Russian"] = speaking("ru_RU.UTF-8")

    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label="磁盘 мой диск")
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", self.account.refresh)
        self.account.await_is("Saved", True)

    def assert_whole(self, words, arguments, columns, environment):
        screen = self.world.ctl_on_screen(*arguments, columns=columns, lines=200, **environment)
        with self.flying():
            screen.await_end()
        self.assertEqual(timeless(screen.text()).split(), words)
        screen.close()

    def test_words_stay_whole(self):
        for language, environment in self.languages.items():
            for arguments in VERBS:
                plain = self.ctl(*arguments, **environment)
                words = timeless(plain.out + plain.err).split()
                for columns in WIDTHS:
                    with self.subTest(language=language, verb=arguments, columns=columns):
                        self.assert_whole(words, arguments, columns, environment)

    def test_what_goes_on_stands_below_what_it_is_about(self):
        screen = self.world.ctl_on_screen("status", columns=60)
        screen.await_end()
        trouble = next(row for row in screen.rows() if "Trouble:" in row)
        column = trouble.index("Yandex refused")
        rows = screen.rows()
        below = rows[rows.index(trouble) + 1]
        self.assertEqual(len(below) - len(below.lstrip()), column)

    def test_one_line_where_nobody_looks(self):
        """In a file, in a pipe, and at a terminal that does not tell how wide it is."""
        terminal = self.world.ctl_at_terminal("status")
        terminal.await_end()
        self.assertEqual(timeless(terminal.shown), timeless(self.ctl("status").out))
        path = self.world.write("out", "")
        with open(path, "wb") as file:
            subprocess.run([self.world.binary("client/yadiskctl"), "status"], stdout=file, check=True,
                           env=self.world.environment_with({}), timeout=DEADLINE)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(timeless(file.read()), timeless(terminal.shown))
        self.assertGreater(max(map(len, terminal.shown.splitlines())), 80)

    def test_a_command_to_copy_stays_in_one_piece(self):
        screen = self.world.ctl_on_screen("status", "nobody", columns=50)
        screen.await_end()
        self.assertIn('account;\n"yadiskctl list" shows', screen.text())


if __name__ == "__main__":
    main()
