#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KeePassXC whose database is locked, or that has none: it shows its window to a program that merely
searches. So nothing that happens unasked may do so."""

from cycle import KeyringTest
from keepassxc import CLOSE, UNLOCK, KeePassXC, is_installed
from mood import HOUR, MINUTE
from rig import main, skip


class LockedTest(KeyringTest):
    def open_keyring(self):
        return KeePassXC(self.world, confirm=False)


class AtTheStart(LockedTest):
    def setUp(self):
        super().setUp()
        self.sign_in()
        self.assert_kept()
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.stop()
        self.keyring.start(locked=True)
        self.start_daemon()
        self.sim.forget_requests()

    def test_what_is_said(self):
        self.assert_locked()
        self.assertEqual(self.diagnosed(), "locked")
        self.assertIn("keyring is locked", self.in_script("token", status=5).err)
        self.in_script(*self.login_arguments(), status=5)
        for verb in ("list", "apps", "doctor"):
            self.ctl(verb)
        self.assertEqual(self.keyring.asks(), [])
        self.assert_nothing_asked_for()

    def test_opened_by_its_user(self):
        self.keyring.unlock()
        self.client.await_property("KeyringState", "unlocked")
        self.assert_token_is_served()
        self.in_script("refresh")
        self.assert_kept()

    def test_opened_at_a_terminal(self):
        self.at_terminal("token", asked=[UNLOCK])
        self.assert_token_is_served()
        self.assert_kept()

    def test_not_opened_at_a_terminal(self):
        self.at_terminal("token", password=CLOSE, asked=[UNLOCK], status=5)
        self.assert_locked()


class UnderWay(LockedTest):
    def test_a_renewal_that_cannot_wait(self):
        """What Yandex gives is kept in memory until the database is open again."""
        self.sim.knobs(token_life=HOUR)
        account = self.sign_in()
        self.assert_kept()
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.clock.pass_by(59 * MINUTE)
        account.await_told("Generation", account.generation + 1)
        self.assertFalse(account.get("Saved"))
        self.assert_token_is_served()
        self.assertEqual(self.keyring.asks(), [])

        self.keyring.unlock()
        account.await_is("Saved", True)
        self.assert_kept()


class Nothing(LockedTest):
    def open_keyring(self):
        return KeePassXC(self.world, confirm=False, database=False)

    def test_no_database(self):
        self.assertEqual(self.client.property("KeyringState"), "absent")
        self.assertEqual(self.diagnosed(), "missing")
        self.ctl("status")
        self.in_script("token", status=5)
        self.in_script(*self.login_arguments(), status=5)
        self.in_script("apps", "add", self.client_id, "--no-check", "--client-secret-file",
                       self.secret_file(), status=5)
        self.assert_nothing_asked_for()

        self.keyring.open_database()
        self.client.await_property("KeyringState", "unlocked")
        self.sign_in()
        self.assert_kept()


if __name__ == "__main__":
    if not is_installed():
        skip("needs keepassxc, Xvfb and xdotool")
    main()
