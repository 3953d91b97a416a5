#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of Yandex, opened by the portal of a real desktop."""

from notification import ENTER, NEEDED, NotificationTest, code_on
from rig import await_until, main, skip
from rig.desktop import PORTAL
from rig.portal import BROWSER, Chooser, RealPortal, have_no_power_over_others, is_installed


class PortalTest(NotificationTest):
    BROWSER_IS_DEFAULT = True

    def setUp(self):
        super().setUp()
        self.portal = RealPortal(self.client, self.world.environment, self.world.directory,
                                 self.BROWSER_IS_DEFAULT)
        self.addCleanup(self.portal.close)
        self.browser = self.portal.browser
        self.desktop = self.world.new_desktop()
        self.page = self.sim.addresses["oauth"] + "/device"
        self.die()
        self.desktop.await_shown(NEEDED)

    def _log(self):
        return super()._log() + self.portal.log()

    def press(self):
        note, = self.desktop.screen()
        self.desktop.press(note)

    def assert_code_helps(self):
        """The note has all that the user needs."""
        note = self.desktop.await_shown(ENTER)
        self.assertIn(f"Open {self.page} and enter the code {code_on(note)} there", note.body)
        self.sim.allow(code_on(note))
        self.await_well()
        self.desktop.await_empty()
        self.assertEqual(self.codes(), 1)


class DefaultBrowser(PortalTest):
    def test_from_the_press_to_a_token(self):
        self.press()
        self.assertEqual(self.browser.await_opened(), self.page)
        self.assert_code_helps()
        self.assertEqual(self.browser.opened, [self.page])
        self.assertEqual(self.daemon.stop(), 0)

    def test_opened_again(self):
        self.press()
        self.browser.await_opened()
        self.desktop.await_shown(ENTER)
        self.press()
        self.browser.await_opened(2)
        self.assert_code_helps()
        self.assertEqual(self.browser.opened, [self.page] * 2)

    def test_the_portal_comes_later(self):
        self.portal.end()
        self.press()
        self.desktop.await_shown(ENTER)
        self.portal.start()
        self.press()
        self.assertEqual(self.browser.await_opened(), self.page)
        self.assert_code_helps()


class NoDefaultBrowser(PortalTest):
    """The portal has the user asked which program to take. Where nobody asks it opens nothing."""

    BROWSER_IS_DEFAULT = False

    def setUp(self):
        super().setUp()
        self.monitor = self.world.new_monitor()

    def new_chooser(self):
        chooser = Chooser(self.world.address)
        self.addCleanup(chooser.close)
        return chooser

    def responses(self):
        """How it ended, in the portal's words: 0 is well."""
        return [message.body[0] for message in
                self.monitor.select(interface="org.freedesktop.portal.Request", member="Response")]

    def who_asks_the_portal(self):
        return self.monitor.calls(destination=PORTAL, member="OpenURI")[-1].sender

    def assert_portal_is_left(self):
        self.monitor.catch_up(self.client)
        self.client.await_no_owner(self.who_asks_the_portal())

    def test_nobody_asks_the_user(self):
        self.press()
        self.desktop.await_shown(ENTER)
        await_until(self.responses, "the portal to be done")
        self.assertEqual(self.responses(), [2])
        self.assert_portal_is_left()
        self.assert_code_helps()
        self.assertEqual(self.browser.opened, [])

    def test_the_user_chooses(self):
        chooser = self.new_chooser()
        self.press()
        chooser.await_asked()
        chooser.choose(BROWSER)
        self.assertEqual(self.browser.await_opened(), self.page)
        self.assert_portal_is_left()
        self.assert_code_helps()

    def test_the_user_signs_in_elsewhere(self):
        chooser = self.new_chooser()
        self.press()
        chooser.await_asked()
        self.assert_code_helps()

    def test_pressed_while_the_user_is_asked(self):
        """There is one question at a time, and none without the daemon."""
        chooser = self.new_chooser()
        self.press()
        chooser.await_asked()
        self.desktop.await_shown(ENTER)
        self.press()
        chooser.await_asked(2)
        chooser.await_closed()
        self.assertEqual(self.daemon.stop(), 0)
        chooser.await_closed(2)

    def test_the_daemon_is_killed_while_the_user_is_asked(self):
        chooser = self.new_chooser()
        self.press()
        chooser.await_asked()
        self.daemon.kill()
        chooser.await_closed()
        self.assert_portal_is_left()

    def test_the_portal_ends_while_the_user_is_asked(self):
        chooser = self.new_chooser()
        self.press()
        chooser.await_asked()
        self.portal.end()
        self.assert_portal_is_left()
        self.assert_code_helps()


if __name__ == "__main__":
    if not is_installed():
        skip("needs xdg-desktop-portal")
    have_no_power_over_others()
    main()
