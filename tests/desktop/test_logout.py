#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The session ends, or our unit is stopped, while something is not in the keyring yet."""

import os
import subprocess
import unittest

import session_ends as ends
from rig.inside import file_inside
from rig.keyring import SECRETS, unlock_through_control
from rig.process import Process
from rig.unsaved import renew_unsaved
from rig.user_session import KEYRING_SOCKET, OURS, UNIT, systemd_version
from rig.waiting import eventually
from session_case import SessionTest, run

WARNING = 4
LOGGED_SECONDS = 10  # at most, after the end of who has said it
PRESERVED_SINCE = 254  # of systemd, which keeps the descriptors of a unit that is stopped


class Ends(unittest.TestCase):
    """The ends and the steps at which the most can go wrong; session_ends.py knows all."""

    ROUNDS = (*ends.all_rounds([ends.RENEWAL], steps=(ends.ANSWERED, "received", "store-after",
                                                      "keyring-before", "keyring-answered")),
              *ends.all_rounds([ends.CODE], steps=(ends.TOLD_WHOSE, "received", "store-after",
                                                   "keyring-after")),
              *ends.all_rounds([ends.DEVICE], (ends.LOGOUT, ends.REBOOT), (ends.TOLD_WHOSE,)),
              *ends.all_rounds([ends.IMPORT], steps=(ends.ANSWERED, "received", "keyring-before")))
    ENABLED = (OURS, KEYRING_SOCKET)

    def test_nothing_that_was_given_is_lost(self):
        tally = ends.Tally()
        scene = ends.Scene(file_inside(os.path.basename(ends.KILLER)), bus(), self.ENABLED)
        try:
            ends.run_rounds(scene, self.ROUNDS, tally)
        finally:
            print(tally.text())
            scene.close()
        self.assertEqual(tally.rounds(), len(self.ROUNDS))
        self.assertEqual(tally.lost(), 0)


class EndsWithoutUnits(Ends):
    """Where the bus has started gnome-keyring, as dbus-broker does in a unit whose name is known to nobody."""

    ROUNDS = ends.all_rounds([ends.RENEWAL], (ends.LOGOUT, ends.REBOOT),
                             (ends.ANSWERED, "received", "keyring-before"))
    ENABLED = (OURS,)


class StartedFromTheMenu(SessionTest):
    """A keyring that is no service of anybody's, in a unit whose name the desktop makes up."""

    ENABLED = (OURS,)
    SERVICES = ()
    NAMES = ("app-gnome-org.keepassxc.KeePassXC-4242.scope", "app-flatpak-org.keepassxc.KeePassXC-4242.scope",
             "app-org.keepassxc.KeePassXC-4242.scope", "app-org.keepassxc.KeePassXC@0a1b2c3d.service",
             "snap.keepassxc.keepassxc-11f28dbc-8a44-4a21-9c3f-5a1c0e8ad1b5.scope", "keepassxc.service")

    def start(self, name, *command):
        kind = ["--scope"] if name.endswith(".scope") else []
        program = Process(["systemd-run", "--user", "--quiet", *kind, f"--unit={name}", *command],
                          env=self.session.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(program.end)

    def start_keyring(self, name):
        self.start(name, "gnome-keyring-daemon", "--foreground", "--components=secrets")
        self.client.await_owner(SECRETS)
        eventually(lambda: unlock_through_control(self.session.runtime), "the keyring to be unlocked")

    def test_it_ends_after_the_daemon(self):
        self.log_in()
        for name in self.NAMES:
            with self.subTest(name):
                self.start(name, "sleep", "infinity")
                eventually(lambda name=name: self.session.show("ActiveState", name) == "active", name)
                orders = self.session.show("Before", name) + " " + self.session.show("After", UNIT)
                self.assertTrue({UNIT, name} & set(orders.split()), orders)
        self.log_out()

    def test_what_comes_at_the_logout_is_kept(self):
        self.log_in()
        self.start_keyring(self.NAMES[0])  # which makes one
        self.log_out()

        self.log_in()
        self.start_keyring(self.NAMES[0])
        account = self.sign_in()
        pid = self.client.bus("GetConnectionUnixProcessID", "(s)", SECRETS)
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token"})
        account.begin_refresh()
        self.client.connection.flush_sync(None)
        self.sim.wait("/token", trouble="held", status=200)
        self.session.begin_log_out()
        ends.await_briefly(lambda: not ends.is_alive(pid))
        self.sim.trouble()
        self.sim.let_go()
        self.assertTrue(self.session.end_log_out())

        self.log_in()
        self.start_keyring("keepassxc.service")
        self.assertEqual(self.ctl("token").returncode, 0)  # no signal tells that it was unlocked
        kept, = self.keyring.ours("account")
        self.assertEqual(kept.document()["grant"]["refresh_token"], self.live_grant()["refresh_token"])
        self.log_out()


class NotSaved(SessionTest):
    """The keyring cannot write what Yandex has given."""

    def setUp(self):
        super().setUp()
        self.have_signed_in()
        self.log_in()
        self.keyring.unlock()
        self.account = self.await_account()

    def fill_up(self):
        """The file system that the keyring is on."""
        with open(os.path.join(self.keyring_files, "filler"), "wb", buffering=0) as file:
            try:
                while file.write(bytes(512)):
                    pass
            except OSError:
                pass

    def make_room(self):
        os.unlink(os.path.join(self.keyring_files, "filler"))

    def forbid(self):
        """Its folder, as somebody with sudo in a wrong place does."""
        os.chmod(self.keyring_files, 0o500)
        self.addCleanup(self.allow)

    def allow(self):
        os.chmod(self.keyring_files, 0o700)

    def refresh_in_vain(self):
        """Yandex gives, and the keyring does not take."""
        self.account.refresh()
        self.assertFalse(self.account.get("Saved"))

    def stop_and_start(self):
        self.session.systemctl("stop", UNIT)
        self.assertEqual(self.session.show("Result"), "success")
        self.session.systemctl("start", UNIT)

    def log_out_and_in(self):
        self.log_out()
        self.log_in()
        self.keyring.unlock()

    def assert_kept(self):
        account = self.await_account()
        account.await_is("Saved", True)
        grant = self.live_grant()
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"], grant["refresh_token"])
        self.assertEqual(account.get_token().value, grant["access_token"])

    def test_room_is_made_before_a_stop(self):
        self.fill_up()
        self.refresh_in_vain()
        self.make_room()
        self.stop_and_start()
        self.assert_kept()

    def test_room_is_made_before_the_logout(self):
        self.fill_up()
        self.refresh_in_vain()
        self.make_room()
        self.log_out_and_in()
        self.assert_kept()

    def test_the_folder_can_be_written_again_before_a_stop(self):
        self.forbid()
        self.refresh_in_vain()
        self.allow()
        self.stop_and_start()
        self.assert_kept()

    def test_the_folder_can_be_written_again_before_the_logout(self):
        self.forbid()
        self.refresh_in_vain()
        self.allow()
        self.log_out_and_in()
        self.assert_kept()

    def test_unlocked_unseen_before_a_stop(self):
        """Locked between the request and its answer, and unlocked without a signal."""
        renew_unsaved(self.sim, self.account, self.keyring.lock)
        self.unlock_through_control()
        self.stop_and_start()
        self.assert_kept()

    def test_a_stop_that_cannot_save_says_so(self):
        self.forbid()
        self.refresh_in_vain()
        identity = self.account.id
        self.session.journal.entries.clear()
        self.session.systemctl("stop", UNIT)
        self.session.journal.await_entry(
            lambda entry: entry.priority <= WARNING and entry.get("YADISK_ACCOUNT") == identity,
            "a warning that names the account", LOGGED_SECONDS)

    def test_a_stop_that_can_save_says_nothing(self):
        self.account.refresh()
        self.assertTrue(self.account.get("Saved"))
        self.session.journal.entries.clear()
        self.session.systemctl("stop", UNIT)
        self.assertEqual([str(entry) for entry in self.session.journal.entries
                          if entry.priority <= WARNING], [])

    def test_what_is_not_saved_outlives_a_stop(self):
        """The manager has it, though the keyring has not."""
        if systemd_version() < PRESERVED_SINCE:
            self.skipTest(f"systemd {systemd_version()} drops what a stopped unit has stored")
        self.forbid()
        self.refresh_in_vain()
        self.stop_and_start()
        self.allow()
        self.assert_kept()


def bus():
    return os.environ.get("YADISK_BUS", ends.DBUS_DAEMON)


if __name__ == "__main__":
    run(__file__, files=[ends.KILLER])
