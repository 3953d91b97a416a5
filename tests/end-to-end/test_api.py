#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl api: one call to the Disk, as a program of any kind should make it."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import unittest
from contextlib import contextmanager, suppress

from rig import EndToEndTest, Simulator, main
from rig.clock import with_clock
from rig.language import make, speaking
from rig.process import Process, read_proc
from rig.tunnel import Tunnel, Wall
from rig.world import build_directory

RUSSIAN = "ru_RU.UTF-8"
RESOURCES = "/v1/disk/resources"
ODD = "disk:/a&b=c#d?e +%41/Мой диск\"'\\"
MIB = 1 << 20
STALL = 60  # seconds: client/api/connection.c


class ApiTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.sim.forget_requests()

    def api(self, *arguments, status=0, **keywords):
        with self.flying():
            result = self.ctl("api", *arguments, **keywords)
        self.assertEqual(result.status, status, result)
        return result

    @contextmanager
    def disk_that_answers(self, pieces):
        """In place of the simulator's, and once."""
        def answer():
            with listener.accept()[0] as connection:
                connection.recv(65536)
                with suppress(OSError):  # of a reader who has had enough
                    for piece in pieces:
                        connection.sendall(piece)
                    connection.unwrap()

        folder = os.path.dirname(self.sim.addresses["ca"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "good.pem"), os.path.join(folder, "good.key"))
        with context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listener:
            thread = threading.Thread(target=answer)
            thread.start()
            self.world.configure_for(self.sim, DiskURL=f"https://localhost:{listener.getsockname()[1]}")
            self.world.restart_daemon()
            yield
            thread.join()

    def asked(self, path=RESOURCES, **selection):
        return self.sim.requests(host="disk", path=path, **selection)

    def assert_answers_and_fails(self, status, pattern, *arguments, **keywords):
        """The answer goes to the standard output; what it means, in one line, to the other one."""
        result = self.api(*arguments, status=status, **keywords)
        self.assertRegex(result.err, r"\Ayadiskctl: [^\n]+\.\n\Z")
        self.assertRegex(result.err, pattern)
        return result

    def assert_fails(self, status, pattern, *arguments, **keywords):
        return self.assert_ctl_fails(status, pattern, "api", *arguments, **keywords)


class Calls(ApiTest):
    def test_a_list(self):
        result = self.api("GET", RESOURCES, "path=disk:/", "limit=20")
        self.assertEqual(result.json["_embedded"]["items"][0]["name"], "Мишки.jpg")
        self.assertEqual(result.err, "")
        request, = self.asked()
        self.assertEqual((request["method"], request["query"]),
                         ("GET", {"path": "disk:/", "limit": "20"}))
        self.assertEqual(request["headers"]["authorization"],
                         "OAuth " + self.account.get_token().value)

    def test_a_query_arrives_as_it_was_given(self):
        self.api("get", RESOURCES, "path=" + ODD, "empty=", status=1)
        request, = self.asked()
        self.assertEqual(request["query"], {"path": ODD, "empty": ""})

    def test_methods(self):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with self.subTest(method):
                self.sim.script_answer(RESOURCES, status=201, body='{"done":true}')
                self.assertEqual(self.api(method, RESOURCES, "path=disk:/x").out, '{"done":true}')
                headers = self.asked(method=method)[0]["headers"]
                self.assertEqual(headers.get("content-length"), None if method == "DELETE" else "0")
                self.assertNotIn("content-type", headers)

    def test_an_answer_without_a_body(self):
        self.sim.script_answer(RESOURCES, status=204)
        self.assertEqual(self.api("DELETE", RESOURCES, "path=disk:/x").out, "")

    def test_a_body(self):
        body = "a=%D0%AF&b=2"
        file = self.world.write("body", body)
        for source in (file, "-"):
            with self.subTest(source):
                self.sim.script_answer(RESOURCES)
                self.api("PATCH", RESOURCES, "--input", source, "--content-type",
                         "application/x-www-form-urlencoded", stdin=body)
                request = self.asked()[-1]
                self.assertEqual(request["form"], {"a": "Я", "b": "2"})
        self.sim.script_answer(RESOURCES)
        self.api("PATCH", RESOURCES, "--input", file)
        self.assertEqual(self.asked()[-1]["headers"]["content-type"], "application/json")

    def test_a_body_that_cannot_be_sent(self):
        self.assert_fails(1, "No such file", "PUT", RESOURCES, "--input", "/nowhere")
        self.assert_fails(1, "directory", "PUT", RESOURCES, "--input", "/")
        self.assert_fails(2, "rclone", "PUT", RESOURCES, "--input", "/dev/zero")
        self.assertEqual(self.asked(), [])

    def test_include(self):
        head, body = self.api("GET", "/v1/disk", "--include").out.split("\n\n")
        self.assertEqual(head.splitlines()[0], "HTTP/1.1 200")
        self.assertIn("Content-Type: application/json; charset=utf-8", head.splitlines())
        self.assertEqual(json.loads(body)["user"]["login"], "ivan")

    def test_head(self):
        self.sim.script_answer("/v1/disk", headers={"X-Odd": "a\x9b31mb"})
        out = self.api("HEAD", "/v1/disk").out
        self.assertTrue(out.startswith("HTTP/1.1 200\n"), out)
        self.assertIn("\nX-Odd: a\ufffd31mb\n", out)

    def test_another_account(self):
        self.sim.add_user("olga")
        self.sign_in(login="olga", app=self.sim.application(), label="work")
        for account, login in ((None, "ivan"), ("work", "olga")):
            chosen = ("--account", account) if account else ()
            self.assertEqual(self.api("GET", "/v1/disk", *chosen).json["user"]["login"], login)
        self.assert_fails(3, "No account", "GET", "/v1/disk", "--account", "nobody")

    def test_usage(self):
        for arguments in (["GOT", RESOURCES], ["GET"], ["GET", RESOURCES, "limit"],
                          ["GET", RESOURCES, "=1"], ["GET", RESOURCES, "--input", "-"],
                          ["POST", RESOURCES, "--content-type", "text/plain"],
                          ["POST", RESOURCES, "--input", "-", "--content-type", "a\r\nX: b"],
                          ["POST", RESOURCES, "--paginate"],
                          ["GET", RESOURCES, "--paginate", "--include"],
                          ["GET", RESOURCES, "--paginate", "limit=all"]):
            with self.subTest(arguments):
                self.assert_fails(2, ".", *arguments)
        self.assertEqual(self.asked(), [])

    def test_paths_that_would_lead_elsewhere(self):
        plain, disk = self.sim.addresses["plain"], self.sim.addresses["disk"]
        host = plain.split("//")[1]
        for path in ("//" + host, "//" + host + "/v1/disk", "@" + host, ":x@" + host + "/", "." + host,
                     plain, disk + "/v1/disk", "/\\" + host, "\\\\" + host, "/v1/disk#" + host,
                     "/v1/disk?path=/", "/v1 /disk", "/v1\t/disk", "/v1\r\nHost: " + host, "/v1/\x7f",
                     "/диск", "v1/disk", ""):
            with self.subTest(path):
                self.assert_fails(2, "path", "GET", path)
        self.assertEqual(self.sim.requests(), [])


class Errors(ApiTest):
    def test_the_words_of_the_disk(self):
        result = self.assert_answers_and_fails(1, r"\(404 DiskNotFoundError\): Resource not found\.", "GET",
                                               RESOURCES, "path=disk:/nowhere")
        self.assertEqual(result.json["error"], "DiskNotFoundError")
        make(RUSSIAN)
        self.assert_answers_and_fails(1, r"\(404 DiskNotFoundError\): Не удалось найти запрошенный ресурс\.",
                                      "GET", RESOURCES, "path=disk:/nowhere", **speaking(RUSSIAN))

    def test_an_error_without_words(self):
        for body in ("", "<html>", "[1]", '{"error": 1, "description": null}', "\0"):
            with self.subTest(body):
                self.sim.script_answer(RESOURCES, status=405, body=body)
                result = self.assert_answers_and_fails(1, "405", "GET", RESOURCES)
                self.assertEqual(result.out, body)

    def test_words_that_do_things_to_a_terminal(self):
        self.sim.script_answer(RESOURCES, status=409, body=json.dumps({"description": "a\x1b[2Jb\nc."}))
        self.assert_answers_and_fails(1, "a\ufffd\\[2Jb\ufffdc", "GET", RESOURCES)

    def test_a_full_disk_is_no_trouble_of_the_server(self):
        self.sim.script_answer(RESOURCES, status=507, body='{"description": "Insufficient storage."}')
        self.assert_answers_and_fails(1, "Insufficient storage", "GET", RESOURCES)
        self.assertEqual(len(self.asked()), 1)

    def test_a_permission_that_is_missing(self):
        self.account.sign_out()
        self.sign_in(scopes=["cloud_api:disk.info"])
        self.assert_answers_and_fails(7, "the permission cloud_api:disk.read;", "GET", RESOURCES, "path=/")
        self.assert_answers_and_fails(7, "cloud_api:disk.app_folder", "GET", RESOURCES, "path=app:/")
        self.assertEqual(self.api("GET", "/v1/disk").json["user"]["login"], "ivan")

    def test_no_disk(self):
        self.sim.knobs(disk_account="unsupported")
        self.assert_answers_and_fails(7, "has no Disk", "GET", "/v1/disk")

    def test_a_redirect_is_shown_and_not_followed(self):
        with Simulator() as other:
            for place in (other.addresses["disk"], other.addresses["plain"], self.sim.addresses["plain"]):
                with self.subTest(place):
                    self.sim.script_answer(RESOURCES, status=302, body="moved",
                                           headers={"Location": place + "/v1/disk"})
                    result = self.api("GET", RESOURCES)
                    self.assertEqual((result.out, place in result.err), ("moved", True), result)
            self.assertEqual(other.requests(), [])
        self.assertEqual(self.sim.requests(host="plain"), [])


class Refusals(ApiTest):
    """A token that the Disk refuses is reported; when the daemon has looked at it, the Disk is asked again, once."""
    CLOCK = True

    def test_the_disk_errs_once(self):
        """The call is made again as it was, with its body."""
        self.sim.script_answer(RESOURCES, status=401)
        self.sim.script_answer(RESOURCES, status=200)
        self.api("PATCH", RESOURCES, "--input", "-", "--content-type",
                 "application/x-www-form-urlencoded", stdin="a=1")
        first, second = self.asked()
        self.assertEqual((first["form"], second["form"]), ({"a": "1"}, {"a": "1"}))
        self.assertEqual(first["headers"]["authorization"], second["headers"]["authorization"])
        self.assertEqual(self.account.generation, 1)

    def test_a_token_that_has_died(self):
        old = self.account.get_token()
        self.sim.knobs(refresh_after_expiry=True)
        self.sim.expire_tokens()
        self.assertEqual(self.api("GET", "/v1/disk").json["user"]["login"], "ivan")
        new = self.account.get_token()
        self.assertEqual(new.generation, old.generation + 1)
        self.assertEqual([r["headers"]["authorization"] for r in self.asked("/v1/disk")],
                         ["OAuth " + old.value, "OAuth " + new.value])

    def test_again_and_again(self):
        self.sim.script_answer(RESOURCES, status=401, count=9, body='{"error": "UnauthorizedError"}')
        result = self.assert_answers_and_fails(4, "refuses the token", "GET", RESOURCES)
        self.assertEqual(result.out, '{"error": "UnauthorizedError"}')
        self.assertEqual(len(self.asked()), 2)

    def test_the_sign_in_has_ended(self):
        self.sim.kill_tokens()
        with self.flying():
            self.assert_fails(4, "yadiskctl login", "GET", "/v1/disk")


class Pauses(ApiTest):
    def test_a_pause_is_made(self):
        for trouble in ("429", {"kind": "429-seconds", "seconds": 0}, {"kind": "429-date", "seconds": 1}, "503"):
            with self.subTest(trouble):
                self.sim.forget_requests()
                trouble = trouble if isinstance(trouble, dict) else {"kind": trouble}
                self.sim.trouble(trouble | {"count": 1})
                self.assertEqual(self.api("GET", "/v1/disk").json["user"]["login"], "ivan")
                self.assertEqual([r["status"] for r in self.asked("/v1/disk")], [int(trouble["kind"][:3]), 200])

    def test_somebody_who_sits_there_is_told(self):
        self.sim.trouble({"kind": "429-seconds", "seconds": 1, "count": 1})
        terminal = self.world.ctl_at_terminal("api", "GET", "/v1/disk")
        self.assertEqual(terminal.await_end(), 0)
        self.assertIn("The Disk asks for a pause; the next attempt is in 1 s.", terminal.shown)

    def test_no_longer_than_a_minute(self):
        for kind in "429-seconds", "429-date":
            self.sim.forget_requests()
            self.sim.trouble({"kind": kind, "seconds": 3600})
            self.assert_answers_and_fails(6, r"asks for a pause; try again in 3[56]\d\d s", "GET", "/v1/disk")
            self.assertEqual(len(self.asked("/v1/disk")), 1)

    def test_three_attempts(self):
        for method, attempts in (("GET", 3), ("DELETE", 3), ("POST", 1), ("PATCH", 1)):
            with self.subTest(method):
                self.sim.script_answer(RESOURCES, status=503, headers={"Retry-After": "0"}, count=9)
                result = self.assert_answers_and_fails(6, r"cannot do that now \(503", method, RESOURCES)
                self.assertEqual(result.out, "")
                self.assertEqual(len(self.asked(method=method)), attempts)
                self.sim.forget_answers()

    def test_any_trouble_of_the_server(self):
        for status in 500, 502, 504, 520:
            with self.subTest(status):
                self.sim.script_answer(RESOURCES, status=status)
                self.sim.script_answer(RESOURCES, status=201)
                self.api("PUT", RESOURCES)
                self.sim.script_answer(RESOURCES, status=status)
                self.assert_answers_and_fails(6, rf"cannot do that now \({status}", "POST", RESOURCES)

    def test_a_pause_may_be_asked_of_any_method(self):
        self.sim.script_answer(RESOURCES, status=429, headers={"Retry-After": "0"})
        self.sim.script_answer(RESOURCES, status=201)
        self.api("POST", RESOURCES)

    def test_what_is_locked_is_not_asked_for_again(self):
        self.sim.script_answer(RESOURCES, status=423, body='{"error": "DiskResourceLockedError"}')
        self.assert_answers_and_fails(6, "DiskResourceLockedError", "PUT", RESOURCES)


class Network(ApiTest):
    def test_offline(self):
        self.sim.trouble("reset-before@/v1/disk")
        self.assert_fails(6, "cannot be reached: the connection broke", "GET", "/v1/disk")
        self.sim.trouble("reset-accept")
        self.assert_fails(6, "cannot be reached", "GET", "/v1/disk")

    def test_nobody_listens(self):
        gone = Simulator()
        gone.start()
        address = gone.addresses["disk"]
        gone.stop()
        self.world.configure_for(self.sim, DiskURL=address)
        self.world.restart_daemon()
        self.assert_fails(6, "cannot be reached: no connection", "GET", "/v1/disk")

    def test_an_answer_that_is_cut_off(self):
        self.sim.trouble("cut@/v1/disk")
        self.assert_answers_and_fails(6, "the answer is cut off", "GET", "/v1/disk")

    def test_a_head_that_is_cut_off(self):
        """libcurl takes that for an answer."""
        with self.disk_that_answers([b"HTTP/1.1 200 OK\r\nConte"]):
            self.assert_fails(6, "the answer is cut off", "GET", "/v1/disk")

    def test_certificates(self):
        """Of those that are bad the authority is trusted; the last is good, by another authority."""
        with Simulator() as impostor:
            for certificate in "self-signed", "expired", "wrong-name", "good":
                with self.subTest(certificate):
                    impostor.knobs(certificate=certificate)
                    trusted = self.sim if certificate == "good" else impostor
                    with open(trusted.addresses["ca"], encoding="ascii") as file:
                        authority = self.world.write("ca.pem", file.read())
                    self.world.configure_for(self.sim, CAFile=authority, DiskURL=impostor.addresses["disk"])
                    self.world.restart_daemon()
                    self.assert_fails(6, "certificate of the Disk is not trusted", "GET", "/v1/disk")
            self.assertEqual(impostor.requests(), [])

    def test_a_file_of_certificates_that_is_gone(self):
        copy = shutil.copy(self.sim.addresses["ca"], os.path.join(self.world.home, "ca.pem"))
        self.world.configure_for(self.sim, CAFile=copy)
        self.world.restart_daemon()
        self.api("GET", "/v1/disk")
        os.unlink(copy)
        self.assert_fails(1, "CAFile", "GET", "/v1/disk")

    def test_a_proxy(self):
        tunnel = Tunnel(self.sim.addresses["disk"])
        self.addCleanup(tunnel.end)
        self.assertEqual(self.api("GET", "/v1/disk", **tunnel.environment).json["user"]["login"], "ivan")
        wall = Wall(403)
        self.addCleanup(wall.end)
        result = self.assert_fails(6, "the proxy refused", "GET", "/v1/disk",
                                   https_proxy=f"http://user:hunter2@{wall.address}")
        self.assertNotIn("hunter2", result.err)

    def test_an_answer_that_never_comes(self):
        """Its clock goes on by a minute while it waits."""
        path = os.path.join(self.world.runtime, "clock-of-api")
        with open(path + ".ahead", "wb", buffering=0) as file:
            file.write(struct.pack("qq", 0, 0))
            self.sim.trouble("held@/v1/disk")
            calling = self.world.launch_ctl("api", "GET", "/v1/disk", YADISK_CLOCK=path,
                                            **with_clock(self.world.environment))
            self.sim.wait("/v1/disk")
            os.pwrite(file.fileno(), struct.pack("qq", 0, STALL * 1000), 0)
            self.assertEqual(calling.await_end(), 6)
        self.assertIn("no answer in time", calling.stderr.read())
        self.sim.let_go()


class Streams(ApiTest):
    def large(self, size=700_000):
        self.sim.script_answer(RESOURCES, body='["' + "x" * size + '"]')

    def test_a_large_answer(self):
        self.large()
        self.assertEqual(len(self.api("GET", RESOURCES).out), 700_004)

    def memory_for(self, size):
        """What it needs at most while it prints so many MiB, in KiB."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (size * MIB)
        with self.disk_that_answers([head, *[b"x" * MIB] * size]), open(os.devnull, "wb") as nowhere:
            calling = Process([self.world.binary("client/yadiskctl"), "api", "GET", "/v1/disk"],
                              env=self.world.environment_with({}), stdout=nowhere)
            _, status, usage = os.wait4(calling.pid, 0)
            calling.returncode = os.waitstatus_to_exitcode(status)
            calling.close()
        self.assertEqual(calling.returncode, 0)
        return usage.ru_maxrss

    @unittest.skipIf(os.environ.get("YADISK_SANITIZE"), "AddressSanitizer keeps what was freed")
    def test_it_is_not_kept(self):
        self.assertLess(self.memory_for(64) - self.memory_for(1), 8 * 1024)

    def test_what_has_to_be_kept_has_a_limit(self):
        with self.disk_that_answers([b"HTTP/1.1 200 OK\r\n\r\n", *[b" " * MIB] * 65]):
            self.assert_fails(1, "larger than 64 MiB", "GET", RESOURCES, "--paginate")

    def test_it_is_handed_on_as_it_comes(self):
        self.sim.script_answer(RESOURCES, body="x" * 100_000, drip_ms=10)
        calling = self.world.launch_ctl("api", "GET", RESOURCES)
        self.assertEqual(calling.stdout.read(3), "xxx")
        self.assertIsNone(calling.poll())
        calling.terminate()
        self.assertEqual(calling.await_end(), -signal.SIGTERM)

    def test_names_do_nothing_to_a_terminal(self):
        odd = 'a\x1b[2J\x9b31m\u202e\x7fЯ😀\n'
        safe = "a\ufffd[2J\ufffd31m\ufffd\ufffdЯ😀"
        self.sim.script_answer(RESOURCES, body=odd)
        terminal = self.world.ctl_at_terminal("api", "GET", RESOURCES)
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(terminal.shown, safe + "\n")
        self.sim.script_answer(RESOURCES, body=odd)
        self.assertEqual(self.api("GET", RESOURCES).out, odd)
        self.sim.script_answer(RESOURCES, body="{}")
        terminal = self.world.ctl_at_terminal("api", "GET", RESOURCES)
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(terminal.shown, "{}\n")
        self.sim.script_answer(RESOURCES, body="{}")
        self.assertEqual(self.api("GET", RESOURCES).out, "{}")
        self.sim.script_answer(RESOURCES, body=json.dumps({"items": ["Я\x1b\x9b"]}, ensure_ascii=False))
        terminal = self.world.ctl_at_terminal("api", "GET", RESOURCES, "--paginate")
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(terminal.shown, '"Я\\u001b\ufffd"\n')

    def run_shell(self, line):
        return self.world.run("/bin/sh", "-c", line, self.world.binary("client/yadiskctl"))

    def test_nowhere_to_write_to(self):
        for place, why in ((">/dev/full", "No space left"), (">&-", "Bad file descriptor")):
            with self.subTest(place):
                self.large()
                result = self.run_shell(f'exec "$0" api GET {RESOURCES} {place}')
                self.assertEqual(result.status, 1, result)
                self.assertRegex(result.err, r"\Ayadiskctl: [^\n]*" + why + r"[^\n]*\n\Z")

    def test_a_reader_who_leaves(self):
        """As with any other program in a pipe: silence, and SIGPIPE; unless that is ignored."""
        for paging, ignoring in ((), False), (("--paginate",), False), ((), True):
            with self.subTest(paging=paging, ignoring=ignoring):
                if paging:
                    self.sim.script_answer(RESOURCES, body=json.dumps({"items": ["x" * 700_000], "offset": 0}))
                else:
                    self.large()
                done = subprocess.run(
                    ["/bin/sh", "-c", ("trap '' PIPE; " if ignoring else "") +
                     '{ "$@"; echo $? >status; } | head -c 1', "sh", self.world.binary("client/yadiskctl"),
                     "api", "GET", RESOURCES, *paging],
                    env=self.world.environment_with({}), cwd=self.world.home, capture_output=True, check=True)
                with open(os.path.join(self.world.home, "status"), encoding="ascii") as file:
                    status = int(file.read())
                self.assertEqual((status, b"Broken pipe" in done.stderr),
                                 (1, True) if ignoring else (128 + signal.SIGPIPE, False), done.stderr)

    def test_ctrl_c(self):
        self.sim.trouble("held@/v1/disk")
        calling = self.world.launch_ctl("api", "GET", "/v1/disk")
        self.sim.wait("/v1/disk")
        calling.send_signal(signal.SIGINT)
        self.assertEqual(calling.await_end(), -signal.SIGINT)
        self.assertEqual(calling.stderr.read(), "")
        self.sim.let_go()

    def test_nobody_can_read_the_connection_later(self):
        keys = os.path.join(self.world.home, "keys")
        self.api("GET", "/v1/disk", SSLKEYLOGFILE=keys)
        self.assertFalse(os.path.exists(keys))

    def test_the_token_is_nowhere_to_be_seen(self):
        token = self.account.get_token().value
        self.sim.trouble("held@/v1/disk")
        calling = self.world.launch_ctl("api", "GET", "/v1/disk", "--include")
        self.sim.wait("/v1/disk")
        command = read_proc(calling.pid, "cmdline")
        self.assertEqual(command[1:], ["api", "--include", "GET", "/v1/disk"])
        self.assertNotIn(token, "".join(command + read_proc(calling.pid, "environ")))
        self.sim.let_go()
        self.assertEqual(calling.await_end(), 0)
        self.assertNotIn(token, calling.stdout.read() + calling.stderr.read())


class Pages(ApiTest):
    def page(self, items, embedded=True, **fields):
        found = {"items": items, **fields}
        self.sim.script_answer(RESOURCES, body=json.dumps({"_embedded": found} if embedded else found))

    def pages(self, *arguments, **keywords):
        return [json.loads(line) for line in self.api("GET", RESOURCES, "--paginate", *arguments, **keywords).lines]

    def queries(self):
        return [(r["query"]["limit"], r["query"]["offset"]) for r in self.asked()]

    def test_a_folder(self):
        self.page([{"name": "а/б"}, {"size": 2 ** 63 - 1}], offset=0, limit=2, total=5)
        self.page([{"n": 1.50}, {"name": "line\nbreak"}], offset=2, limit=2, total=5)
        self.page([None], offset=4, limit=2, total=5)
        self.assertEqual(self.pages("limit=2", "path=disk:/"),
                         [{"name": "а/б"}, {"size": 2 ** 63 - 1}, {"n": 1.50}, {"name": "line\nbreak"}, None])
        self.assertEqual(self.queries(), [("2", "0"), ("2", "2"), ("2", "4")])
        self.assertEqual({r["query"]["path"] for r in self.asked()}, {"disk:/"})

    def test_a_flat_list(self):
        """It does not tell how long it is."""
        self.page(["a", "b"], embedded=False, offset=7, limit=200)
        self.page(["c"], embedded=False, offset=9, limit=200)
        self.page([], embedded=False, offset=10, limit=200)
        self.assertEqual(self.pages("offset=7"), ["a", "b", "c"])
        self.assertEqual(self.queries(), [("200", "7"), ("200", "9"), ("200", "10")])

    def test_a_real_one(self):
        self.assertEqual([item["name"] for item in self.pages("path=disk:/")], ["Мишки.jpg"])

    def test_a_list_that_cannot_be_continued(self):
        self.page(["a", "b"])
        self.assertEqual(self.pages("limit=3"), ["a", "b"])
        self.page(["a", "b", "c"])
        result = self.assert_answers_and_fails(1, "there may be more", "GET", RESOURCES, "--paginate", "limit=3")
        self.assertEqual(result.lines, ['"a"', '"b"', '"c"'])

    def test_the_same_page_for_ever(self):
        for _ in range(2):
            self.page(["a"], offset=0)
        result = self.assert_answers_and_fails(1, "there may be more", "GET", RESOURCES, "--paginate")
        self.assertEqual(result.lines, ['"a"', '"a"'])

    def test_an_answer_that_is_no_list(self):
        self.assert_fails(1, "leave out --paginate", "GET", "/v1/disk", "--paginate")
        self.sim.script_answer(RESOURCES, body="<html>")
        self.assert_fails(6, "is not JSON", "GET", RESOURCES, "--paginate")

    def test_an_error_in_the_middle(self):
        self.page(["a"], offset=0, total=2)
        self.sim.script_answer(RESOURCES, status=404, body='{"error": "E", "description": "Gone."}')
        result = self.assert_answers_and_fails(1, r"\(404 E\): Gone", "GET", RESOURCES, "--paginate")
        self.assertEqual(result.lines, ['"a"'])


class Machine(EndToEndTest):
    """What is wrong on this machine is said as by all other verbs."""
    COMMANDS = (("api", "GET", "/v1/disk"), ("info",))

    def assert_all(self, status, pattern, **keywords):
        for command in self.COMMANDS:
            with self.subTest(command):
                self.assert_ctl_fails(status, pattern, *command, **keywords)

    def test_nobody_is_signed_in(self):
        self.assert_all(3, "Nobody is signed in yet")

    def test_the_keyring_is_locked(self):
        self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_all(5, re.escape(self.ctl("token").err))

    def test_no_daemon(self):
        self.daemon.stop()
        self.assert_all(8, "yadisk-tokend is not running")

    def test_no_bus(self):
        self.assert_all(8, "There is no session bus", outside=True)

    def test_a_daemon_that_has_to_be_started(self):
        self.sign_in()
        self.daemon.stop()
        self.world.let_the_bus_start_the_daemon()
        self.assertEqual(self.ctl("api", "GET", "/v1/disk").status, 0)
        self.world.end_started_daemon()

    def test_the_program_is_missing(self):
        copy = shutil.copy(self.world.binary("client/yadiskctl"), self.world.home)
        for command in self.COMMANDS:
            result = self.world.run(copy, *command)
            self.assertEqual((result.status, "yadiskctl-disk" in result.err), (1, True), result)

    def test_installed(self):
        """It is found wherever the prefix has been moved to, and so is the library."""
        prefix = os.path.join(self.world.home, "prefix")
        subprocess.run(["cmake", "--install", build_directory(), "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        self.sign_in()
        result = self.world.run(os.path.join(prefix, "bin", "yadiskctl"), "api", "GET", "/v1/disk")
        self.assertEqual((result.status, result.err), (0, ""), result)

    def test_only_these_verbs_load_libcurl(self):
        for name, is_loaded in (("yadiskctl", False), ("yadiskctl-disk", True)):
            loaded = self.world.run("ldd", self.world.binary("client/" + name)).out
            self.assertIn("libsystemd", loaded)
            self.assertEqual("libcurl" in loaded, is_loaded, loaded)


if __name__ == "__main__":
    main()
