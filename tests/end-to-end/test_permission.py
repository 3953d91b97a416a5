#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A sandboxed app that may not have a token has the user asked, and gets it if the user allows that."""

import shlex

from rig import EndToEndTest, main
from rig.bus import TOKENS, BusError, Client

# A proxy that runs outside of every sandbox, as one of the rig does.
APP = "xdg-dbus-proxy"
ASKED = "an app asks for access"


class PermissionTest(EndToEndTest):
    LABEL = "work"

    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label=self.LABEL)
        self.program = self.new_program()

    def new_program(self):
        """Another one of the same app."""
        program = Client(self.world.new_sandbox(f"--talk={TOKENS}").bare_address)
        self.addCleanup(program.close)
        return program

    def assert_denied(self, call, *arguments, account="", **keywords):
        """The sentence, which is the same for all accounts, and for those that there are not."""
        with self.assertRaises(BusError) as caught:
            call(*arguments, **keywords)
        error = caught.exception
        command = f"yadiskctl allow {APP} {account}".rstrip()
        self.assertEqual((error.name, error.message),
                         ("AccessDenied", f'"{APP}" is in a sandbox and was not allowed to have this token; '
                                          f'to allow it, run "{command}" outside of the sandbox.'))


class Asked(PermissionTest):
    def setUp(self):
        super().setUp()
        self.desktop = self.world.new_desktop()
        self.pending = self.program.begin_get_token(interactive=True)
        self.note = self.desktop.await_shown(ASKED)

    def test_allowed(self):
        self.assertEqual(list(self.note.actions.values()), ["Allow", "Deny"])
        self.assertEqual(self.note.body, f'"{APP}" is in a sandbox and asks for the token of "work". To '
                                         f'allow that, run "yadiskctl allow {APP}" in a terminal.')
        self.assertFalse(self.pending.done)
        self.desktop.press(self.note, "Allow")
        self.assertEqual(self.pending.result(), self.account.get_token())
        self.desktop.await_empty()
        self.assertEqual(self.account.get("Allowed"), [APP])
        self.assertEqual(self.program.get_token(), self.account.get_token())
        self.assertEqual(len(self.desktop.said), 1)

    def test_denied_and_not_asked_again(self):
        self.desktop.press(self.note, "Deny")
        self.assert_denied(self.pending.result)
        self.desktop.await_empty()
        self.assertEqual(self.account.get("Allowed"), [])
        self.assert_denied(self.program.begin_get_token(interactive=True).result)
        self.assert_denied(self.new_program().begin_get_token(interactive=True).result)
        self.assertEqual(len(self.desktop.said), 1)

    def test_allowed_after_the_app_has_gone(self):
        self.program.close()
        self.desktop.press(self.note, "Allow")
        self.account.await_is("Allowed", [APP])
        self.desktop.await_empty()
        self.assertEqual(self.new_program().get_token(), self.account.get_token())

    def test_allowed_at_a_terminal(self):
        self.assertEqual(self.ctl("allow", APP).status, 0)
        self.assertEqual(self.pending.result(), self.account.get_token())
        self.desktop.await_empty()

    def test_the_account_is_signed_out_meanwhile(self):
        self.account.sign_out()
        self.assert_denied(self.pending.result)
        self.desktop.await_empty()

    def test_calls_at_once_are_one_question(self):
        other = self.new_program().begin_get_token("work", interactive=True)
        self.client.ping()
        self.desktop.press(self.note, "Allow")
        for pending in self.pending, other:
            self.assertEqual(pending.result(), self.account.get_token())
        self.assertEqual(len(self.desktop.said), 1)

    def test_the_daemon_is_stopped_meanwhile(self):
        self.assertEqual(self.daemon.stop(), 0)
        with self.assertRaises(BusError):
            self.pending.result()
        self.desktop.await_empty()


class NotAsked(PermissionTest):
    def test_without_the_flag(self):
        desktop = self.world.new_desktop()
        self.assert_denied(self.program.get_token)
        self.assert_denied(self.program.get_token, "work", account="work")
        self.assert_denied(self.program.get_token, "nobody", account="nobody")
        self.assert_denied(self.program.get_token, "it's; $(c)", account="'it'\\''s; $(c)'")
        self.assert_denied(self.program.get_token, "\033[1m", account="ACCOUNT")
        self.assert_denied(self.program.get_token_fd)
        self.assertEqual(desktop.said, [])

    def test_the_command_allows_what_was_asked_for(self):
        """Not the default account, whatever the name of the other."""
        self.sim.add_user("maria")
        other = self.sign_in("maria", label="Мой диск")
        self.assert_denied(self.program.get_token, "Мой диск", account="'Мой диск'")
        self.ctl(*shlex.split(f"allow {APP} 'Мой диск'"))
        self.assertEqual(self.program.get_token("Мой диск"), other.get_token())
        self.assertEqual(self.account.get("Allowed"), [])

    def test_for_no_account(self):
        """What accounts there are is nothing that an app may learn."""
        desktop = self.world.new_desktop()
        self.assert_denied(self.program.begin_get_token("nobody", interactive=True).result, account="nobody")
        self.account.sign_out()
        self.assert_denied(self.program.begin_get_token(interactive=True).result)
        self.assertEqual(desktop.said, [])

    def test_while_the_keyring_is_locked(self):
        """What is allowed is not known, and no window appears for the sake of a program in a sandbox."""
        self.ctl("allow", APP)
        prompter, desktop = self.world.new_prompter(), self.world.new_desktop()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_refused("KeyringLocked", self.program.begin_get_token(interactive=True).result)
        self.assertEqual((prompter.prompts, desktop.said), (0, []))
        self.keyring.unlock()
        self.client.await_property("KeyringState", "unlocked")
        self.assertEqual(self.program.get_token(), self.account.get_token())

    def test_once_it_is_denied_again(self):
        self.ctl("allow", APP)
        self.assertEqual(self.program.get_token(), self.account.get_token())
        self.assertEqual(self.program.get_token_fd()[0], self.account.get_token())
        self.ctl("deny", APP)
        self.assert_denied(self.program.get_token)
        self.assert_denied(self.program.get_token_fd)

    def test_one_account_is_not_another(self):
        self.sim.add_user("olga")
        self.sign_in(login="olga", label="home")
        self.ctl("allow", APP, "work")
        self.assertEqual(self.program.get_token("work"), self.account.get_token())
        self.assert_denied(self.program.get_token, "home", account="home")


class Nobody(PermissionTest):
    CLOCK = True

    def test_to_ask(self):
        """The app waits once for somebody to answer."""
        pending = self.program.begin_get_token(interactive=True)
        with self.flying(20):
            self.assert_denied(pending.result)
        self.assert_denied(self.program.begin_get_token(interactive=True).result)


class Markup(PermissionTest):
    LABEL = "R&D <b>"

    def test_is_escaped(self):
        desktop = self.world.new_desktop()
        self.program.begin_get_token(interactive=True)
        self.assertIn('"R&amp;D &lt;b&gt;"', desktop.await_shown(ASKED).body)


if __name__ == "__main__":
    main()
