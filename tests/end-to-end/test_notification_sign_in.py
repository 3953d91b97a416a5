#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The way back in from the desktop: a press on the note that a sign-in is needed."""

from notification import ENTER, FAILED, NEEDED, NotificationTest, code_on
from rig import await_until, main


class Pressed(NotificationTest):
    """From the note to a token."""

    def setUp(self):
        super().setUp()
        self.manager = self.world.new_service_manager()
        self.desktop = self.world.new_desktop()
        self.die()
        self.needed = self.desktop.await_shown(NEEDED)

    def press(self):
        """Until there is a code; returns it."""
        opened = len(self.manager.opened)
        self.desktop.press(self.desktop.screen()[0])
        self.manager.await_opened(opened + 1)
        shown = self.desktop.await_shown(ENTER)
        return code_on(shown)

    def await_failed(self, sentence):
        """The reason, and that it can be tried again."""
        shown = self.desktop.await_shown(FAILED)
        self.assertIn(self.LABEL, shown.summary)
        self.assertRegex(shown.body, r"\A[A-Z][^.]+\.\Z")
        self.assertIn(sentence, shown.body)
        self.assertEqual(list(shown.actions.values()), ["Sign in"])
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assertEqual(len(self.desktop.screen()), 1)

    def assert_second_try_succeeds(self):
        self.sim.knobs(trouble=[])
        self.sim.allow(self.press())
        self.await_well()
        self.desktop.await_empty()

    def test_from_the_press_to_a_token(self):
        self.assertEqual(list(self.needed.actions.values()), ["Sign in"])
        self.assertEqual(self.needed.body, 'Yandex no longer accepts the sign-in of "work". To sign '
                                           'in again, run "yadiskctl login" in a terminal.')
        code = self.press()
        page = self.manager.opened[0]
        self.assertEqual(self.sim.wait_pending()["user_code"], code)
        self.assertTrue(page.startswith("https://"), page)

        note, = self.desktop.screen()
        self.assertEqual(note.number, self.needed.number)
        self.assertEqual(note.body, f'Open {page} and enter the code {code} there to sign in to '
                                    '"work" again.')
        self.assertEqual(list(note.actions.values()), ["Open the page"])

        self.sim.allow(code)
        self.await_well()
        self.desktop.await_empty()
        self.assertEqual(self.manager.opened, [page])
        self.assertEqual(len(self.desktop.said), 2)
        self.assertEqual(self.codes(), 1)
        self.account.await_is("Saved", True)
        self.assertEqual(self.daemon.stop(), 0)

    def test_no_token_in_a_note(self):
        self.sim.allow(self.press())
        self.await_well()
        self.desktop.await_empty()
        said = repr(self.desktop.said)
        for secret in self.sim.secrets("access_token", "refresh_token", "device_code",
                                       "client_secret"):
            self.assertNotIn(secret, said)

    def test_pressed_twice(self):
        code = self.press()
        self.assertEqual(self.press(), code)
        self.assertEqual(len(set(self.manager.opened)), 1)
        self.assertEqual(self.codes(), 1)
        self.sim.allow(code)
        self.await_well()
        self.desktop.await_empty()

    def test_pressed_again_before_there_is_a_code(self):
        self.desktop.press(self.needed)
        self.desktop.press(self.needed)
        self.sim.allow(code_on(self.desktop.await_shown(ENTER)))
        self.await_well()
        self.assertEqual(self.codes(), 1)

    def test_the_note_is_closed_by_what_shows_it_when_pressed(self):
        """Not all keep it until we say more."""
        self.desktop.press(self.needed)
        self.desktop.dismiss(self.needed)
        self.manager.await_opened()
        self.desktop.await_shown(ENTER)

    def test_denied(self):
        self.sim.deny(self.press())
        self.await_failed("Access was denied")
        self.assert_second_try_succeeds()

    def test_expired(self):
        self.press()
        self.sim.expire_codes()
        self.await_failed("not confirmed in time")
        self.assert_second_try_succeeds()

    def test_offline(self):
        self.sim.trouble({"kind": "reset-before", "path": "/device/code"})
        self.desktop.press(self.needed)
        self.await_failed("cannot be reached")
        self.assertEqual(self.manager.opened, [])
        self.assert_second_try_succeeds()

    def test_another_user_signs_in(self):
        self.sim.add_user("maria")
        self.sim.allow(self.press(), "maria")
        self.await_failed("Another user signed in")
        maria, = (a for a in self.client.accounts() if a.path != self.account.path)
        self.assertEqual(maria.get("Login"), "maria")
        maria.sign_out()
        self.assert_second_try_succeeds()

    def test_signed_in_elsewhere_meanwhile(self):
        self.press()
        self.sign_in()
        self.await_well()
        self.desktop.await_empty()

    def test_the_daemon_is_stopped_meanwhile(self):
        self.press()
        self.assertEqual(self.daemon.stop(), 0)
        await_until(lambda: self.desktop.withdrawn, "the note to be taken along")


class Locked(NotificationTest):
    def test_the_password_is_asked_for_only_when_pressed(self):
        prompter = self.world.new_prompter()
        desktop = self.world.new_desktop()
        self.die()
        note = desktop.await_shown(NEEDED)
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.assertEqual(prompter.prompts, 0)

        desktop.press(note)
        prompter.await_prompt()  # which is dismissed
        self.assertEqual(desktop.await_shown(FAILED).body,
                         "The keyring is locked; unlock it and try again.")
        self.assertEqual(prompter.prompts, 1)
        self.assertEqual(self.codes(), 0)

        self.keyring.unlock()
        self.client.await_property("KeyringState", "unlocked")
        desktop.press(desktop.find(FAILED))
        self.sim.allow(code_on(desktop.await_shown(ENTER)))
        self.await_well()

    def test_the_secret_of_the_application_is_gone(self):
        self.die()
        self.account.await_is("State", "sign-in-needed")
        self.assertEqual(self.daemon.stop(), 0)
        item, = self.keyring.ours("application")
        self.keyring.delete(item)
        desktop = self.world.new_desktop()
        self.world.start_daemon()
        desktop.press(desktop.await_shown(NEEDED))
        self.assertIn(f'run "yadiskctl login --client-id {self.client_id}" in a terminal',
                      desktop.await_shown(FAILED).body)
        self.assertEqual(self.codes(), 0)


if __name__ == "__main__":
    main()
