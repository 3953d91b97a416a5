#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is said of a keyring that shows windows, to somebody who can see them, and that doing it helps."""

import os
import subprocess
import threading

import gnome_keyring
import keepassxc
import kwallet
from cycle import KeyringTest
from rig import main, skip
from rig.keyring import PASSWORD, SECRETS
from rig.process import Process
from rig.waiting import eventually
from rig.windows import LOOK_AGAIN

NOBODY, NO_KEYRING = 3, 5


class CureTest(KeyringTest):
    def check(self):
        """What doctor says of the keyring."""
        result = self.ctl("--json", "doctor", DISPLAY=self.keyring.windows.display)
        return next(c for c in result.json["checks"] if c["name"] == "keyring")

    def assert_told(self, message, advice):
        """By doctor, and by a verb that needs it; nobody is shown a window for that."""
        check = self.check()
        self.assertEqual(check["verdict"], "trouble", check)
        self.assertRegex(check["message"], message)
        self.assertRegex(check["advice"], advice)
        token = self.ctl("token", DISPLAY=self.keyring.windows.display)
        self.assertEqual((token.status, token.err),
                         (NO_KEYRING, f"yadiskctl: {check['message']} {check['advice']}\n"))
        self.assertEqual(self.keyring.asks(), [])

    def run_status(self, user, status):
        """As it is advised; the user answers the window that opens."""
        with user:
            terminal = self.world.ctl_at_terminal("status", DISPLAY=self.keyring.windows.display)
            self.assertEqual(terminal.await_end(), status, terminal.shown)
        self.assertEqual(len(user.answered), 1)

    def assert_cured(self):
        eventually(lambda: self.check()["verdict"] == "ok", "the cure")


class GnomeKeyring(CureTest):
    def open_keyring(self):
        return gnome_keyring.GnomeKeyring(self.world)

    def test_locked(self):
        self.keyring.lock()
        self.assert_told("keyring is locked", 'Run "yadiskctl status".* password of the keyring')
        self.run_status(self.keyring.user(), NOBODY)
        self.assert_cured()


class OtherKeyring(CureTest):
    """The default keyring is not that of the login."""

    def open_keyring(self):
        return gnome_keyring.GnomeKeyring(self.world)

    def test_locked(self):
        path = self.keyring.make_other("Work")
        self.keyring.set_default(path)
        self.keyring.lock(path)
        self.assert_told("keyring is locked", 'Run "yadiskctl status".* password of the keyring')
        self.run_status(self.keyring.user(), NOBODY)
        self.assert_cured()


class Chooser:
    """Somebody who chooses a password, in a window that has no name."""

    def __init__(self, windows):
        self.answered = []
        self._windows = windows
        self._leaves = threading.Event()
        self._thread = threading.Thread(target=self._sit, daemon=True)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._leaves.set()
        self._thread.join()

    def _sit(self):
        while not self._leaves.wait(LOOK_AGAIN) and not self.answered:
            for number in filter(self._windows.is_still, self._windows.of_program("gcr-prompter")):
                self._windows.type(number, PASSWORD)
                self._windows.press(number, "Tab")
                self._windows.type(number, PASSWORD)
                self._windows.press(number, "Return")
                self.answered.append(number)


class UnusedKeyring(gnome_keyring.GnomeKeyring):
    """Nobody has chosen a password yet."""

    def start(self, environment, log):
        self.process = Process(["gnome-keyring-daemon", "--components=secrets", "--foreground"],
                               env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=log)
        self._client.await_owner(SECRETS)


class Unused(CureTest):
    ADVICE = 'Run "yadiskctl status".* choose a password'

    def open_keyring(self):
        return UnusedKeyring(self.world)

    def test_there_is_none_yet(self):
        self.assert_told("no keyring yet", self.ADVICE)
        self.run_status(Chooser(self.keyring.windows), NOBODY)
        self.assert_cured()


class Stale(Unused):
    """The one that is named as the default is gone."""

    def open_keyring(self):
        directory = os.path.join(self.world.home, ".local/share/keyrings")
        os.makedirs(directory)
        with open(os.path.join(directory, "default"), "w", encoding="utf-8") as file:
            file.write("gone")
        return super().open_keyring()

    def test_there_is_none_yet(self):
        self.assert_told("default keyring is gone", self.ADVICE)
        self.run_status(Chooser(self.keyring.windows), NOBODY)
        self.assert_cured()


class KeePassXC(CureTest):
    def open_keyring(self):
        return keepassxc.KeePassXC(self.world, confirm=False)

    def test_locked(self):
        self.keyring.lock()
        self.assert_told("keyring is locked", "Unlock the database in the window of KeePassXC")
        self.keyring.unlock()
        self.assert_cured()


class Confirming(CureTest):
    def open_keyring(self):
        return keepassxc.KeePassXC(self.world, confirm=True)

    def test_entries(self):
        self.sign_in_at_terminal()
        self.assertEqual(self.daemon.stop(), 0)
        self.start_daemon()
        self.assert_told("only when you allow it", 'Run "yadiskctl status".* that KeePassXC opens')
        self.run_status(self.keyring.user(), 0)
        self.assert_cured()


class NoDatabase(CureTest):
    def open_keyring(self):
        return keepassxc.KeePassXC(self.world, confirm=False, database=False)

    def test_nothing_is_open(self):
        self.assert_told("no database open", "Open a database in KeePassXC")
        self.keyring.open_database()
        self.assert_cured()


class KWallet(CureTest):
    def open_keyring(self):
        return kwallet.KWallet(self.world, kwallet.PASSWORD)

    def test_locked(self):
        self.keyring.lock()
        eventually(self.keyring.is_locked, "the wallet to be locked")
        self.assert_told("keyring is locked", 'Run "yadiskctl status".* password of the wallet')
        self.run_status(self.keyring.user(), NOBODY)
        self.assert_cured()


class SwitchedOff(kwallet.KWallet):
    """Its user wants none. Whoever starts it sees it end."""

    def __init__(self, world):
        super().__init__(world, kwallet.PASSWORD)
        self.stop()
        self._settings = os.path.join(world.config_home, "kwalletrc")
        self._switch("false")
        world.let_the_bus_start(kwallet.KWALLETD, kwallet.PROGRAM, **self.environment)

    def _switch(self, enabled):
        with open(self._settings, "w", encoding="utf-8") as file:
            file.write(f"[Wallet]\nEnabled={enabled}\nFirst Use=false\n")

    def switch_on(self):
        self._switch("true")


class KWalletOff(CureTest):
    def open_keyring(self):
        keyring = SwitchedOff(self.world)
        self.addCleanup(self.end_started)
        return keyring

    def end_started(self):
        if self.client.owner_of(kwallet.KWALLETD):
            self.world.end_started(kwallet.KWALLETD)

    def test_it_is_named(self):
        self.assert_told("the KDE wallet is switched off", "urn on the KDE wallet")
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.switch_on()
        self.start_daemon()
        self.assert_told("keyring is locked", 'Run "yadiskctl status".* password of the wallet')


if __name__ == "__main__":
    if not all(part.is_installed() for part in (gnome_keyring, keepassxc, kwallet)):
        skip("needs gcr, keepassxc, kwalletd5, Xvfb and xdotool")
    main()
