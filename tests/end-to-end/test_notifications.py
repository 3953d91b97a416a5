#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the user is told on the desktop, whatever that can do, and who else may have a say in it."""

from gi.repository import GLib

from notification import ENTER, NEEDED, NotificationTest, code_on
from rig import await_until, main
from rig.bus import BUS, BUS_PATH
from rig.desktop import DISMISSED, NOTIFICATIONS, NOTIFICATIONS_PATH


class Servers(NotificationTest):
    """What shows notifications comes and goes, and not all of it can do everything."""
    LABEL = "R&D <b>"

    def test_without_actions_there_is_a_command(self):
        desktop = self.world.new_desktop(["body"])
        self.die()
        note = desktop.await_shown(NEEDED)
        self.assertEqual(note.actions, {})
        self.assertEqual(note.body, 'Yandex no longer accepts the sign-in of "R&D <b>". To sign in '
                                    'again, run "yadiskctl login" in a terminal.')

    def test_where_nothing_can_be_pressed_every_note_says_what_to_do(self):
        desktop = self.world.new_desktop()
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", self.account.refresh)
        self.assertIn('run "yadiskctl doctor" in a terminal', desktop.await_shown("refused").body)

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
        self.sim.allow(code_on(note))
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
        self.sim.allow(code_on(desktop.await_shown(ENTER)))
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
        self.sign_in_on_a_device()  # by the time it has ended anything else had begun
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
        self.sign_in_on_a_device()
        self.assertEqual(self.codes(), 1)
        self.desktop.await_empty()


class Unsaved(NotificationTest):
    def test_told_once_and_withdrawn(self):
        desktop = self.world.new_desktop()
        self.renew_unsaved(self.account)
        note = desktop.await_shown("cannot be saved")
        self.assertEqual(note.actions, {})
        self.assertIn('"work"', note.body)
        self.assertIn('run "yadiskctl doctor" in a terminal', note.body)
        self.world.new_client().get_token()
        self.keyring.unlock()
        self.account.await_is("Saved", True)
        desktop.await_empty()
        self.assertEqual(len(desktop.said), 1)


if __name__ == "__main__":
    main()
