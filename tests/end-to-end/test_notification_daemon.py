#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The notes on a real screen: dunst shows them, and dunstctl presses what is to be pressed."""

import json
import shutil
import signal
import subprocess

from gi.repository import GLib

from notification import NotificationTest
from rig import await_until, main, skip
from rig.desktop import NOTIFICATIONS
from rig.process import Process
from rig.x_server import XServer

DUNSTRC = """[global]
    history_length = 20
"""


class Dunst(NotificationTest):
    LABEL = "R&D <i>"

    def setUp(self):
        super().setUp()
        self.manager = self.world.new_service_manager()
        screen = XServer(self.world.environment)
        self.addCleanup(screen.close)
        self.display = screen.display
        self.start_dunst()

    def start_dunst(self):
        self.dunst = Process(
            ["dunst", "-config", self.world.write("dunstrc", DUNSTRC)],
            env=self.world.environment | {"DISPLAY": self.display}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.dunst.end)
        self.client.await_owner(NOTIFICATIONS)

    def dunstctl(self, *arguments):
        result = self.world.run("dunstctl", *arguments)
        self.assertEqual(result.status, 0, result)
        return result.out

    def displayed(self):
        return int(self.dunstctl("count", "displayed"))

    def await_displayed(self, count):
        """No signal tells of it: looks five times a second."""
        source = GLib.timeout_add(200, lambda: GLib.SOURCE_CONTINUE)
        try:
            await_until(lambda: self.displayed() == count, f"{count} on the screen")
        finally:
            GLib.source_remove(source)

    def history(self):
        """(summary, body) of what has been on the screen, the latest first."""
        notes = json.loads(self.dunstctl("history"))["data"][0]
        return [(note["summary"]["data"], note["body"]["data"]) for note in notes]

    def test_the_text_says_what_to_do(self):
        """There is nothing to press that a person would see."""
        self.die()
        self.await_displayed(1)
        self.dunstctl("close")
        self.await_displayed(0)
        (_, body), = self.history()
        self.assertEqual(body, 'Yandex no longer accepts the sign-in of "R&D <i>". To sign in again, '
                               'run "yadiskctl login" in a terminal.')

    def test_from_the_screen_to_a_token(self):
        self.die()
        self.await_displayed(1)
        self.dunstctl("action", "0")
        page = self.manager.await_opened()
        code = self.sim.wait_pending()["user_code"]
        self.await_displayed(1)
        self.dunstctl("action", "0")
        self.assertEqual(self.manager.await_opened(2), page)
        self.await_displayed(1)

        self.sim.allow(code)
        self.await_well()
        self.await_displayed(0)
        summary, body = self.history()[0]
        self.assertEqual(summary, f"Yandex Disk: enter the code {code}")
        self.assertEqual(body, f"Open {page} and enter the code {code} there to sign in to "
                               '"R&D <i>" again.')
        self.assertEqual(self.codes(), 1)

    def test_closed_by_hand_and_told_no_more(self):
        self.die()
        self.await_displayed(1)
        self.dunstctl("close")
        self.await_displayed(0)
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.sign_in()
        self.await_well()
        self.assertEqual(len(self.history()), 1)

    def test_dunst_is_started_again(self):
        self.die()
        self.await_displayed(1)
        self.dunst.end()
        self.client.await_no_owner(NOTIFICATIONS)
        self.start_dunst()
        self.await_displayed(1)
        self.sign_in()
        self.await_displayed(0)

    def test_dunst_is_slow(self):
        """As everything is while a desktop comes up. The daemon serves meanwhile, and tells once."""
        self.dunst.send_signal(signal.SIGSTOP)
        self.die()
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.assertEqual(self.account.state, "sign-in-needed")
        self.dunst.send_signal(signal.SIGCONT)
        self.await_displayed(1)
        self.sign_in()
        self.await_displayed(0)
        self.assertEqual(len(self.history()), 1)

    def test_the_daemon_takes_its_notes_along(self):
        self.die()
        self.await_displayed(1)
        self.assertEqual(self.daemon.stop(), 0)
        self.await_displayed(0)
        self.world.start_daemon()
        self.await_displayed(1)

    def test_a_grant_that_cannot_be_saved(self):
        self.renew_unsaved(self.account)
        self.await_displayed(1)
        self.keyring.unlock()
        self.account.await_is("Saved", True)
        self.await_displayed(0)
        self.assertEqual([summary for summary, _ in self.history()],
                         ["Yandex Disk: a token cannot be saved"])


if __name__ == "__main__":
    for program in ("Xvfb", "dunst", "dunstctl"):
        if not shutil.which(program):
            skip(f"needs {program}")
    main()
