#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl import: the tokens of another program, from the files in which these keep them."""

import json
import os
import re
import signal
import subprocess

import schemas
from rig import EndToEndTest, main
from rig.waiting import await_until


class ImportTest(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.pair = self.sim.sign_in_elsewhere(self.app)

    def rclone(self, *arguments):
        """Debian's, in the home of the test."""
        subprocess.run(["rclone", *arguments], env=self.world.environment, check=True, timeout=60,
                       cwd=self.world.home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def make_remote(self, name="disk", pair=None, **options):
        """As rclone writes it; returns the path of its file."""
        given = {"client_id": self.client_id, "client_secret": self.client_secret} | options
        token = {"access_token": self.pair["access_token"], "token_type": "OAuth",
                 "refresh_token": self.pair["refresh_token"],
                 "expiry": "2099-11-23T14:42:00.123456789+03:00"} | (pair or {})
        self.rclone("config", "create", name, "yandex", "token", json.dumps(token),
                    "config_refresh_token", "false", "--non-interactive",
                    *(word for option in given.items() for word in option))
        return os.path.join(self.world.config_home, "rclone", "rclone.conf")

    def as_json(self, **changes):
        return json.dumps({"client_id": self.client_id, "client_secret": self.client_secret,
                           **self.pair, **changes})

    def assert_ours_alone(self):
        """One grant is alive, its refresh token is the one that the keyring holds."""
        grant, = self.sim.grants(client_id=self.client_id, alive=True)
        held = self.keyring.account()["grant"]
        self.assertEqual(held["refresh_token"], grant["refresh_token"])
        self.assertNotEqual(held["refresh_token"], self.pair["refresh_token"])
        self.assertEqual(self.sim.post_token(self.app, grant_type="refresh_token",
                                             refresh_token=self.pair["refresh_token"])["error"],
                         "invalid_grant")

    def await_ours_alone(self):
        await_until(lambda: self.keyring.ours("account"), "the account in the keyring")
        self.assert_ours_alone()

    def assert_nothing_imported(self):
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(self.client.accounts(), [])

    def assert_old_pair_is_good(self):
        self.assertIn("access_token", self.sim.post_token(
            self.app, grant_type="refresh_token", refresh_token=self.pair["refresh_token"]))


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Rclone(ImportTest):
    """Where no systemd runs the services: the file is only read. See test_feed_add.py for where one does."""

    def assert_not_fed(self, result, remote):
        self.assertRegex(result.err, r"\ANo systemd runs the services of this session, [^\n]* "
                         rf'The remote "{remote}" is not fed\.\n\Z')

    def test_nothing_can_be_fed(self):
        self.sign_in()
        self.assert_ctl_fails(8, "No systemd runs the services .*yadiskctl exec", "feed", "add", "rclone", "--write")
        self.assertEqual(self.ctl("--json", "feed", "list").json["feeds"], [])
        self.assertFalse(os.path.exists(os.path.join(self.world.config_home, "rclone")))

    def test_without_a_feed(self):
        path = self.make_remote()
        before = content(path)
        result = self.ctl("import", "rclone", "--no-feed")
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertIn("rclone config delete disk", result.out)
        self.assertEqual(content(path), before)
        self.assert_ours_alone()

    def test_only_rclone_is_fed(self):
        self.assert_ctl_fails(2, "Only rclone is fed", "import", "json", "--no-feed", stdin=self.as_json())
        self.assert_nothing_imported()

    def test_the_only_remote(self):
        path = self.make_remote()
        before = content(path)
        result = self.ctl("import", "rclone")
        self.assertEqual(result.status, 0, result)
        self.assert_not_fed(result, "disk")
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d \(in \d+ days\)", "DATE", result.out)
        self.assert_screen("import-rclone", text.replace(self.world.home, "HOME"))
        self.assertEqual(content(path), before)
        self.assert_ours_alone()
        self.assertEqual(self.ctl("token").out.strip(), self.live_grant()["access_token"])

    def test_what_it_says_to_do_can_be_done(self):
        self.make_remote("my disk")
        result = self.ctl("import", "rclone")
        command = re.search(r"^    (rclone .*)$", result.out, re.MULTILINE)[1]
        self.assertEqual(command, "rclone config delete 'my disk'")
        self.assertEqual(self.world.run("/bin/sh", "-c", command).status, 0)
        self.assertNotIn("my disk", self.world.run("rclone", "listremotes").out)

    def test_one_of_several(self):
        self.make_remote()
        self.make_remote("other", {"refresh_token": "none of theirs"})
        self.rclone("config", "create", "local", "local")
        self.assert_ctl_fails(2, "several remotes .* --remote: disk other", "import", "rclone")
        self.assertEqual(self.sim.requests(path="/token", grant_type="refresh_token"), [])
        self.assertEqual(self.ctl("import", "rclone", "--remote", "disk").status, 0)
        self.assert_ours_alone()

    def test_from_standard_input(self):
        path = self.make_remote()
        result = self.ctl("import", "rclone", "-", stdin=content(path).decode())
        self.assertEqual(result.status, 0, result)
        self.assertIn("that was piped in is out of date", result.out)
        self.assert_ours_alone()

    def encrypt(self):
        """As people do it, since rclone takes a new password from nobody else."""
        terminal = self.world.run_on_screen("rclone", "config")
        for question, answer in (("c/s/q> ", "s"), ("a/q> ", "a"), ("NEW configuration pass", "pw"),
                                 ("Confirm NEW", "pw"), ("c/u/q> ", "q"), (r"(?s)c/u/q> .*c/s/q> ", "q")):
            terminal.await_text(question)
            terminal.type(answer + "\n")
        self.assertEqual(terminal.await_end(), 0, terminal.shown)

    def test_an_encrypted_one(self):
        path = self.make_remote()
        self.encrypt()
        before = content(path)
        self.assert_ctl_fails(2, r"is encrypted; .*rclone config show NAME \| yadiskctl",
                              "import", "rclone")
        shown = self.world.run("rclone", "config", "show", "disk", RCLONE_CONFIG_PASS="pw").out
        result = self.ctl("import", "rclone", "-", stdin=shown)
        self.assertEqual(result.status, 0, result)
        self.assertEqual(content(path), before)
        self.assertNotIn(self.pair["refresh_token"].encode(), before)
        self.assert_ours_alone()

    def test_remotes_that_are_of_no_use(self):
        self.make_remote("builtin", client_id="", client_secret="")
        self.rclone("config", "create", "local", "local")
        self.make_remote("bare", {"refresh_token": ""})
        for remote, pattern in (("builtin", "rclone's own application"),
                                ("local", 'not of the type "yandex"'),
                                ("bare", "without a refresh token"),
                                ("nobody", 'no remote "nobody"')):
            with self.subTest(remote):
                self.assert_ctl_fails(2, pattern, "import", "rclone", "--remote", remote)
        self.assert_nothing_imported()

    def test_there_is_no_file(self):
        self.assert_ctl_fails(2, "There is no rclone.conf", "import", "rclone")

    def test_a_file_that_others_can_read(self):
        path = self.make_remote()
        os.chmod(path, 0o644)
        result = self.ctl("import", "rclone")
        self.assertEqual(result.status, 0)
        self.assertIn("could be read by every user", result.err)


class Json(ImportTest):
    def test_from_standard_input(self):
        result = self.ctl("import", "json", "--label", "bot", stdin=self.as_json())
        self.assertEqual(result.status, 0, result)
        self.assertIn('Signed in as ivan; the account is called "bot".', result.out)
        self.assert_ours_alone()

    def test_the_application_is_named_beside(self):
        path = self.world.write("token.json", json.dumps(self.pair))
        os.chmod(path, 0o600)
        result = self.ctl("--json", "import", "json", path, "--client-id", self.client_id,
                          "--client-secret-file", self.secret_file())
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertEqual(list(schemas.validator("import").iter_errors(result.json)), [])
        self.assertEqual(result.json["account"]["login"], "ivan")
        self.assertEqual((result.json["file"], result.json["exposed"]), (path, False))
        self.assert_ours_alone()

    def test_a_refresh_token_is_enough(self):
        result = self.ctl("import", "json", stdin=json.dumps({
            "refresh_token": self.pair["refresh_token"], "client_id": self.client_id,
            "client_secret": self.client_secret}))
        self.assertEqual(result.status, 0, result)
        self.assertIn("Signed in as ivan", result.out)
        self.assert_ours_alone()

    def test_what_is_no_token(self):
        for text, pattern in (("", "is empty"), ("{", "is not JSON|not the JSON"),
                              ("[]", "object"), ('{"a": 1}', "token"),
                              (json.dumps({"access_token": "y0_a"}), "without a refresh token"),
                              ("[disk]\ntype = yandex\n", "rclone")):
            with self.subTest(text):
                self.assert_ctl_fails(2, pattern, "import", "json", stdin=text)
        self.assert_nothing_imported()

    def test_files_that_are_none(self):
        directory = self.world.home
        large = self.world.write("large", "x" * (1 << 20) + "x")
        for path, pattern in ((directory, "is a directory"), (large, "larger than 1 MiB"),
                              (os.path.join(directory, "nowhere"), "There is no file")):
            with self.subTest(path):
                self.assert_ctl_fails(2, pattern, "import", "json", path)

    def test_an_unknown_format(self):
        self.assert_ctl_fails(2, 'Unknown format "xml"', "import", "xml")

    def test_somebody_who_is_here_already(self):
        self.sign_in()
        result = self.assert_ctl_fails(2, "signed in here already", "import", "json",
                                       stdin=self.as_json())
        self.assertNotIn(self.pair["refresh_token"], result.err)
        self.assert_old_pair_is_good()


class Ydcmd(ImportTest):
    def write(self, *lines):
        path = self.world.write(".ydcmd.cfg", "\n".join(("[ydcmd]", *lines)) + "\n")
        os.chmod(path, 0o600)

    def test_as_ydcmd_has_it(self):
        self.write("# a comment", f"token = {self.pair['access_token']}", "verbose = yes")
        self.assert_ctl_fails(2, "ydcmd keeps no refresh token", "import", "ydcmd")

    def test_with_what_was_put_beside_it(self):
        self.write(f"token = {self.pair['access_token']}",
                   f"refresh-token = {self.pair['refresh_token']}",
                   f"app-id = {self.client_id}", f"app-secret = {self.client_secret}")
        result = self.ctl("import", "ydcmd")
        self.assertEqual(result.status, 0, result)
        self.assertIn('Delete the lines "token" and "refresh-token"', result.out)
        self.assert_ours_alone()


class Troubles(ImportTest):
    def assert_fails(self, status, pattern, **changes):
        self.assert_ctl_fails(status, pattern, "import", "json", stdin=self.as_json(**changes))

    def test_the_pair_is_refused(self):
        self.sim.kill_tokens()
        self.assert_fails(4, "does not accept this refresh token.*yadiskctl login")
        self.assert_nothing_imported()

    def test_the_application_is_refused(self):
        self.assert_fails(7, "refused the application", client_secret="f" * 32)
        self.assert_nothing_imported()
        self.assert_old_pair_is_good()

    def test_yandex_is_away(self):
        self.sim.trouble("reset-before")
        self.assert_fails(6, "try again")
        self.sim.trouble()
        self.assert_nothing_imported()
        self.assert_old_pair_is_good()

    def test_the_keyring_is_locked(self):
        self.keyring.lock()
        self.assert_fails(5, "The keyring is locked")
        self.keyring.unlock()
        self.assert_nothing_imported()
        self.assert_old_pair_is_good()

    def test_the_keyring_is_absent(self):
        self.keyring.stop()
        self.client.await_property("KeyringState", "absent")
        self.assert_fails(5, "No keyring service")
        self.assert_old_pair_is_good()

    def begin_and_hold(self, path="/token"):
        """Returns when Yandex has been asked, to renew or else, and does not answer before it is let go."""
        self.sim.knobs(refresh_mode="B")
        file = self.world.write("token.json", self.as_json())
        self.sim.forget_requests()
        self.sim.trouble(f"held@{path}*1")
        terminal = self.world.ctl_at_terminal("import", "json", file)
        self.sim.wait(path, trouble="held")
        terminal.name, = self.client.names_of(terminal.process.pid)
        return terminal

    def let_go_when_left(self, terminal):
        """The answer, when the daemon has heard that nobody waits for it any more."""
        self.client.await_no_owner(terminal.name)
        self.client.ping()
        self.assertEqual(self.sim.let_go(), 1)

    def assert_interrupted(self, terminal):
        self.assertEqual(terminal.await_end(), 1, terminal.shown)
        self.assertRegex(terminal.shown, r"\A(\^C)?\r?\n?yadiskctl: The import was interrupted; "
                         r'run "yadiskctl list" to see whether the account is here already, .*\.\r?\n\Z')

    def test_ctrl_c_loses_nothing(self):
        """Yandex may have renewed it: the daemon makes the account."""
        terminal = self.begin_and_hold()
        terminal.type("\x03")
        self.assert_interrupted(terminal)
        self.let_go_when_left(terminal)
        self.await_ours_alone()

    def test_ctrl_c_before_yandex_refuses_it(self):
        """There never was an account, and no notification of it."""
        self.sim.kill_tokens()
        terminal = self.begin_and_hold()
        terminal.type("\x03")
        self.assert_interrupted(terminal)
        self.let_go_when_left(terminal)
        await_until(lambda: not self.client.manager("ListApplications")[0], "all of it to go")
        self.assert_nothing_imported()

    def test_ctrl_c_before_there_is_anything_to_lose(self):
        terminal = self.begin_and_hold("/info")
        terminal.type("\x03")
        self.assert_interrupted(terminal)
        self.let_go_when_left(terminal)
        self.assertEqual(self.ctl("list").out, "")
        self.assert_nothing_imported()
        self.assertEqual(self.sim.requests(path="/token"), [])
        self.assert_old_pair_is_good()

    def test_other_signals(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                terminal = self.begin_and_hold("/info")
                terminal.process.send_signal(number)
                self.assert_interrupted(terminal)
                self.let_go_when_left(terminal)
        self.assert_nothing_imported()

    def test_killed_it_loses_nothing(self):
        terminal = self.begin_and_hold()
        terminal.process.kill()
        terminal.await_end()
        self.let_go_when_left(terminal)
        self.await_ours_alone()

    def test_the_daemon_is_killed(self):
        terminal = self.begin_and_hold()
        self.daemon.kill()
        self.assertEqual(terminal.await_end(), 8)
        self.assertIn("went away during the import; run", terminal.shown)

    def test_no_secret_is_shown(self):
        self.make_remote()
        said = self.ctl("import", "rclone")
        for secret in self.sim.secrets():
            self.assertNotIn(secret, said.out + said.err + self.daemon.log())


if __name__ == "__main__":
    main()
