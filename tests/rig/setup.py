# SPDX-License-Identifier: MIT
"""yadiskctl setup at a terminal, and a user who answers its questions."""

from .case import EndToEndTest

ACCESS = "Choose 1, 2 or 3 [1]:"
CLIENT_ID = "ClientID of the application:"
CLIENT_SECRET = "Client secret:"
CHECK_AGAIN = "Check again? [Y/n]"
KEEP_UNCHECKED = "Save ClientID and client secret without checking them? [Y/n]"
KEEP_AGAIN = "Try once more to save them? [Y/n]"
SIGN_IN = "Sign in now? [Y/n]"

DISK = ("cloud_api:disk.info", "cloud_api:disk.read", "cloud_api:disk.write")


class SetupTest(EndToEndTest):
    def begin_setup(self, *arguments, verb="setup", **environment):
        return self.world.ctl_on_screen(verb, *arguments, columns=80, lines=60, **environment)

    def begin_at_pair(self, access=""):
        """Up to the question for the ClientID."""
        screen = self.begin_setup()
        screen.answer(ACCESS, access)
        return screen

    def give_pair(self, screen, app=None):
        app = app or self.app
        screen.answer(CLIENT_ID, app["client_id"])
        screen.answer(CLIENT_SECRET, app["client_secret"])

    def assert_status(self, screen, status):
        self.assertEqual(screen.await_end(), status, screen.shown)
        self.assertTrue(screen.echoes())

    def assert_kept(self, app=None):
        """The keyring has the application, and nothing else of ours."""
        item, = self.keyring.ours()
        self.assertEqual(item.attributes["kind"], "application")
        self.assertEqual(item.attributes["client_id"], (app or self.app)["client_id"])
        self.assertEqual(item.document()["client_secret"], (app or self.app)["client_secret"])

    def assert_nothing_kept(self):
        self.assertEqual(self.keyring.ours(), [])

    def without_ids(self, text):
        return text.replace(self.client_id, "CLIENT_ID".ljust(len(self.client_id), "-"))

    def after_form(self, screen):
        """What is on the screen below the steps."""
        return self.without_ids(screen.text().split("is not shown.\n\n")[1])
