# SPDX-License-Identifier: MIT
"""From nothing to a token, through everything that may happen to a keyring, and back to nothing: the
same for every keyring that a desktop has."""

import json

from mood import MoodTest, await_until
from rig.bus import TOKENS
from rig.keyring import decoded
from rig.setup import ACCESS, CLIENT_ID, CLIENT_SECRET, SIGN_IN
from rig.waiting import eventually

# Each is taken for something else by one keyring or another.
HARD_LABELS = ("Мой \\ диск", "{REF:P@T:x}", "диск 🙂")
HARDEST_LABEL = "Мой \\n диск {REF:P@T:x} {TITLE} 100% 🙂"


# Yandex is not asked twice within ten seconds by those who want a new token.
A_WHILE = 11


class KeyringTest(MoodTest):
    """open_keyring() returns the keyring of the test."""

    KEYRING = False
    DAEMON = False
    CLOCK = True

    # The windows that the keyring shows to the user, once after the start of a daemon and once after
    # the keyring was locked.
    AFTER_START = []
    AFTER_LOCK = []

    def setUp(self):
        super().setUp()
        self.keyring = self.open_keyring()
        self.addCleanup(self.keyring.close)
        self.start_daemon()

    def open_keyring(self):
        raise NotImplementedError

    # yadiskctl

    def at_terminal(self, *arguments, asked=(), status=0, **how):
        """A command at a terminal, where the keyring may ask its user; returns what is shown."""
        with self.keyring.user(**how) as user:
            terminal = self.world.ctl_at_terminal(*arguments)
            self.assertEqual(terminal.await_end(), status, terminal.shown)
        self.assertEqual(user.answered, list(asked))
        return terminal.shown

    def in_script(self, *arguments, status=0):
        """A command without a terminal, for which the keyring asks nobody anything."""
        result = self.ctl(*arguments)
        self.assertEqual(result.status, status, result)
        self.assertEqual(self.keyring.asks(), [])
        return result

    def renew(self):
        """By a script, and with what the keyring held before."""
        before = self.live_grant()
        self.clock.pass_by(A_WHILE)
        self.in_script("refresh")
        self.assertNotEqual(self.live_grant()["refresh_token"], before["refresh_token"])
        self.assert_kept()
        self.assert_token_is_served()

    def sign_in_at_terminal(self, asked=()):
        with self.keyring.user() as user:
            self.ctl_login()
        self.assertEqual(user.answered, list(asked))
        return self.client.find_account()

    # What is kept

    def kept(self, kind):
        return [decoded(json.loads(text)) for attributes, text in self.keyring.kept()
                if attributes.get("xdg:schema") == TOKENS and attributes["kind"] == kind]

    def is_kept(self):
        """One account with the grant that lives, one application, and nothing else of ours."""
        accounts, applications = self.kept("account"), self.kept("application")
        live = self.live_grant()
        return ([account["grant"]["refresh_token"] for account in accounts] == [live["refresh_token"]]
                and [app["client_secret"] for app in applications] == [self.client_secret])

    def assert_nothing_kept(self):
        eventually(lambda: not self.kept("account") and not self.kept("application"),
                   "an empty keyring")

    def assert_kept(self):
        eventually(self.is_kept, "the living grant and its application, once")

    def assert_nothing_asked_for(self):
        """Yandex was not asked for anything that could not be kept."""
        self.assertEqual(self.sim.requests(path="/device/code", client_id=self.client_id), [])
        self.assertEqual(self.refreshes(), [])

    def diagnosed(self):
        """How it is with the keyring."""
        return self.client.manager("Diagnose", "(a{sv})", {})[0]["keyring"]

    def assert_token_is_served(self):
        result = self.in_script("token")
        self.assertEqual(result.out, self.live_grant()["access_token"] + "\n")

    def assert_locked(self):
        """To everybody but who is at a terminal; and that is said, and asks nobody."""
        self.assertEqual(self.client.property("KeyringState"), "locked")
        self.in_script("token", status=5)
        self.in_script("refresh", status=5)
        self.assertIn("locked", self.ctl("status").out)
        self.assertEqual(self.keyring.asks(), [])


class BriefCycle:
    """The test of the cycle, for a KeyringTest."""

    def test_cycle(self):
        self.set_up_and_sign_in()
        self.renew()
        self.stop_and_start_daemon()
        self.lock_and_unlock()
        self.restart_keyring()
        self.sign_out()

    def set_up_and_sign_in(self):
        with self.keyring.user() as user:
            screen = self.world.ctl_on_screen("setup", "--access", "disk")
            screen.answer(CLIENT_ID, self.client_id)
            screen.answer(CLIENT_SECRET, self.client_secret)
            screen.answer(SIGN_IN, "")
            self.sim.allow(screen.await_text(r"enter this code:\s+(\w+)")[1])
            self.assertEqual(screen.await_end(), 0, screen.shown)
        self.assertEqual(user.answered, [])
        self.assert_kept()
        self.assert_token_is_served()

    def begin_again(self):
        """A daemon that knows nothing yet."""
        self.start_daemon()
        if self.AFTER_START:
            self.assert_locked()
        self.at_terminal("token", asked=self.AFTER_START)
        self.renew()

    def stop_and_start_daemon(self):
        self.assertEqual(self.daemon.stop(), 0)
        self.begin_again()

    def lock_and_unlock(self):
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.assert_token_is_served()
        self.clock.pass_by(A_WHILE)
        self.in_script("refresh", status=5)
        self.assertEqual(len(self.sim.grants(client_id=self.client_id, alive=True)), 1)
        self.at_terminal("refresh", asked=self.AFTER_LOCK)
        self.assert_kept()

        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.keyring.unlock()
        self.client.await_property("KeyringState", "unlocked")
        self.renew()

    def restart_keyring(self):
        self.client.find_account().await_is("Saved", True)
        self.keyring.restart()
        eventually(lambda: self.client.property("KeyringState") != "absent", "the keyring to be seen")
        self.clock.pass_by(A_WHILE)
        self.at_terminal("refresh", asked=self.AFTER_START)
        self.assert_kept()

    def sign_out(self):
        secrets = self.sim.secrets("access_token", "refresh_token", "client_secret")
        self.in_script("logout")
        self.in_script("apps", "remove", self.client_id)
        await_until(lambda: not self.client.accounts(), "no account")
        self.assert_nothing_kept()
        left = self.keyring.left_behind()
        self.assertEqual([secret for secret in secrets if secret in left], [])
        self.assertEqual(self.sim.grants(client_id=self.client_id, alive=True), [])


class Cycle(BriefCycle):
    """With all that a person does."""

    def test_cycle(self):
        self.set_up_and_sign_in()
        self.renew()
        self.stop_and_start_daemon()
        self.kill_and_start_daemon()
        self.lock_and_unlock()
        self.restart_keyring()
        self.sign_in_again()
        self.have_another()
        self.rename()
        self.sign_out()

    def kill_and_start_daemon(self):
        self.daemon.kill()
        self.begin_again()

    def sign_in_again(self):
        before = self.client.find_account().path
        self.assertEqual(self.sign_in_at_terminal().path, before)
        self.assertEqual(len(self.client.accounts()), 1)
        self.assert_kept()

    def have_another(self):
        """A second account, whose tokens another program had, and a third application."""
        mine, second, third = self.client.find_account(), self.sim.application(), self.sim.application()
        self.sim.add_user("anna")
        pair = self.sim.sign_in_elsewhere(second, "anna")
        tokens = self.world.write("tokens.json", json.dumps(
            {"client_id": second["client_id"], "client_secret": second["client_secret"], **pair}))
        self.in_script("import", "json", tokens)
        self.in_script("apps", "add", third["client_id"], "--client-secret-file", self.secret_file(third))
        eventually(
            lambda: len(self.kept("account")) == 2 and len(self.kept("application")) == 3,
            "two accounts and three applications")

        self.in_script("default", "anna")
        self.assertEqual(self.in_script("token").out.strip(), self.live_grant(second)["access_token"])
        self.in_script("logout", "anna")
        self.in_script("apps", "remove", third["client_id"])
        self.assertEqual(self.client.find_account().path, mine.path)
        self.assert_kept()

    def rename(self):
        account = self.client.find_account()
        for label in HARD_LABELS + (HARDEST_LABEL,):
            self.in_script("rename", account.id, label)
            eventually(lambda: [kept["label"] for kept in self.kept("account")] == [label], label)
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.restart()
        self.start_daemon()
        self.at_terminal("token", asked=self.AFTER_START)
        self.assertEqual(self.client.find_account().get("Label"), HARDEST_LABEL)
        self.renew()
