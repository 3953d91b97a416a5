#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl feed, and what import makes of a remote of rclone: under the systemd of a user, with Debian's rclone,
whose way to the Disk ends at the simulator."""

import itertools
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import unittest

import schemas
from rig import Simulator
from rig.inside import installed, is_inside, main_inside
from rig.process import Process
from rig.tunnel import Tunnel
from rig.user_session import UNIT, UserSession

SOCKET, SERVICE = "yadisk-token-feed.socket", "yadisk-token-feed.service"
PORT_CONF = f".config/systemd/user/{SOCKET}.d/port.conf"
RCLONE_CONF = ".config/rclone/rclone.conf"


class FeedCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.tunnel = Tunnel(cls.sim.addresses["disk"])
        cls.addClassCleanup(cls.tunnel.end)
        cls.session = UserSession()
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        cls.session.drop_in()

    def setUp(self):
        self.addCleanup(self.tidy)
        self.app = {"client_id": self.sim.client_id, "client_secret": self.sim.client_secret}
        self.sim.trouble()
        self.sim.forget_requests()

    def tidy(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        self.session.keyring.unlock()
        for feed in self.feeds():
            self.ctl("feed", "remove", feed["id"])
        self.assertFalse(os.path.exists(self.path(PORT_CONF)))
        self.session.run("systemctl", "--user", "stop", UNIT)
        for item in self.session.keyring.ours():
            self.session.keyring.delete(item)
        self.session.run("rm", "-rf", self.path(".config/rclone"))

    def path(self, name):
        return os.path.join(self.session.home, name)

    def read(self, name=RCLONE_CONF):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def write(self, text, name=RCLONE_CONF, mode=0o600):
        path = self.session.write(name, text)
        os.chmod(path, mode)
        return path

    def run_in(self, environment, *arguments, stdin=None):
        return subprocess.run(arguments, env=self.session.environment | environment, cwd=self.session.home,
                              timeout=60, input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)

    def ctl(self, *arguments, stdin=None, **environment):
        return self.run_in(environment, "yadiskctl", *arguments, stdin=stdin)

    def rclone(self, *arguments, **environment):
        return self.run_in(self.tunnel.environment | {"RCLONE_NO_CHECK_CERTIFICATE": "true"} | environment,
                           "rclone", "--retries", "1", "--low-level-retries", "1", *arguments)

    def assert_works(self, remote="yandex", **environment):
        self.sim.forget_requests()
        done = self.rclone("lsd", remote + ":", **environment)
        self.assertEqual(done.returncode, 0, done)
        shown = {request["headers"]["authorization"] for request in self.sim.requests(host="disk")}
        self.assertEqual(shown, {f"OAuth {self.live_grant()['access_token']}"})

    def assert_fails(self, status, pattern, *arguments, stdin=None, **environment):
        done = self.ctl(*arguments, stdin=stdin, **environment)
        self.assertEqual(done.returncode, status, done)
        self.assertRegex(done.stderr.splitlines()[-1], pattern)
        return done

    def assert_json(self, *arguments, stdin=None):
        done = self.ctl("--json", *arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done)
        document = json.loads(done.stdout)
        self.assertEqual(list(schemas.validator(arguments[0]).iter_errors(document)), [])
        return document

    def at_terminal(self, *arguments):
        return self.run_in({}, "script", "-qec", "stty cols 200; yadiskctl " + " ".join(arguments), "/dev/null").stdout

    def feeds(self):
        return json.loads(self.ctl("--json", "feed", "list").stdout)["feeds"]

    def sign_in(self):
        request = self.session.client.sign_in(**self.app)
        self.sim.allow(request.prompt()["user_code"])
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    def live_grant(self):
        return self.sim.grants(alive=True)[-1]

    def assert_no_feed(self):
        """Nothing is left of one."""
        self.assertEqual(self.feeds(), [])
        self.assertFalse(os.path.exists(self.path(PORT_CONF)))
        self.assertEqual(self.session.show("ActiveState", SOCKET), "inactive")
        self.assertNotEqual(self.session.show("UnitFileState", SOCKET), "enabled")

    def port(self):
        return int(re.search(r"ListenStream=127\.0\.0\.1:(\d+)\n", self.read(PORT_CONF))[1])

    def ask(self, text):
        """The endpoint, with the handle in this text."""
        handle = re.search("yadisk-feed-[0-9a-f]{48}", text)[0]
        return self.run_in({}, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-d", "@-",
                           f"http://127.0.0.1:{self.port()}/token",
                           stdin=f"grant_type=refresh_token&refresh_token={handle}").stdout


class Adding(FeedCase):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_written(self):
        done = self.ctl("feed", "add", "rclone", "--write")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertIn('Try "rclone lsd yandex:".', done.stdout)
        self.assertEqual(stat.S_IMODE(os.stat(self.path(RCLONE_CONF)).st_mode), 0o600)
        self.assertTrue(20000 <= self.port() <= 32767)
        self.assertEqual(self.session.show("ActiveState", SOCKET), "active")
        self.assertEqual(self.session.show("UnitFileState", SOCKET), "enabled")
        self.assert_works()
        self.assert_works()

        held = self.session.keyring.account()["grant"]["refresh_token"]
        self.assertNotIn(held, self.read())
        self.assertNotIn(self.app["client_secret"], self.read())
        self.assertNotIn("yadisk-feed-", self.session.run(
            "grep", "-r", "yadisk-feed-", ".local", ".config/systemd").stdout)

    def test_printed(self):
        done = self.ctl("feed", "add", "rclone", "--remote", "my disk")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, rf"\A\[my disk\]\ntype = yandex\ntoken_url = http://127.0.0.1:{self.port()}/token"
                         r"\ntoken = \{[^\n]*\}\n\Z")
        self.assertIn(f"Put this into {self.path(RCLONE_CONF)}", done.stderr)
        self.assertFalse(os.path.exists(self.path(RCLONE_CONF)))
        self.write(done.stdout)
        self.assert_works("my disk")

    def test_an_account_of_several(self):
        self.ctl("rename", "ivan", "work")
        self.assert_fails(3, "no such account", "feed", "add", "rclone", "ivan2")
        self.assert_no_feed()
        added = self.assert_json("feed", "add", "rclone", "work")
        self.assertEqual(added["feed"]["label"], "work")
        self.assertIn("token_url = ", added["section"])

    def test_listed(self):
        listed = self.ctl("feed", "list")
        self.assertEqual((listed.stdout, listed.returncode), ("", 0))
        self.assertIn("No program gets tokens", listed.stderr)
        self.ctl("feed", "add", "rclone", "--write")
        self.assertIsNone(self.feeds()[0]["last_used_by"])
        self.assert_works()
        feed, = self.assert_json("feed", "list")["feeds"]
        self.assertRegex(self.at_terminal("feed", "list"), r"Id +Program +Remote +Account +Last used\n"
                         rf"{feed['id']}  rclone   yandex  ivan     (now|\d+ seconds? ago) by /usr/bin/rclone \(pid \d+\)\n")
        self.assertEqual((feed["program"], feed["remote"], feed["label"]), ("rclone", "yandex", "ivan"))
        self.assertEqual(feed["last_used_by"]["uid"], os.getuid())
        self.assertEqual(feed["last_used_by"]["executable"], "/usr/bin/rclone")
        self.session.systemctl("stop", UNIT)
        self.assertEqual(self.ctl("feed").stdout.split(),
                         [feed["id"], "rclone", "yandex", feed["account"], str(feed["last_used_at"])])

    def test_removed(self):
        self.ctl("feed", "add", "rclone", "--write")
        self.assert_works()
        self.assert_fails(2, 'no feed "other"', "feed", "remove", "other")
        done = self.ctl("feed", "remove", "yandex")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertIn('"yandex" of rclone gets no more tokens', done.stdout)
        self.assertIn('"rclone config delete yandex"', done.stdout)
        self.assert_no_feed()
        self.assertEqual(self.session.show("ActiveState", SERVICE), "inactive")
        self.assert_json("feed", "list")
        self.ctl("feed", "add", "rclone")
        self.assert_json("feed", "remove", self.feeds()[0]["id"][:4])

    def test_added_again(self):
        first = self.ctl("feed", "add", "rclone").stdout
        port = self.port()
        self.assertEqual(self.ask(first), "200")
        done = self.ctl("feed", "add", "rclone", "--write")
        self.assertIn("had a feed before, which has ended", done.stderr)
        self.assertEqual(self.ask(first), "400")
        self.assertEqual(self.port(), port)
        other = self.assert_json("feed", "add", "rclone", "--remote", "other")
        self.assertFalse(other["replaced"])
        self.assertEqual(self.ask(self.read()), "200")
        self.assertEqual({feed["remote"] for feed in self.feeds()}, {"yandex", "other"})
        self.ctl("feed", "remove", "other")
        self.assertEqual(self.port(), port)
        self.assert_works()

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_killed_at_any_step(self):
        """What rclone.conf has works at each moment, and what is left does not hinder the next try."""
        self.ctl("feed", "add", "rclone", "--write")
        for call in "/^rename", "/^unlink", "fsync", "sendto":
            for n in itertools.count(1):
                done = self.run_in({}, "strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                   f"inject={call}:signal=KILL:when={n}", "yadiskctl", "feed", "add", "rclone", "--write")
                self.assertEqual(self.ask(self.read()), "200")
                if done.returncode != -signal.SIGKILL:
                    break
            self.assertEqual((done.returncode, len(self.feeds())), (0, 1), done)
            self.assertGreater(n, 1)

    def test_at_the_same_time(self):
        remotes = ["a1", "b2", "c3", "d4"]
        running = [Process(["yadiskctl", "feed", "add", "rclone", "--write", "--remote", remote],
                           env=self.session.environment) for remote in remotes]
        self.assertEqual([one.await_end(60) for one in running], [0] * 4)
        for one in running:
            one.close()
        for remote in remotes:
            self.assert_works(remote)

    def test_after_the_next_login(self):
        self.ctl("feed", "add", "rclone", "--write")
        port = self.port()
        self.session.log_out()
        self.session.log_in()
        self.session.await_started()
        self.assertEqual(self.session.show("ActiveState", SOCKET), "active")
        self.assertEqual(self.port(), port)
        self.session.keyring.unlock()
        self.assert_works()

    def test_the_rest_of_the_file_stays(self):
        before = ("; mine\r\n[local]\r\ntype=local\r\n\r\n[disk]\ntype = yandex\nhard_delete = true\n"
                  "client_secret = s3cret\ntoken = {}\n")
        self.write(before, mode=0o644)
        self.assertEqual(self.ctl("feed", "add", "rclone", "--write", "--remote", "disk").returncode, 0)
        after = self.read()
        self.assertTrue(after.startswith(before.partition("client_secret")[0].replace("\r\n", "\n")), after)
        self.assertNotIn("s3cret", after)
        self.assertEqual(stat.S_IMODE(os.stat(self.path(RCLONE_CONF)).st_mode), 0o600)
        self.assert_works("disk")

    def test_doctor(self):
        self.assertNotIn("Feeds", self.ctl("doctor").stdout)
        self.ctl("feed", "add", "rclone")
        self.assertRegex(self.ctl("doctor").stdout, r"ok +Feeds +Programs that can be fed: 1\.")
        self.session.systemctl("disable", SOCKET)
        self.assertRegex(self.ctl("doctor").stdout, r"attention +Feeds [^\n]*\n +Run \"systemctl --user enable")
        self.session.systemctl("stop", SOCKET, SERVICE)
        with self.take_port(self.port()):
            done = self.ctl("--json", "doctor")
            check, = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "feeds"]
            self.assertEqual((check["verdict"], done.returncode), ("trouble", 1))
            self.assertIn("belongs to a program of the user yadisk-test", check["message"])
        self.session.run("systemctl", "--user", "reset-failed", SOCKET)
        self.session.systemctl("start", SOCKET)

    def test_signed_out(self):
        self.ctl("feed", "add", "rclone", "--write")
        self.assertIn("What was fed from it gets no more tokens", self.ctl("logout").stdout)
        self.assertRegex(self.at_terminal("feed", "list"), r"  yandex +not signed in +never\n")
        self.sign_in()
        self.assertRegex(self.ctl("doctor").stdout, r"attention +Feeds +Feeds whose account is not signed in any more: 1 of 1\.")
        self.ctl("feed", "add", "rclone", "--write")
        self.assertRegex(self.ctl("doctor").stdout, r"ok +Feeds")
        self.assert_works()

    def take_port(self, port):
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        return taken


class Troubles(Adding):
    """The tests of Adding are not run again."""

    def test_usage(self):
        for arguments, pattern in ((("add",), "Name the program"), (("add", "restic"), "what uses its remotes, such as restic"),
                                   (("add", "rclone", "--remote", "a:b"), "cannot be the name"),
                                   (("add", "rclone", "a", "b"), "Too many"), (("list", "x"), "Too many"),
                                   (("remove",), "Name the feed"), (("drop",), "Unknown action"),
                                   (("list", "--write"), "are for")):
            with self.subTest(arguments):
                self.assert_fails(2, pattern, "feed", *arguments)
        self.assert_no_feed()

    def test_nobody_is_signed_in(self):
        self.ctl("logout")
        self.assert_fails(3, "Nobody is signed in", "feed", "add", "rclone")
        self.assert_no_feed()

    def test_the_port_is_taken(self):
        first = self.ctl("feed", "add", "rclone").stdout
        self.session.systemctl("stop", SOCKET, SERVICE)
        with self.take_port(self.port()):
            self.assert_fails(1, rf"Port {self.port()} .* yadisk-test \(uid {os.getuid()}\)", "feed", "add", "rclone",
                              "--remote", "other")
        self.assertEqual([feed["remote"] for feed in self.feeds()], ["yandex"])
        self.session.run("systemctl", "--user", "reset-failed", SOCKET)
        self.session.systemctl("start", SOCKET)
        self.assertEqual(self.ask(first), "200")

    def test_a_port_that_nobody_knows_of(self):
        """It was chosen, but its feeds are gone."""
        self.ctl("feed", "add", "rclone")
        port = self.port()
        self.session.systemctl("stop", SOCKET, SERVICE)
        self.session.run("rm", "-r", ".local/share/yadisk-tokend/feeds")
        with self.take_port(port):
            self.assertEqual(self.ctl("feed", "add", "rclone", "--write").returncode, 0)
        self.assertNotEqual(self.port(), port)
        self.assert_works()

    def test_the_keyring_is_locked(self):
        self.account.get("Id")
        self.session.systemctl("stop", UNIT)
        self.session.keyring.lock()
        done = self.ctl("feed", "add", "rclone", "--write", self.account.get("Id"))
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, "there is no token for it at present: The keyring is locked")
        self.session.keyring.unlock()
        self.assert_works()

    def test_yandex_refuses_the_account(self):
        self.sim.kill_tokens()
        self.ctl("refresh")
        done = self.ctl("feed", "add", "rclone")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("there is no token for it at present", done.stderr)
        self.assertIn("yadiskctl login", done.stderr)

    def test_feeds_elsewhere(self):
        for variable in ("XDG_DATA_HOME", "HOME"):
            with self.subTest(variable):
                elsewhere = {variable: self.path("elsewhere"), "RCLONE_CONFIG": "x"}
                self.assert_fails(1, "looks for feeds elsewhere", "feed", "add", "rclone", **elsewhere)
                self.assertEqual(self.session.run("find", "elsewhere", "-type", "f").stdout, "")
                self.assert_no_feed()

    def test_feeds_elsewhere_beside_ours(self):
        self.ctl("feed", "add", "rclone", "--write")
        self.assert_fails(1, "looks for feeds elsewhere", "feed", "add", "rclone", XDG_DATA_HOME=self.path("elsewhere"))
        self.assert_works()
        self.assertEqual(self.session.show("UnitFileState", SOCKET), "enabled")

    def test_port_that_is_lost(self):
        self.ctl("feed", "add", "rclone", "--write")
        shutil.rmtree(os.path.dirname(self.path(PORT_CONF)))
        self.session.systemctl("stop", SOCKET, SERVICE)
        self.session.systemctl("daemon-reload")
        done = self.ctl("doctor")
        self.assertRegex(done.stdout, r"trouble +Feeds +The port of the token endpoint is lost")
        self.assertIn('Run "yadiskctl feed add" again for each remote', done.stdout)
        self.ctl("feed", "add", "rclone", "--write")
        self.assert_works()

    def test_units(self):
        self.session.systemctl("mask", SOCKET)
        self.assert_fails(8, "masked.*systemctl --user unmask", "feed", "add", "rclone")
        self.session.systemctl("unmask", SOCKET)
        self.write("", f".config/systemd/user/{SOCKET}.d")
        self.assert_fails(1, f"{SOCKET}.d/port.conf.*cannot be written", "feed", "add", "rclone")
        os.unlink(self.path(f".config/systemd/user/{SOCKET}.d"))
        self.assert_no_feed()

    def test_files_that_are_not_written(self):
        for text, pattern in (("RCLONE_ENCRYPT_V0:\nabc\n", "is encrypted"),
                              ("[yandex]\ntype = local\n", 'not of the type "yandex"')):
            with self.subTest(pattern):
                self.write(text)
                self.assert_fails(2, pattern, "feed", "add", "rclone", "--write")
                self.assertEqual(self.read(), text)
                self.assert_no_feed()
        self.write("")
        os.chmod(self.path(".config/rclone"), 0o500)
        self.assert_fails(1, "Permission denied.*without --write", "feed", "add", "rclone", "--write")
        os.chmod(self.path(".config/rclone"), 0o700)
        os.chmod(self.path(RCLONE_CONF), 0)
        self.assert_fails(1, "Permission denied", "feed", "add", "rclone", "--write")
        self.assert_no_feed()

    def test_feed_that_cannot_be_kept(self):
        folder = self.path(".local/share/yadisk-tokend/feeds")
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o500)
        self.addCleanup(os.chmod, folder, 0o700)
        self.assert_fails(1, rf"The feed cannot be kept in {folder} \(Permission denied", "feed", "add", "rclone")
        self.assert_no_feed()

    def test_what_the_page_says_of_an_encrypted_one(self):
        """rclone itself writes it: a new remote, or one that is there."""
        section = self.ctl("feed", "add", "rclone").stdout
        values = re.findall(r"^(token\w*) = (.*)$", section, re.MULTILINE)
        words = [f"{key}={value}" for key, value in values]
        done = self.rclone("config", "create", "yandex", "yandex", *words, "config_refresh_token=false")
        self.assertEqual(done.returncode, 0, done)
        self.assert_works()
        self.write("[yandex]\ntype = yandex\nclient_id = x\nclient_secret = y\ntoken = {}\n")
        done = self.rclone("config", "update", "yandex", *words, "client_id=", "client_secret=",
                           "config_refresh_token=false")
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("client_secret = y", self.read())
        self.assert_works()


for name in [name for name in dir(Adding) if name.startswith("test_")]:
    setattr(Troubles, name, None)


class WithoutKeyring(FeedCase):
    """Which does not come back in this session."""

    def tidy(self):
        self.ctl("feed", "remove", "yandex")
        self.session.systemctl("stop", UNIT)
        self.session.run("sh", "-c", "rm .local/share/keyrings/*")

    def test_accounts_are_not_signed_out(self):
        self.sign_in()
        self.ctl("feed", "add", "rclone")
        self.session.systemctl("stop", UNIT)
        self.session.keyring.stop()
        self.assertEqual(json.loads(self.ctl("--json", "list").stdout)["accounts"], [])
        self.assertNotIn("not signed in", self.at_terminal("feed", "list"))
        self.assertRegex(self.ctl("doctor").stdout, r"ok +Feeds")


class Importing(FeedCase):
    def setUp(self):
        super().setUp()
        self.pair = self.sim.sign_in_elsewhere(self.app)
        self.addCleanup(self.sim.kill_tokens)
        token = {"access_token": self.pair["access_token"], "token_type": "OAuth",
                 "refresh_token": self.pair["refresh_token"], "expiry": "2099-01-01T00:00:00Z"}
        self.text = (f"# mine\n[disk]\ntype = yandex\nclient_id = {self.app['client_id']}\n"
                     f"client_secret = {self.app['client_secret']}\ntoken = {json.dumps(token)}\nhard_delete = true\n")
        self.write(self.text)
        self.sim.forget_requests()

    def assert_ours_alone(self):
        grant, = self.sim.grants(client_id=self.app["client_id"], alive=True)
        self.assertEqual(self.session.keyring.account()["grant"]["refresh_token"], grant["refresh_token"])
        self.assertEqual(self.sim.post_token(self.app, grant_type="refresh_token",
                                             refresh_token=self.pair["refresh_token"])["error"], "invalid_grant")

    def assert_clean(self):
        """Neither the old tokens nor ours nor the secret are in rclone.conf."""
        text = self.read()
        held = self.session.keyring.account()["grant"]["refresh_token"]
        for secret in (held, self.app["client_secret"], self.pair["refresh_token"], self.pair["access_token"]):
            self.assertNotIn(secret, text)

    def test_the_same_remote_works_before_and_after(self):
        self.assert_works("disk")
        done = self.ctl("import", "rclone")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertIn('Try "rclone lsd disk:".', done.stdout)
        self.assert_ours_alone()
        self.assert_clean()
        for _ in range(3):
            self.assert_works("disk")
            self.assert_clean()
        self.assertTrue(self.read().startswith("# mine\n[disk]\ntype = yandex\n"))
        self.assertIn("hard_delete = true\n", self.read())

    def test_without_a_feed(self):
        done = self.ctl("import", "rclone", "--no-feed")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("rclone config delete disk", done.stdout)
        self.assertEqual(self.read(), self.text)
        self.assert_no_feed()

    def test_from_standard_input(self):
        imported = self.assert_json("import", "rclone", "-", stdin=self.text)
        self.assertTrue(imported["fed"])
        self.assertEqual(self.read(), self.text)
        self.write("[disk]\ntype = yandex\n" + imported["section"])
        self.assert_works("disk")

    def test_from_standard_input_for_people(self):
        done = self.ctl("import", "rclone", "-", stdin=self.text)
        self.assertRegex(done.stdout, r"Put this in its place:\n\n\[disk\]\ntype = yandex\ntoken_url = ")

    def test_what_cannot_be_written_is_not_imported(self):
        os.chmod(self.path(".config/rclone"), 0o500)
        self.addCleanup(os.chmod, self.path(".config/rclone"), 0o700)
        self.assert_fails(1, "cannot be written .*--no-feed", "import", "rclone")
        self.assertEqual(self.sim.requests(path="/token"), [])
        self.assertEqual(self.session.keyring.ours(), [])
        self.assert_no_feed()

    def import_into_locked_folder(self, *arguments, meanwhile=None):
        """Yandex gives the tokens, and by then the file cannot be written any more. Returns the status, and what is
        said on stderr."""
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        running = Process(["yadiskctl", "import", "rclone", *arguments], env=self.session.environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.close)
        self.sim.wait("/token", grant_type="refresh_token", trouble="held")
        os.chmod(self.path(".config/rclone"), 0o500)
        if meanwhile:
            meanwhile()
        self.sim.let_go()
        status = running.await_end()
        os.chmod(self.path(".config/rclone"), 0o700)
        self.assertIn("Signed in as ivan", running.stdout.read())
        self.assert_no_feed()
        return status, running.stderr.read()

    def run_advice(self, said):
        command = re.search(r'when that is cured, run "(.*)"\.$', said, re.MULTILINE)[1]
        self.assertEqual(self.session.run("sh", "-c", command).returncode, 0, command)
        return command

    def test_what_can_no_longer_be_written_is_imported_all_the_same(self):
        status, said = self.import_into_locked_folder()
        self.assertEqual(status, 1)
        self.assert_ours_alone()
        self.assertEqual(self.read(), self.text)
        account, = self.assert_json("list")["accounts"]
        self.assertEqual(self.run_advice(said), f"yadiskctl feed add rclone --remote disk --write {account['id']}")
        self.assert_works("disk")
        self.assert_clean()

    def test_a_file_that_rclone_does_not_find_by_itself(self):
        other = self.write(self.text, ".config/rclone/my files.conf")
        os.unlink(self.path(RCLONE_CONF))
        _, said = self.import_into_locked_folder(other)
        self.run_advice(said)
        self.assertFalse(os.path.exists(self.path(RCLONE_CONF)))
        self.assert_works("disk", RCLONE_CONFIG=other)

    def test_what_to_try_with_it(self):
        other = self.write(self.text, ".config/rclone/my files.conf")
        done = self.ctl("import", "rclone", other)
        command = re.search(r'Try "(rclone .*)"\.$', done.stdout, re.MULTILINE)[1]
        self.assertEqual(command, f"rclone --config '{other}' lsd disk:")

    def test_neither_kept_nor_fed(self):
        """Both are said: at the end of the session the account would be lost."""
        status, said = self.import_into_locked_folder(meanwhile=self.session.keyring.lock)
        self.assertEqual((status, len(said.splitlines())), (5, 2), said)
        self.assertRegex(said, r"\A[^\n]*The account is here all the same[^\n]*\nyadiskctl: Not saved in the keyring yet")

    def test_changed_while_yandex_is_asked(self):
        """By rclone, which renews another remote: nothing of that is lost."""
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        running = Process(["yadiskctl", "import", "rclone"], env=self.session.environment,
                          stdout=subprocess.DEVNULL)
        self.addCleanup(running.close)
        self.sim.wait("/token", grant_type="refresh_token", trouble="held")
        self.assertEqual(self.rclone("config", "create", "local", "local").returncode, 0)
        self.sim.let_go()
        self.assertEqual(running.await_end(), 0)
        self.assertIn("[local]\n", self.read())
        self.assert_works("disk")
        self.assert_clean()


if __name__ == "__main__":
    if is_inside():
        schemas.DIRECTORY = installed("share/yadisk-tokend/schemas")
    main_inside(__file__, programs=("rclone", "curl"))
