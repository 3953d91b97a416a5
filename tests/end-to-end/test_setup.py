#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl setup: from nothing to a token, and whatever may be in the way."""

import os
import signal

from rig import main
from rig.process import read_proc
from rig.setup import (ACCESS, CHECK_AGAIN, CLIENT_ID, CLIENT_SECRET, DISK, KEEP_AGAIN, KEEP_UNCHECKED,
                       SIGN_IN, SetupTest)
from rig.waiting import eventually

WRONG = "0123456789abcdef0123456789abcdef"
NOWHERE = "https://localhost:1"


class FromNothing(SetupTest):
    def test_to_a_token(self):
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.await_text(r"now\? \[Y/n\] \Z")
        self.assert_screen("setup", self.without_ids(screen.text()))
        screen.answer(SIGN_IN, "")
        self.allow(screen)
        self.assert_status(screen, 0)
        self.assertEqual(self.ctl("token").out.strip(), self.live_grant()["access_token"])
        self.assertNotIn(self.client_secret, screen.shown)

    def test_later(self):
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assertIn('Run "yadiskctl login" to sign in later.', screen.shown)
        self.assert_kept()
        login = self.begin_setup("--no-browser", verb="login")
        self.allow(login)
        self.assert_status(login, 0)

    def allow(self, screen):
        self.sim.allow(screen.await_text(r"enter this code:\s+(\w+)")[1])

    def test_each_access_has_its_permissions(self):
        for number, name, scopes in (("1", "disk", DISK), ("2", "webdav", DISK + ("yadisk:disk",)),
                                     ("3", "app-folder", ("cloud_api:disk.app_folder",))):
            with self.subTest(name):
                asked = self.begin_at_pair(number)
                asked.await_text("application: ")
                told = self.begin_setup("--access", name)
                told.await_text("application: ")
                form = told.text().split("what is offered:")[1].split(" 5.")[0]
                self.assertEqual(tuple(line.split()[0] for line in form.split("\n") if line), scopes)
                self.assertIn(form, asked.text())
                self.assertLessEqual(max(len(row) for row in asked.rows()), 79)

    def test_nonsense_for_an_answer(self):
        screen = self.begin_setup()
        for nonsense in ("0", "4", "11", "-1", "one", "x" * 2000):
            screen.answer(ACCESS, nonsense)
        screen.answer(ACCESS, "3")
        screen.await_text("Enter alone means 1(.|\n)*disk.app_folder")

    def test_what_is_there_already_is_told(self):
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        screen = self.begin_setup()
        screen.await_text('One is kept already: .*"yadiskctl login" is enough')

    def test_a_registered_one_needs_no_form(self):
        screen = self.begin_setup("--client-id", self.client_id)
        screen.answer(ACCESS, "")
        screen.answer(CLIENT_SECRET, self.client_secret)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assertNotIn("client/new", screen.shown)
        self.assert_kept()

    def test_the_page_is_opened_where_there_is_a_desktop(self):
        opened = self.install_browser()
        os.mkfifo(opened)
        self.begin_setup("--access", "disk", DISPLAY=":0", PATH=self.path).await_text("opens in your")
        with open(opened, encoding="utf-8") as file:
            self.assertEqual(file.read(), "https://oauth.yandex.ru/client/new\n")

    def test_the_page_is_not_opened_elsewhere(self):
        self.install_browser()
        for arguments, environment in ((["--no-browser"], {"DISPLAY": ":0"}), ([], {}),
                                       ([], {"DISPLAY": ":0", "SSH_CONNECTION": "1 2 3 4"})):
            screen = self.begin_setup("--access", "disk", *arguments, PATH=self.path, **environment)
            screen.await_text("application: ")
            self.assertNotIn("browser", screen.shown)

    def install_browser(self):
        """An xdg-open that writes down what it was to open; returns where."""
        opened = os.path.join(self.world.scratch, "opened")
        script = self.world.write("xdg-open", f'#!/bin/sh\necho "$1" >"{opened}"\n')
        os.chmod(script, 0o700)
        self.path = self.world.home + ":" + self.world.environment["PATH"]
        return opened


class Wrong(SetupTest):
    def test_client_id(self):
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, WRONG)
        screen.answer(CLIENT_SECRET, self.client_secret)
        screen.answer(CLIENT_ID, self.client_id)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assert_screen("setup-wrong-client-id", self.after_form(screen))

    def test_client_secret(self):
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, self.client_id)
        screen.answer(CLIENT_SECRET, WRONG)
        screen.answer(CLIENT_SECRET, self.client_secret)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assert_screen("setup-wrong-client-secret", self.after_form(screen))

    def test_swapped(self):
        if self.world.canary:
            self.world.canary.typed.add("client_secret")
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, self.client_secret)
        screen.answer(CLIENT_SECRET, self.client_id)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assert_screen("setup-swapped", self.after_form(screen).replace(
            self.client_secret, "CLIENT_SECRET".ljust(len(self.client_secret), "-")))

    def test_client_id_time_and_again(self):
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, WRONG)
        screen.answer(CLIENT_SECRET, self.client_secret)
        for _ in range(4):
            screen.answer(CLIENT_ID, WRONG)
        self.assert_status(screen, 7)
        self.assert_nothing_kept()

    def test_application_that_is_blocked(self):
        self.sim.block_application(self.client_id)
        self.addCleanup(self.sim.unblock_application, self.client_id)
        self.assert_ctl_fails(7, "has blocked the application", "setup", "--client-id",
                              self.client_id, "--client-secret-file", self.secret_file())
        self.assert_nothing_kept()

    def test_permissions_that_are_ticked_then(self):
        self.sim.application(client_id=self.client_id, scopes=["cloud_api:disk.read"])
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.answer(CHECK_AGAIN, "")
        screen.answer(CHECK_AGAIN, "perhaps")
        self.sim.application(client_id=self.client_id, scopes=list(DISK))
        screen.answer(CHECK_AGAIN, "y")
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assert_screen("setup-permissions", self.after_form(screen))

    def test_permissions_that_stay_away(self):
        self.sim.application(client_id=self.client_id, scopes=["cloud_api:disk.app_folder"])
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.answer(CHECK_AGAIN, "n")
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()


class Offline(SetupTest):
    def setUp(self):
        super().setUp()
        self.daemon.stop()
        self.world.configure_for(self.sim, OAuthURL=NOWHERE)
        self.world.start_daemon()

    def test_kept_unchecked(self):
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.answer(KEEP_UNCHECKED, "")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assertNotIn("Yandex knows", screen.shown)
        self.assert_screen("setup-offline", self.after_form(screen))

    def test_not_kept(self):
        screen = self.begin_at_pair()
        self.give_pair(screen)
        screen.answer(KEEP_UNCHECKED, "n")
        self.assert_status(screen, 6)
        self.assert_nothing_kept()

    def test_nobody_there(self):
        self.assert_ctl_fails(6, "try again|retried|connection", "setup", "--client-id",
                              self.client_id, "--client-secret-file", self.secret_file())
        self.assert_nothing_kept()


class Cancelled(SetupTest):
    def assert_cancelled(self, screen, sentence="Cancelled, nothing was saved"):
        screen.process.send_signal(signal.SIGINT)
        self.assert_status(screen, 1)
        self.assertIn(sentence, screen.shown)

    def test_at_each_question(self):
        self.sim.application(client_id=self.client_id, scopes=["cloud_api:disk.read"])
        answers = ((ACCESS, ""), (CLIENT_ID, self.client_id), (CLIENT_SECRET, self.client_secret),
                   (CHECK_AGAIN, ""))
        for n, (question, _) in enumerate(answers):
            with self.subTest(question):
                screen = self.begin_setup()
                for before, answer in answers[:n]:
                    screen.answer(before, answer)
                self.await_question(screen, question)
                self.assertEqual(screen.echoes(), question != CLIENT_SECRET)
                self.assert_cancelled(screen)
        self.assert_nothing_kept()

    def test_half_a_secret(self):
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, self.client_id)
        self.await_question(screen, CLIENT_SECRET)
        screen.type(self.client_secret[:16])
        self.assert_cancelled(screen)
        self.assertNotIn(self.client_secret[:16], screen.shown)

    def test_the_input_ends(self):
        screen = self.begin_at_pair()
        self.await_question(screen, CLIENT_ID)
        screen.type("\x04")
        self.assert_status(screen, 1)
        self.assertIn("Cancelled", screen.shown)

    def test_whether_to_sign_in(self):
        screen = self.begin_at_pair()
        self.give_pair(screen)
        self.await_question(screen, SIGN_IN)
        self.assert_cancelled(screen, 'run "yadiskctl login" to sign in')
        self.assert_kept()

    @staticmethod
    def await_question(screen, question):
        screen.await_screen(lambda text: text.rstrip().endswith(question), question)


class Keyring(SetupTest):
    KEYRING = False

    def test_absent_is_told_before_anything_is_asked(self):
        screen = self.begin_setup()
        self.assert_status(screen, 5)
        self.assert_screen("setup-no-keyring", screen.text())
        self.assert_ctl_fails(5, "gnome-keyring", "setup", "--client-id", self.client_id,
                              "--client-secret-file", self.secret_file())
        self.assertEqual(self.sim.requests(), [])


class LockedKeyring(SetupTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.prompter = self.world.new_prompter()

    def test_told_before_anything_is_asked(self):
        self.keyring.lock()
        screen = self.begin_setup()
        eventually(lambda: screen.process.poll() is not None, "the end")
        self.assert_status(screen, 5)
        self.assertIn("The keyring is locked.", screen.shown)
        self.assertNotIn("What shall", screen.shown)
        self.assertEqual(self.prompter.prompts, 1)

    def begin_and_lock(self):
        """It is locked while somebody types."""
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, self.client_id)
        self.keyring.lock()
        screen.answer(CLIENT_SECRET, self.client_secret)
        return screen

    def test_nothing_that_was_typed_is_lost(self):
        screen = self.begin_and_lock()
        self.prompter.await_prompt()
        with self.flying(longest=20):
            screen.await_text("keyring is locked(.|\n)*save them")
        self.keyring.unlock()
        screen.answer(KEEP_AGAIN, "")
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assertEqual(self.prompter.prompts, 1)

    def test_given_up(self):
        screen = self.begin_and_lock()
        with self.flying(longest=20):
            screen.answer(KEEP_AGAIN, "n")
        self.assert_status(screen, 5)

    def test_nobody_there(self):
        self.keyring.lock()
        self.assert_ctl_fails(5, "keyring is locked", "setup", "--client-id", self.client_id,
                              "--client-secret-file", self.secret_file())
        self.assertEqual(self.prompter.prompts, 0)


class Discretion(SetupTest):
    def test_the_secret_is_nowhere_but_in_the_keyring(self):
        screen = self.begin_at_pair()
        screen.answer(CLIENT_ID, WRONG)
        screen.answer(CLIENT_SECRET, self.client_secret)
        screen.await_text("does not know")
        of_process = [read_proc(screen.process.pid, name) for name in ("cmdline", "environ")]
        screen.answer(CLIENT_ID, self.client_id)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.daemon.stop()
        with open(self.world.daemon_log, encoding="utf-8") as file:
            log = file.read()
        self.assertIn("Ready.", log)
        self.assertNotIn(self.client_secret, screen.shown + str(of_process) + log)
        self.assert_kept()


if __name__ == "__main__":
    main()
