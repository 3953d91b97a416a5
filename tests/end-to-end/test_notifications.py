#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the user is told on the desktop, and the way back in from there."""

import re

from gi.repository import GLib

from rig import EndToEndTest, await_until, main
from rig.bus import BUS, BUS_PATH
from rig.desktop import DISMISSED, NOTIFICATIONS, NOTIFICATIONS_PATH

NEEDED = "sign in again"
ENTER = "enter the code"
FAILED = "is not signed in"


class NotificationTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}
    LABEL = "work"

    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label=self.LABEL)
        self.sim.forget_requests()

    def die(self, account=None, app=None):
        """Yandex accepts the sign-in no longer, and the daemon learns of it."""
        self.sim.kill_tokens(client_id=(app or self.app)["client_id"])
        self.assert_refused("SignInNeeded", (account or self.account).refresh)

    def codes(self):
        """How often a code was asked for."""
        return len(self.sim.requests(path="/device/code", client_id=self.client_id))

    def assert_well(self):
        """It is the account that it was."""
        account, = self.client.accounts()
        self.assertEqual((account.path, account.get("Label")), (self.account.path, self.LABEL))
        self.assertEqual(account.state, "active")
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])

    def await_well(self):
        self.account.await_is("State", "active")
        self.assert_well()


class Pressed(NotificationTest):
    """From the note to a token."""

    def setUp(self):
        super().setUp()
        self.portal = self.world.new_portal()
        self.desktop = self.world.new_desktop()
        self.die()
        self.needed = self.desktop.await_shown(NEEDED)

    def press(self):
        """Until there is a code; returns it."""
        opened = len(self.portal.opened)
        self.desktop.press(self.desktop.screen()[0])
        self.portal.await_opened(opened + 1)
        shown = self.desktop.await_shown(ENTER)
        return re.search(r"code (\w+)$", shown.summary)[1]

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
        self.assertEqual(self.needed.body, 'Yandex no longer accepts the sign-in of "work".')
        code = self.press()
        page = self.portal.opened[0]
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
        self.assertEqual(self.portal.opened, [page])
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
        self.assertEqual(len(set(self.portal.opened)), 1)
        self.assertEqual(self.codes(), 1)
        self.sim.allow(code)
        self.await_well()
        self.desktop.await_empty()

    def test_pressed_again_before_there_is_a_code(self):
        self.desktop.press(self.needed)
        self.desktop.press(self.needed)
        self.sim.allow(re.search(r"code (\w+)$", self.desktop.await_shown(ENTER).summary)[1])
        self.await_well()
        self.assertEqual(self.codes(), 1)

    def test_the_note_is_closed_by_what_shows_it_when_pressed(self):
        """Not all keep it until we say more."""
        self.desktop.press(self.needed)
        self.desktop.dismiss(self.needed)
        self.portal.await_opened()
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
        self.assertEqual(self.portal.opened, [])
        self.assert_second_try_succeeds()

    def test_somebody_else_signs_in(self):
        self.sim.add_user("maria")
        self.sim.allow(self.press(), "maria")
        self.await_failed("Somebody else signed in")
        self.assertEqual(len(self.client.accounts()), 1)
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
        self.sim.allow(re.search(r"code (\w+)$", desktop.await_shown(ENTER).summary)[1])
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


class Servers(NotificationTest):
    """What shows notifications comes and goes, and not all of it can do everything."""
    LABEL = "R&D <b>"

    def test_without_actions_there_is_a_command(self):
        desktop = self.world.new_desktop(["body"])
        self.die()
        note = desktop.await_shown(NEEDED)
        self.assertEqual(note.actions, {})
        self.assertEqual(note.body, 'Yandex no longer accepts the sign-in of "R&D <b>". Run '
                                    '"yadiskctl login" in a terminal.')

    def test_markup_is_escaped_where_there_is_any(self):
        desktop = self.world.new_desktop()
        self.die()
        self.assertIn('"R&amp;D &lt;b&gt;"', desktop.await_shown(NEEDED).body)

    def test_nobody_opens_pages(self):
        """The note has the address."""
        desktop = self.world.new_desktop()
        self.die()
        desktop.press(desktop.await_shown(NEEDED))
        note = desktop.await_shown(ENTER)
        self.assertRegex(note.body, r"Open https://\S+ and enter the code \w+ there")
        self.sim.allow(re.search(r"code (\w+)$", note.summary)[1])
        self.await_well()
        desktop.await_empty()

    def test_the_desktop_comes_up_after_the_daemon(self):
        """As it does after every login. It is told once."""
        self.die()
        self.world.restart_daemon()
        desktop = self.world.new_desktop()
        self.assertEqual(desktop.await_shown(NEEDED), desktop.said[0])
        self.sign_in()
        desktop.await_empty()
        self.assertEqual(len(desktop.said), 1)

    def test_cured_before_there_is_a_desktop(self):
        """It comes too late for that, but not for the next trouble."""
        other_app = self.sim.application()
        other = self.sign_in(app=other_app)
        self.die()
        self.sign_in()
        desktop = self.world.new_desktop()
        self.die(other, other_app)
        self.assertIn('"ivan"', desktop.await_shown(NEEDED).body)
        self.assertEqual(len(desktop.said), 1)

    def test_restarted_it_is_shown_again_and_others_are_left_alone(self):
        desktop = self.world.new_desktop()
        self.die()
        before = desktop.await_shown(NEEDED)
        desktop.close()
        desktop = self.world.new_desktop()
        other = desktop.show_other("mail")
        self.assertEqual(other.number, before.number)
        ours = desktop.await_shown(NEEDED)
        self.assertNotEqual(ours.number, other.number)
        self.sign_in()
        desktop.await_closed(NEEDED)
        self.assertEqual(desktop.screen(), [other])
        self.assertEqual(desktop.withdrawn, [ours])

    def test_dismissed_it_is_not_shown_again(self):
        other_app = self.sim.application()
        other = self.sign_in(app=other_app)
        desktop = self.world.new_desktop()
        self.die()
        desktop.dismiss(desktop.await_shown(NEEDED))
        self.assert_refused("SignInNeeded", self.account.refresh)
        desktop.close()
        desktop = self.world.new_desktop()
        self.die(other, other_app)
        desktop.await_shown(NEEDED)
        self.assertEqual(len(desktop.said), 1)
        self.assertIn('"ivan"', desktop.said[0].body)

    def test_two_accounts_two_notes(self):
        other_app = self.sim.application()
        other = self.sign_in(app=other_app)
        desktop = self.world.new_desktop()
        self.die()
        self.die(other, other_app)
        await_until(lambda: len(desktop.screen()) == 2, "two notes")
        first, second = desktop.screen()
        self.assertIn('"ivan"', second.body)
        desktop.press(second)
        self.sim.allow(re.search(r"code (\w+)$", desktop.await_shown(ENTER).summary)[1])
        other.await_is("State", "active")
        await_until(lambda: desktop.screen() == [first], "one note")
        self.assertEqual(self.account.state, "sign-in-needed")

    def test_nobody_at_all(self):
        self.die()
        self.world.restart_daemon()
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assertNotIn("otification", self.daemon.log())
        self.assertEqual(self.daemon.stop(), 0)


class Neighbours(NotificationTest):
    """Programs of the same user that pretend to be the desktop."""

    def setUp(self):
        super().setUp()
        self.desktop = self.world.new_desktop()
        self.die()
        self.note = self.desktop.await_shown(NEEDED)
        self.neighbour = self.world.new_client()

    def pretend(self, member, signature, *arguments):
        """To all, and to each connection of the daemon alone."""
        for name in (None, *self.daemon.names()):
            self.neighbour.connection.emit_signal(
                name, NOTIFICATIONS_PATH, NOTIFICATIONS, member,
                GLib.Variant(signature, (self.note.number, *arguments)))
        self.neighbour.connection.flush_sync(None)

    def test_what_they_press_starts_nothing(self):
        action, = self.note.actions
        self.pretend("ActionInvoked", "(us)", action)
        self.sign_in()  # by the time it has ended anything else had begun
        self.assertEqual(self.codes(), 1)
        self.desktop.await_empty()

    def test_what_they_close_stays_ours(self):
        self.pretend("NotificationClosed", "(uu)", DISMISSED)
        self.sign_in()
        self.desktop.await_empty()
        self.assertEqual(self.desktop.withdrawn, [self.note])

    def test_that_the_desktop_has_gone_they_cannot_say(self):
        for name in self.daemon.names():
            self.neighbour.connection.emit_signal(
                name, BUS_PATH, BUS, "NameOwnerChanged",
                GLib.Variant("(sss)", (NOTIFICATIONS, self.client.owner_of(NOTIFICATIONS), "")))
        self.neighbour.connection.flush_sync(None)
        self.sign_in()
        self.desktop.await_empty()
        self.assertEqual(self.desktop.withdrawn, [self.note])

    def test_other_ids_and_keys_of_the_desktop_itself(self):
        # pylint: disable=protected-access
        for number, action in ((0, "act"), (self.note.number, "default"), (4711, "act"),
                               (self.note.number, "")):
            self.desktop._emit("ActionInvoked", "(us)", number, action)
        self.desktop._emit("ActionInvoked", "(s)", "act")
        self.desktop._emit("NotificationClosed", "(uu)", 4711, DISMISSED)
        self.sign_in()
        self.assertEqual(self.codes(), 1)
        self.desktop.await_empty()


class Unsaved(NotificationTest):
    def test_told_once_and_withdrawn(self):
        desktop = self.world.new_desktop()
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        self.account.refresh()
        note = desktop.await_shown("cannot be saved")
        self.assertEqual(note.actions, {})
        self.assertIn('"work"', note.body)
        self.world.new_client().get_token()
        self.keyring.unlock()
        self.account.await_is("Saved", True)
        desktop.await_empty()
        self.assertEqual(len(desktop.said), 1)


if __name__ == "__main__":
    main()
