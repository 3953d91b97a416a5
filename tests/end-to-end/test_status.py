#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What status and list show, at a terminal and elsewhere."""

import os
import re
import signal
import socket
import struct
import sys

from rig import EndToEndTest, main
from rig.keyring import PASSWORD
from rig.world import SOURCE

sys.path.append(os.path.join(SOURCE, "tests", "moods"))
from mood import LockedKeyring  # pylint: disable=wrong-import-position

UNLOCK = 1

TAGS = {"": "/", "1": "strong", "2": "faint", "32": "good", "33": "attention", "1;31": "trouble"}
COLOURED = {"TERM": "xterm-256color", "NO_COLOR": None}


def timeless(text):
    """Without what differs from day to day."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE", text)
    return re.sub(r"\(in \d+ \w+\)|\(\d+ \w+ ago\)", "(AWAY)", text)


def tagged(text):
    """Colours as words: those of a text that is plain below them."""
    return re.sub(r"\x1b\[([\d;]*)m", lambda match: f"<{TAGS[match[1].removesuffix('0')]}>", text)


def unlock_as_pam_does(runtime):
    """By the control socket of gnome-keyring."""
    body = struct.pack(">II", UNLOCK, len(PASSWORD)) + PASSWORD.encode()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(os.path.join(runtime, "keyring", "control"))
        control.sendall(b"\0" + struct.pack(">I", len(body) + 4) + body)
        assert struct.unpack(">II", control.recv(8))[1] == 0


class StatusTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def sign_in_both(self):
        self.sim.add_user("olga")
        home = self.sign_in()
        work = self.sign_in(login="olga", app=self.sim.application(), label="work")
        return home, work

    def shown(self, *arguments, **environment):
        """What comes to the terminal, every byte of it."""
        terminal = self.world.ctl_at_terminal(*arguments, **environment)
        self.assertEqual(terminal.await_end(), 0, terminal.shown)
        return terminal.shown

    def assert_status(self, name):
        """The screen, coloured and plain, which are the same words."""
        coloured = timeless(tagged(self.shown("status", **COLOURED)))
        plain = timeless(self.ctl("status").out)
        self.assertEqual(re.sub(r"<[a-z/]+>", "", coloured), plain)
        self.assert_screen(name, plain)
        self.assert_screen(name + "-coloured", coloured)


class Status(StatusTest):
    def test_all_is_well(self):
        self.sign_in_both()
        self.assert_status("status")

    def test_one_account(self):
        _, work = self.sign_in_both()
        shown = self.ctl("status", "work").out
        self.assertTrue(shown.startswith("work: active\n"), shown)
        self.assertNotIn("ivan", shown)
        self.assertEqual(timeless(self.ctl("status", work.id).out), timeless(shown))

    def test_much_is_wrong(self):
        home, work = self.sign_in_both()
        self.sim.kill_tokens("olga")
        self.assert_refused("SignInNeeded", work.refresh)
        work.await_is("Saved", True)
        self.renew_unsaved(home)
        self.assert_status("status-troubles")

    def test_the_application_is_refused(self):
        account = self.sign_in()
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", account.refresh)
        account.await_is("Saved", True)
        self.assert_status("status-app-refused")

    def test_locked(self):
        account = self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        shown = self.ctl("status").out.replace(account.id, "ID")
        self.assert_screen("status-locked", shown)


class OpenedUnseen(StatusTest):
    """As PAM opens a keyring at login: no signal tells of it."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)
        self.lock_keyring()
        self.assert_refused("KeyringLocked", self.account.refresh)  # the last look for now
        unlock_as_pam_does(self.world.runtime)
        self.assertFalse(self.keyring.is_locked())
        self.assertEqual(self.client.property("KeyringState"), "locked")  # nobody has looked

    def test_status_looks(self):
        self.assertIn("The keyring is unlocked", self.ctl("status").out)
        self.assertEqual(self.ctl("--json", "status").json["keyring"], "unlocked")

    def test_list_looks(self):
        self.assertEqual(self.ctl("--json", "list").json["keyring"], "unlocked")


class OpenedUnseenBeforeTheAccountsAreKnown(StatusTest):
    def test_they_are_told_all_the_same(self):
        self.sign_in().await_is("Saved", True)
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        unlock_as_pam_does(self.world.runtime)
        self.assertIn("ivan (default): active\n", self.ctl("status").out)


class NoKeyring(StatusTest):
    KEYRING = False

    def test_no_service(self):
        for verb, status in ("status", 5), ("list", 0):
            result = self.ctl(verb)
            self.assertEqual((result.status, result.out.count("\n")), (status, int(verb == "status")))
            self.assertIn("No keyring service is running", result.err)
        self.assertIn('Keyring: absent; "yadiskctl doctor" tells', self.ctl("status").out)

    def test_a_service_without_a_keyring(self):
        """gnome-keyring is so until somebody has given a password for the first time."""
        keyring = LockedKeyring(self.world)
        self.addCleanup(keyring.close)
        result = self.ctl("status")
        self.assertEqual(result.status, 5)
        self.assertIn("There is no keyring yet", result.err)
        self.assertIn("Keyring: there is none yet; ", result.out)
        self.assertNotIn("nstall", result.out + result.err)
        self.assertIn("There is no keyring yet", self.ctl("list").err)


class Colour(StatusTest):
    def setUp(self):
        super().setUp()
        self.sign_in()

    def test_who_gets_none(self):
        self.assertIn("\x1b[", self.shown("status", **COLOURED))
        for environment in ({"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"NO_COLOR": "false"},
                            {"TERM": "dumb"}, {"TERM": ""}, {"TERM": None}):
            with self.subTest(environment):
                self.assertNotIn("\x1b", self.shown("status", **(COLOURED | environment)))
        self.assertIn("\x1b[", self.shown("status", **(COLOURED | {"NO_COLOR": ""})))
        self.assertNotIn("\x1b", self.ctl("status", **COLOURED).out)
        self.assertNotIn("\x1b", self.shown("--json", "status", **COLOURED))
        self.assertNotIn("\x1b", self.shown("list", "--names", **COLOURED))


class Names(StatusTest):
    def test_one_a_line(self):
        home, work = self.sign_in_both()
        work.call("SetLabel", "(s)", "Диск Ольги")
        result = self.ctl("list", "--names")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.lines, ["ivan", "Диск Ольги"])
        self.assertEqual(self.ctl("status", "Диск Ольги").status, 0)
        home.sign_out()
        self.assertEqual(self.ctl("list", "--names").lines, ["Диск Ольги"])

    def test_not_together_with_json(self):
        self.assert_ctl_fails(2, "exclude each other", "--json", "list", "--names")

    def assert_silent(self, **environment):
        result = self.ctl("list", "--names", **environment)
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))

    def test_nobody_signed_in(self):
        self.assert_silent()

    def test_no_bus(self):
        self.assert_silent(outside=True)
        self.assert_silent(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")

    def test_a_daemon_that_does_not_answer(self):
        """Whoever pressed Tab does not wait for the 25 seconds of other calls."""
        self.daemon.send(signal.SIGSTOP)
        self.addCleanup(self.daemon.send, signal.SIGCONT)
        self.assert_silent()


class NamesWithoutDaemon(StatusTest):
    DAEMON = False

    def test_it_is_not_started(self):
        self.world.let_the_bus_start_the_daemon()
        result = self.ctl("list", "--names")
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))
        self.assertEqual(self.client.owner_of("io.github.yadiskctl.Tokens1"), "")
        self.assertEqual(self.ctl("list").status, 0)  # it could have been
        self.world.end_started_daemon()


if __name__ == "__main__":
    main()
