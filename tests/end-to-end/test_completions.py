#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What bash, zsh and fish make of a Tab, each at a terminal. A label is whatever somebody has called an
account, and must reach yadiskctl as it is, whatever it means to a shell."""

import os

from rig import EndToEndTest, main
from rig.world import SOURCE

COMPLETIONS = os.path.join(SOURCE, "client", "completions")
LABELS = ("Home $(touch hacked) `touch hacked` 'x' \"y\" \\ ; & z", "Диск Ивана", "a=b:c@d")


class Shell:  # of what the three have in common
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        directory = os.path.dirname(self.world.binary("client/yadiskctl"))
        self.path = directory + ":" + self.world.environment["PATH"]
        self.shell = self.start()
        self.addCleanup(self.leave)
        self.shell.await_screen(lambda text: text.endswith("$\n"), "the prompt")

    def leave(self):
        """A shell at a terminal is deaf to SIGTERM, and to SIGHUP now and then until a key is pressed."""
        self.shell.process.kill()
        self.shell.process.await_end()

    def run_shell(self, *command, **environment):
        return self.world.run_on_screen(*command, PATH=self.path, TERM="xterm-256color",
                                        columns=150, lines=40, **environment)

    def last(self, text):
        """What is on the line after the last prompt; a shell may have wrapped or drawn it anew."""
        return text.rstrip().rpartition("\n")[2].removeprefix("$").lstrip()

    def assert_completed(self, typed, line):
        self.shell.type(typed + "\t")
        self.shell.await_screen(lambda text: self.last(text).rstrip() == line, line)
        self.shell.type("\x15")
        self.shell.await_screen(lambda text: self.last(text) == "", "an empty line")

    def test_verbs_options_and_values(self):
        self.assert_completed("yadiskctl tok", "yadiskctl token")
        self.assert_completed("yadiskctl --json ref", "yadiskctl --json refresh")
        self.assert_completed("yadiskctl login --no-q", "yadiskctl login --no-qr")
        self.assert_completed("yadiskctl login --flow de", "yadiskctl login --flow device")
        self.assert_completed("yadiskctl login --flow=de", "yadiskctl login --flow=device")
        self.assert_completed("yadiskctl import rc", "yadiskctl import rclone")
        self.assert_completed("yadiskctl apps rem", "yadiskctl apps remove")
        self.assert_completed("yadiskctl help doc", "yadiskctl help doctor")

    def test_files(self):
        self.world.write("the-secret", "x")
        self.assert_completed("yadiskctl login --client-secret-file the-s",
                              "yadiskctl login --client-secret-file the-secret")
        self.assert_completed("yadiskctl login --client-secret-file=the-s",
                              "yadiskctl login --client-secret-file=the-secret")

    def test_commands(self):
        """A program, and what belongs to it."""
        self.world.write("the-file", "x")
        self.assert_completed("yadiskctl exec --env T busct", "yadiskctl exec --env T busctl")
        self.assert_completed("yadiskctl exec --env T -- busct", "yadiskctl exec --env T -- busctl")
        self.assert_completed("yadiskctl exec --env T busctl the-f", "yadiskctl exec --env T busctl the-file")
        self.assert_completed("yadiskctl exec --rest", "yadiskctl exec --restart")

    def test_labels(self):
        for label in LABELS:
            with self.subTest(label):
                self.account.call("SetLabel", "(s)", label)
                self.shell.type("clear\n")
                self.shell.await_screen(lambda text: text == "$\n", "an empty screen")
                self.shell.type(f"yadiskctl rename {label[:1]}\t")
                self.shell.await_screen(lambda text: label[-1:] in self.last(text)[16:], label)
                self.shell.type("renamed\n")
                self.account.await_is("Label", "renamed")
                self.shell.await_screen(lambda text: text.endswith("\n$\n"), "the prompt again")
        self.assertFalse(os.path.exists(os.path.join(self.world.home, "hacked")))

    def test_apps(self):
        """Those that there is something to deny to."""
        self.account.call("Allow", "(s)", "org.example.App")
        self.account.call("Allow", "(s)", "backup@1.service")
        self.assert_completed("yadiskctl deny org", "yadiskctl deny org.example.App")
        self.assert_completed("yadiskctl deny ba", "yadiskctl deny backup@1.service")
        self.assert_completed("yadiskctl deny org.example.App iv", "yadiskctl deny org.example.App ivan")

    def test_the_daemon_is_not_started(self):
        self.daemon.stop()
        self.world.let_the_bus_start_the_daemon()
        self.shell.type("yadiskctl token \t\x15")
        self.assert_completed("yadiskctl tok", "yadiskctl token")
        self.assertEqual(self.client.owner_of("io.github.yadiskctl.Tokens1"), "")


class Bash(Shell, EndToEndTest):
    def start(self):
        startup = self.world.write("bashrc", f"PS1='$ '\n. {COMPLETIONS}/yadiskctl.bash\n")
        return self.run_shell("bash", "--noprofile", "--rcfile", startup, "-i")


class Zsh(Shell, EndToEndTest):
    def start(self):
        self.world.write(".zshrc", f"""
unsetopt global_rcs
fpath=({COMPLETIONS} $fpath)
autoload -U compinit
compinit -u -D
PROMPT='$ '
""")
        return self.run_shell("zsh", "-i", ZDOTDIR=self.world.home)


class Fish(Shell, EndToEndTest):
    def start(self):
        startup = f"source {COMPLETIONS}/yadiskctl.fish; set fish_greeting; " \
                  "function fish_prompt; printf '$ '; end; function fish_right_prompt; end; " \
                  "set fish_autosuggestion_enabled 0"
        return self.run_shell("fish", "--no-config", "--interactive", "--init-command", startup)


if __name__ == "__main__":
    main()
