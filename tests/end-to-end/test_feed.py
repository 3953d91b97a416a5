#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The token endpoint: who gets a token for the handle of a feed, and what everybody else gets."""

import base64
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
from contextlib import suppress

from gi.repository import GLib
from rig import EndToEndTest, main
from rig.bus import BusError
from rig.clock import with_clock
from rig.endpoint import FORM, Feeds, connect, exchange, form, read_answer, request, token_form
from rig.waiting import eventually

SENTENCE = r"\A([A-Z]|yadisk-tokend )[^\n]*[.]\n?\Z"
OTHER_UID = 61178


class FeedTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.feeds = Feeds(self.world.environment)
        self.handle = self.feeds.add(self.account.id)
        self.endpoint = self.world.new_endpoint().start()

    @property
    def port(self):
        return self.endpoint.port

    def _log(self):
        return super()._log() + self.endpoint.log()

    def ask(self, **more):
        return self.endpoint.ask(self.handle, **more)

    def send(self, body=None, **more):
        return exchange(self.port, request(self.port, token_form(self.handle) if body is None else body, **more))

    def assert_token(self, answer=None):
        """The one that lives at Yandex."""
        answer = answer or self.ask()
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["access_token"], self.live_grant()["access_token"])
        return answer

    def assert_refused(self, status, answer):
        """With a sentence, and nothing else."""
        self.assertEqual(answer.status, status, answer)
        self.assertRegex(answer.text, SENTENCE)
        self.assertEqual(answer.headers["content-type"], "text/plain; charset=utf-8")
        self.assert_headers(answer)

    def assert_refused_by_library(self, status, answer):
        """By the one of Debian 13. That of Debian 12 leaves it to us."""
        if answer.headers.get("content-type"):
            self.assert_refused(status, answer)
        self.assertEqual(answer.status, status)
        self.assertNotIn(b"token", answer.body)

    def assert_error(self, status, error, pattern, answer):
        self.assertEqual((answer.status, answer.json["error"]), (status, error), answer)
        self.assertEqual(set(answer.json), {"error", "error_description"})
        self.assertRegex(answer.json["error_description"], SENTENCE)
        self.assertRegex(answer.json["error_description"], pattern)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.headers.get("retry-after"), "5" if status == 503 else None)
        self.assert_headers(answer)

    def assert_unavailable(self, pattern, answer=None):
        self.assert_error(503, "temporarily_unavailable", pattern, answer or self.ask())

    def assert_invalid(self, pattern, answer=None):
        self.assert_error(400, "invalid_grant", pattern, answer or self.ask())

    def assert_headers(self, answer):
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertEqual(answer.headers["connection"].lower(), "close")
        self.assertEqual([name for name in answer.headers if name.startswith("access-control")], [])

    def isolation(self):
        """What runs a program in a network of its own."""
        wrapper = ["unshare", "--net"] + ([] if os.getuid() == 0 else ["--user", "--map-current-user", "--keep-caps"])
        if subprocess.run([*wrapper, "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("needs a network namespace of its own")
        return wrapper

    def assert_nothing_leaked(self):
        log = self.endpoint.log()
        for secret in [self.handle] + self.sim.secrets("access_token", "refresh_token", "client_secret"):
            self.assertNotIn(secret, log)


class Answers(FeedTest):
    def test_a_token(self):
        answer = self.assert_token()
        self.assertEqual(set(answer.json), {"access_token", "token_type", "expires_in", "refresh_token"})
        self.assertEqual(answer.json["token_type"], "OAuth")
        self.assertEqual(answer.json["refresh_token"], self.handle)
        self.assertEqual(answer.json["expires_in"], 60)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assert_headers(answer)
        self.assert_nothing_leaked()

    def test_what_programs_send_beside_it(self):
        basic = base64.b64encode(b"client:secret").decode()
        self.assert_token(self.ask(Authorization=f"Basic {basic}"))
        self.assert_token(self.endpoint.ask(self.handle, Host=f"LocalHost:{self.port}"))
        self.assert_token(self.ask(Content_Type=FORM + "; charset=utf-8"))
        self.assert_token(self.send(token_form(self.handle, client_id="x", client_secret="y", scope="disk")))
        self.assert_token(self.send(form(refresh_token=self.handle) + "&&grant%5ftype=refresh%5Ftoken&"))
        self.assert_token(self.ask(version="HTTP/1.0"))

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_curl(self):
        """With what it sends by itself, as for a body that it announces."""
        done = self.world.run("curl", "-sS", "--data", token_form(self.handle), "-H", "Expect: 100-continue",
                              f"http://localhost:{self.port}/token")
        self.assertIn(self.live_grant()["access_token"], done.out)

    def test_each_account_has_its_own(self):
        self.sim.add_user("maria")
        other = self.sign_in(login="maria")
        handle = self.feeds.add(other.id)
        self.assertNotEqual(self.endpoint.ask(handle).json["access_token"], self.ask().json["access_token"])
        self.assertEqual(self.endpoint.ask(handle).json["access_token"], other.get_token().value)

    def test_pieces(self):
        """As slow programs send them, within the deadline."""
        data = self.endpoint.request(token_form(self.handle))
        with connect(self.port) as connection:
            for byte in data:
                connection.sendall(bytes([byte]))
            self.assert_token(read_answer(connection))

    def test_the_next_request_on_a_connection_is_not_answered(self):
        data = self.endpoint.request(token_form(self.handle))
        answer = exchange(self.port, data + data)
        self.assertEqual(answer.body.count(b"access_token"), 1)
        self.assert_token(answer)


class Renewals(FeedTest):
    """The clock is the daemon's, which renews no account twice in ten seconds."""

    CLOCK = True

    def test_old_tokens_are_dead(self):
        seen = {self.assert_token().json["access_token"]}
        for _ in range(5):
            self.clock.pass_by(11)
            self.account.refresh()
            seen.add(self.assert_token().json["access_token"])
        self.assertEqual(len(seen), 6)

    def life_before_renewal(self, seconds):
        """What a program is told so long before the token is renewed."""
        at = self.account.get("NextRefreshAt")
        self.clock.turn(at - seconds - int(time.time()))
        endpoint = self.world.new_endpoint(**with_clock(self.world.environment, self.clock.ahead)).start()
        return self.assert_token(endpoint.ask(self.handle)).json["expires_in"]

    def test_nobody_keeps_a_token_beyond_its_renewal(self):
        self.assertEqual(self.life_before_renewal(600), 60)
        self.assertTrue(25 <= self.life_before_renewal(30) <= 30)
        self.assertTrue(1 <= self.life_before_renewal(5) <= 5)


class LastUse(FeedTest):
    def test_which_program(self):
        before = int(time.time())
        self.assert_token()
        use = self.feeds.last_use(self.handle)
        self.assertEqual((use["UID"], use["PID"]), (str(os.getuid()), str(os.getpid())))
        self.assertEqual(use["Executable"], os.readlink("/proc/self/exe"))
        self.assertTrue(before <= int(use["Time"]) <= time.time())

    def test_not_written_all_the_time(self):
        self.assert_token()
        first = self.feeds.last_use(self.handle)
        done = self.world.run(sys.executable, "-c", "import sys, urllib.request as r;"
                              "sys.stdout.buffer.write(r.urlopen(sys.argv[1], sys.argv[2].encode()).read())",
                              f"http://127.0.0.1:{self.port}/token", token_form(self.handle))
        self.assertIn(self.live_grant()["access_token"], done.out, done)
        self.assertEqual(self.feeds.last_use(self.handle), first)

    def test_where_nothing_can_be_written(self):
        os.makedirs(os.path.dirname(self.world.environment["XDG_STATE_HOME"]), exist_ok=True)
        with open(self.world.environment["XDG_STATE_HOME"], "w", encoding="utf-8"):
            self.assert_token()


class Refusals(FeedTest):
    def tearDown(self):
        self.assert_token()
        self.assert_nothing_leaked()
        super().tearDown()

    def test_heads(self):
        port = self.port
        self.assert_refused_by_library(400, self.ask(Host=None))
        self.assert_refused(400, self.ask(Host=None, version="HTTP/1.0"))
        self.assert_refused_by_library(400, self.ask(HOST=f"127.0.0.1:{port}"))
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "localhost", f"127.0.0.1:{port + 1}",
                     f"127.0.0.1:{port}.", f"127.0.0.1:0{port}", f"127.0.0.2:{port}", f"0.0.0.0:{port}", "",
                     f"localhost.:{port}", f"user@127.0.0.1:{port}", f"127.0.0.1:{port}, 127.0.0.1:{port}"):
            self.assert_refused(403, self.ask(Host=host))
        for origin in ("http://evil.example", "null", "", f"http://127.0.0.1:{port}"):
            self.assert_refused(403, self.ask(Origin=origin))
        for target in ("/", "/tokens", "/token/", "//token", "/%74oken", "/token?a=b", "/token%00", "/Token", "*",
                       f"http://127.0.0.1:{port}/token", f"http://evil.example/token", "/./token", "token"):
            self.assert_refused(404, self.ask(target=target))
        for method in ("GET", "PUT", "OPTIONS", "DELETE", "PATCH", "post", "PROPFIND", "X"):
            answer = self.ask(method=method)
            self.assert_refused(405, answer)
            self.assertEqual(answer.headers["allow"], "POST")
        self.assertEqual(self.ask(method="HEAD").status, 405)
        for kind in (None, "", "text/plain", "application/json", "multipart/form-data; boundary=x", FORM + "x"):
            self.assert_refused(415, self.ask(Content_Type=kind))

    def test_a_page_in_a_browser(self):
        """A form that sends itself, a link, and a name that leads to us."""
        browser = {"User_Agent": "Mozilla/5.0", "Sec_Fetch_Site": "cross-site", "Accept": "text/html"}
        self.assert_refused(403, self.ask(Origin="https://evil.example", **browser))
        self.assert_refused(405, self.send("", method="GET", Content_Type=None, Content_Length=None, **browser))
        self.assert_refused(403, self.ask(Host=f"rebound.evil.example:{self.port}", **browser))
        self.assert_refused(403, self.ask(method="OPTIONS", Origin="https://evil.example",
                                          Access_Control_Request_Method="POST", **browser))

    def test_bodies(self):
        self.assert_refused(411, self.ask(Content_Length=None))
        self.assert_refused(411, self.ask(Content_Length=None, Transfer_Encoding="chunked"))
        self.assertIn(self.ask(Transfer_Encoding="chunked").status, (400, 411))
        self.assertIn(self.ask(Transfer_Encoding="identity").status, (400, 411, 501))
        self.assert_refused(413, self.ask(Content_Length="8193"))
        self.assert_refused(413, self.ask(Content_Length="4294967500"))
        self.assertIn(self.ask(Content_Length="99999999999999999999").status, (400, 413))
        for length in ("-1", "1x", "0x10", "+5"):
            self.assertEqual(self.ask(Content_Length=length).status, 400, length)
        padding = form(padding="x" * 8192)
        whole = token_form(self.handle) + "&" + padding
        self.assert_token(self.send(whole[:8192]))
        self.assert_refused(413, self.send(whole[:8193]))

    def test_forms(self):
        def assert_bad(body):
            self.assert_error(400, "invalid_request", "grant_type", self.send(body))
        handle, grant = form(refresh_token=self.handle), form(grant_type="refresh_token")
        assert_bad("")
        assert_bad(handle)
        assert_bad(grant)
        assert_bad(f"{grant}&{handle}&{handle}")
        assert_bad(f"{grant}&{grant}&{handle}")
        assert_bad(f"{grant}&{handle}&x=%")
        assert_bad(f"{grant}&{handle}&x=%4")
        assert_bad(f"{grant}&{handle}&x=%zz")
        assert_bad(f"{grant}&{handle}&%=x")
        assert_bad(f"{grant}&{handle}%00")
        assert_bad(f"{grant}&{handle}\0")
        assert_bad(f"{grant}\0&{handle}")
        for other in ("password", "client_credentials", "", "Refresh_Token", "refresh_token "):
            self.assert_error(400, "unsupported_grant_type", "refresh_token",
                              self.send(form(grant_type=other, refresh_token=self.handle)))

    def test_handles(self):
        """Whether there ever was such a feed cannot be told."""
        removed = self.feeds.add(self.account.id)
        self.assertEqual(self.endpoint.ask(removed).status, 200)
        self.feeds.remove(removed)
        wrong = ["", "x", "-", self.handle[:-1], self.handle + "0", self.handle.upper(), " " + self.handle,
                 "yadisk-feed-" + "0" * 48, "../" + self.handle, "é" * 100, "%", "\n", "x" * 8000, removed,
                 os.path.basename(self.feeds.path(self.handle)), self.live_grant()["access_token"]]
        answers = [self.endpoint.ask(handle) for handle in wrong]
        self.assert_invalid("yadiskctl feed list", answers[0])
        self.assertEqual({answer.body for answer in answers}, {answers[0].body})
        self.assertEqual({str(answer.headers | {"date": ""}) for answer in answers},
                         {str(answers[0].headers | {"date": ""})})

    def test_heads_that_are_none(self):
        for data in (b"\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"POST /token\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                     b"POST /token HTTP/1.1\r\nHost\r\n\r\n", b"x" * 100000,
                     b"POST /token HTTP/1.1\r\nA: " + b"x" * 100000,
                     b"POST /token HTTP/1.1\r\n" + b"A: b\r\n" * 20000 + b"\r\n",
                     b"POST /" + b"x" * 100000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            with suppress(OSError), connect(self.port) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                self.assertNotIn(b"access_token", read_answer(connection).body)

    def test_a_program_that_leaves(self):
        """In the middle of its head, of its body, and before the answer."""
        data = self.endpoint.request(token_form(self.handle))
        for end in (0, 1, 20, len(data) - 10, len(data) - 1, len(data)):
            for linger in (False, True):
                connection = connect(self.port)
                connection.sendall(data[:end])
                if linger:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()


class OtherPrograms(FeedTest):
    ASK = ("import socket, sys\n"
           "c = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 20)\n"
           "c.sendall(sys.argv[2].encode())\n"
           "while d := c.recv(65536): sys.stdout.buffer.write(d)\n")

    def ask_as(self, *wrapper):
        data = self.endpoint.request(token_form(self.handle)).decode()
        done = subprocess.run([*wrapper, "/usr/bin/python3", "-c", self.ASK, str(self.port), data],
                              capture_output=True, check=False, timeout=60)
        return done.stdout.decode(), done.stderr.decode()

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_another_user(self):
        for _ in range(20):
            said, _ = self.ask_as("setpriv", "--reuid", str(OTHER_UID), "--regid", str(OTHER_UID), "--clear-groups")
            self.assertTrue(said.startswith("HTTP/1.1 403 Forbidden\r\n"), said)
            self.assertRegex(said.partition("\r\n\r\n")[2], SENTENCE)
        self.assertIsNone(self.feeds.last_use(self.handle))
        told = f"A program of the user {OTHER_UID} was turned away"
        self.assertEqual(re.findall(told, self.endpoint.log()), [told])
        self.assertIn(self.live_grant()["access_token"], self.ask_as()[0])
        self.assert_nothing_leaked()

    def test_an_ipv6_socket(self):
        """As those of Java, which connect to IPv4 addresses all the same."""
        with socket.socket(socket.AF_INET6) as connection:
            connection.connect(("::ffff:127.0.0.1", self.port))
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            self.assert_token(read_answer(connection))
        self.assertEqual(self.feeds.last_use(self.handle)["PID"], str(os.getpid()))

    def ask_with_one_descriptor(self):
        """It has one for the connection, and none to ask the kernel with."""
        used = {int(name) for name in os.listdir(f"/proc/{self.endpoint.pid}/fd")}
        free = [number for number in range(len(used) + 2) if number not in used]
        resource.prlimit(self.endpoint.pid, resource.RLIMIT_NOFILE, (free[1], self.limits[1]))
        try:
            status = self.ask().status
        except ConnectionResetError:
            return None
        self.assertNotEqual(status, 403)
        return status

    def test_a_kernel_that_does_not_tell(self):
        """Nobody is taken for somebody else."""
        self.limits = resource.prlimit(self.endpoint.pid, resource.RLIMIT_NOFILE)
        eventually(lambda: self.ask_with_one_descriptor() is None, "the kernel not to tell")
        self.assertIn("Nobody is answered", self.endpoint.log())
        resource.prlimit(self.endpoint.pid, resource.RLIMIT_NOFILE, self.limits)
        self.assert_token()

    def test_another_network(self):
        said, error = self.ask_as(*self.isolation(), "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        self.assertIn("Connection refused", error)
        self.assertEqual(said, "")

    def test_a_socket_that_was_closed(self):
        """Nobody can be told whose it was."""
        other = self.feeds.add(self.account.id)
        os.kill(self.endpoint.pid, signal.SIGSTOP)
        with connect(self.port) as connection:
            connection.sendall(self.endpoint.request(token_form(other)))
        os.kill(self.endpoint.pid, signal.SIGCONT)
        self.assert_token()
        self.assertIsNone(self.feeds.last_use(other))
        self.assertNotIn("turned away", self.endpoint.log())


class Crowds(FeedTest):
    def test_two_hundred_at_once(self):
        """One call to the daemon serves all. The last of them shows when all have been heard."""
        last = self.feeds.add(self.account.id)
        monitor = self.world.new_monitor()
        self.daemon.send(signal.SIGSTOP)
        os.kill(self.endpoint.pid, signal.SIGSTOP)
        connections = [connect(self.port) for _ in range(200)]
        for connection in connections[:-1]:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
        connections[-1].sendall(self.endpoint.request(token_form(last)))
        os.kill(self.endpoint.pid, signal.SIGCONT)
        eventually(lambda: self.feeds.last_use(last), "all to be heard")
        self.daemon.send(signal.SIGCONT)
        for connection in connections:
            with connection:
                self.assert_token(read_answer(connection))
        monitor.catch_up(self.client)
        self.assertEqual(len(monitor.calls(member="GetTokenFD")), 1)

    def assert_served_beside(self, connections):
        for _ in range(5):
            self.assert_token()
        for connection in connections:
            connection.close()
        self.assert_token()

    def test_a_thousand_that_say_nothing(self):
        """The oldest make room, and not all at once."""
        connections = [connect(self.port) for _ in range(1000)]
        self.assert_token()
        connections[505].setblocking(False)
        with self.assertRaises(BlockingIOError):
            connections[505].recv(1)
        self.assert_served_beside(connections)

    def test_a_thousand_that_stop_in_the_middle(self):
        data = self.endpoint.request(token_form(self.handle))
        connections = []
        for i in range(1000):
            connections.append(connect(self.port))
            with suppress(ConnectionError):
                connections[-1].sendall(data[:len(data) - 1 - i % 100])
        self.assert_served_beside(connections)

    def test_more_than_there_is_room_for(self):
        """Who has asked is not ended; who comes later waits for room."""
        self.sim.trouble("held@/token*1")
        refresh = self.account.begin_refresh()
        self.sim.wait("/token", trouble="held")
        self.daemon.send(signal.SIGSTOP)
        os.kill(self.endpoint.pid, signal.SIGSTOP)
        connections = [connect(self.port) for _ in range(700)]
        data = self.endpoint.request(token_form(self.handle))
        for connection in connections:
            connection.sendall(data)
        os.kill(self.endpoint.pid, signal.SIGCONT)
        self.sim.let_go()
        self.daemon.send(signal.SIGCONT)
        refresh.result()
        for connection in connections:
            with connection:
                self.assertEqual(read_answer(connection).status, 200)


class Deadlines(EndToEndTest):
    """The clock is the endpoint's."""

    DAEMON = KEYRING = False
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.endpoint = self.world.new_endpoint(**self.clock.environment()).start()

    def test_ends_when_nobody_asks(self):
        for _ in range(3):
            self.assertEqual(self.endpoint.ask("x").status, 400)
            eventually(lambda: self.clock.left() > 20, "the connection to be closed")
            self.clock.wait(25)
        self.clock.wait_for_its_end(10)
        self.assertEqual(self.endpoint.await_end(), 0)

    def test_who_says_nothing_or_drips(self):
        silent, dripping = connect(self.endpoint.port), connect(self.endpoint.port)
        dripping.sendall(b"POST /token HTTP/1.1\r\n")
        self.assertEqual(self.endpoint.ask("x").status, 400)
        for _ in range(9):
            self.clock.wait(1)
            dripping.sendall(b"X")
            self.assertEqual(self.endpoint.ask("x").status, 400)
        self.clock.wait(2)
        for connection in (silent, dripping):
            with connection, suppress(ConnectionResetError):
                self.assertEqual(connection.recv(1000), b"")


class Troubles(FeedTest):
    def test_the_daemon_is_killed(self):
        self.assert_token()
        self.daemon.kill()
        self.assert_unavailable("yadiskctl doctor")
        self.world.start_daemon()
        self.assert_token()
        self.assert_nothing_leaked()
        self.assertEqual(self.endpoint.log().count("No token for the feed"), 1)

    def test_the_daemon_dies_while_it_is_asked(self):
        self.daemon.send(signal.SIGSTOP)
        with connect(self.port) as connection:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            eventually(lambda: self.feeds.last_use(self.handle), "the daemon to be asked")
            self.daemon.kill()
            self.assert_unavailable("yadiskctl doctor", read_answer(connection))

    def test_the_bus_starts_the_daemon(self):
        self.daemon.stop()
        self.world.let_the_bus_start_the_daemon()
        self.assert_token()
        self.assertEqual(self.world.end_started_daemon(), 0)

    def test_the_keyring_is_locked_and_unlocked(self):
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_unavailable("keyring is locked")
        self.keyring.unlock()
        self.assert_token()

    def test_signed_out(self):
        self.account.sign_out()
        self.assert_invalid("yadiskctl login.*yadiskctl feed add")

    def test_sign_in_needed_and_cured(self):
        self.sim.kill_tokens()
        with self.assertRaises(BusError):
            self.account.refresh()
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assert_invalid("yadiskctl login")
        self.sign_in(account=GLib.Variant("o", self.account.path))
        self.assert_token()

    def test_the_bus_ends(self):
        self.assert_token()
        self.world.end_bus()
        self.assert_unavailable("yadiskctl doctor")

    def test_feeds_that_cannot_be_read(self):
        path = self.feeds.path(self.handle)
        os.rename(path, path + ".away")
        os.symlink(path, path)
        self.assert_unavailable("journalctl")
        self.assertIn("The feeds cannot be read.", self.endpoint.log())
        os.rename(path + ".away", path)
        self.assert_token()


class Expired(FeedTest):
    KNOBS = {"refresh_mode": "B", "refresh_after_expiry": True, "token_life": 3}

    def test_as_long_as_yandex_is_away(self):
        self.sim.trouble("503@/token")
        self.account.await_told("State", "expired")
        self.assert_unavailable("Yandex did not answer as it should")

    def test_the_application_is_refused(self):
        """Yandex may take that back, and then nobody should have made the remote anew."""
        self.sim.block_application(self.client_id)
        self.account.await_told("State", "app-refused")
        eventually(lambda: self.ask().status != 200, "the token to end")
        self.assert_unavailable("Yandex refused the application")


class Stopping(FeedTest):
    def test_who_waits_meanwhile_is_answered_by_the_next(self):
        self.assertEqual(self.endpoint.stop(), 0)
        with connect(self.port) as connection:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            self.endpoint.start()
            self.assert_token(read_answer(connection))

    def test_who_was_heard_is_answered(self):
        self.daemon.send(signal.SIGSTOP)
        with connect(self.port) as connection:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            eventually(lambda: self.feeds.last_use(self.handle), "the daemon to be asked")
            self.endpoint.begin_stop()
            self.daemon.send(signal.SIGCONT)
            self.assert_token(read_answer(connection))
        self.assertEqual(self.endpoint.await_end(), 0)

    def test_at_once(self):
        """The second signal does not wait for the daemon."""
        self.daemon.send(signal.SIGSTOP)
        with connect(self.port) as connection:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            eventually(lambda: self.feeds.last_use(self.handle), "the daemon to be asked")
            self.endpoint.begin_stop()
            os.kill(self.endpoint.pid, signal.SIGTERM)
            self.assertEqual(self.endpoint.await_end(), 0)
            self.assert_unavailable("yadiskctl doctor", read_answer(connection))
        self.daemon.send(signal.SIGCONT)

    def test_it_answers_on_the_loopback_only(self):
        endpoint = self.world.new_endpoint(address="0.0.0.0").launch()
        self.assertEqual(endpoint.await_end(), 78)
        self.assertIn("not on the loopback", endpoint.log())

    def test_it_has_to_know_who_connects(self):
        """The kernel tells nothing of the sockets of another network."""
        endpoint = self.world.new_endpoint().launch(*self.isolation())
        self.assertEqual(endpoint.await_end(), 1)
        self.assertIn("The kernel does not tell whose a connection is", endpoint.log())

    def test_it_has_to_be_given_a_socket(self):
        result = self.world.run(self.world.binary("client/yadisk-token-feed"))
        self.assertEqual(result.status, 64)
        self.assertRegex(result.err, r"\A.*yadisk-token-feed.socket.*[.]\n\Z")


if __name__ == "__main__":
    main()
