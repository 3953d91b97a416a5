#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl info: whose Disk it is, and how full, for people and for programs."""

import json
import re

import schemas
from rig import EndToEndTest, main
from rig.language import make, speaking

RUSSIAN = "ru_RU.UTF-8"
DISK = "/v1/disk"
GB = 1 << 30
PLAIN = """Иван Иванов (ivan)
    Used:         24.4 GB of 1.0 TB (2%)
    Trash:        5.0 GB
    Largest file: 1.0 GB
"""
IN_RUSSIAN = """Иван Иванов (ivan)
    Занято:             24,4 ГБ из 1,0 ТБ (2%)
    Корзина:            5,0 ГБ
    Самый большой файл: 1,0 ГБ
"""


class Info(EndToEndTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def info(self, *arguments, answer=None, **keywords):
        if answer is not None:
            self.sim.script_answer(DISK, body=answer if isinstance(answer, str) else json.dumps(answer))
        result = self.ctl(*arguments, "info", **keywords)
        self.assertEqual((result.status, result.err), (0, ""), result)
        return result

    def document(self, answer=None):
        out = self.info("--json", answer=answer, LANG="ru_RU.UTF-8", LANGUAGE="ru").out
        self.assertRegex(out, r"\A\{[^\n]*\}\n\Z")
        document = json.loads(out)
        self.assertEqual([e.message for e in schemas.validator("info").iter_errors(document)], [])
        return document


class People(Info):
    def test_plain(self):
        self.assertEqual(self.info().out, PLAIN)
        make(RUSSIAN)
        self.assertEqual(self.info(**speaking(RUSSIAN)).out, IN_RUSSIAN)

    def test_another_account(self):
        self.sim.add_user("olga")
        self.sign_in(login="olga", app=self.sim.application(), label="work")
        self.assertIn("(olga)", self.ctl("info", "work").out)

    def test_sizes(self):
        for bytes_, words in ((0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (1536, "1.5 KB"),
                              (1024 ** 2 - 1, "1.0 MB"), (GB - 1, "1.0 GB"), (1023 * GB, "1023.0 GB"),
                              (2 ** 32 + 1, "4.0 GB"), (2 ** 53 + 1, "8.0 PB"), (2 ** 63 - 1, "8.0 EB")):
            with self.subTest(bytes_):
                self.assertEqual(self.info(answer={"used_space": bytes_}).out, f"The Disk\n    Used:         {words}\n")

    def test_shares(self):
        for used, total, share in ((0, GB, "0%"), (GB, GB, "100%"), (3 * GB, 2 * GB, "150%"),
                                   (2 ** 63 - 1, 1, "999%"), (999, 1000, "99%")):
            with self.subTest(share):
                self.assertIn(f" ({share})\n", self.info(answer={"used_space": used, "total_space": total}).out)

    def test_what_is_missing_is_left_out(self):
        for answer in ({}, {"total_space": 0, "used_space": -1, "trash_size": "much", "max_file_size": None},
                       {"total_space": 5, "user": None}, {"user": {"login": 1}}, "[]", "1"):
            with self.subTest(answer):
                self.assertEqual(self.info(answer=answer).out, "The Disk\n")
        self.assertEqual(self.info(answer={"user": {"login": "ivan"}}).out, "ivan\n")
        self.assertEqual(self.info(answer={"user": {"login": "ivan", "display_name": "ivan"}}).out, "ivan\n")

    def test_a_name_that_does_things_to_a_terminal(self):
        self.assertEqual(self.info(answer={"user": {"display_name": "a\x1b[2J\n\x9b1m"}}).out,
                         "a\ufffd[2J\ufffd\ufffd1m\n")

    def test_who_pays_may_have_larger_files(self):
        answer = {"max_file_size": GB, "paid_max_file_size": 50 * GB}
        self.assertIn(" 1.0 GB\n", self.info(answer=answer).out)
        self.assertIn(" 50.0 GB\n", self.info(answer=answer | {"is_paid": True}).out)


class Programs(Info):
    def test_document(self):
        self.assertEqual(self.document(), {
            "version": 1, "account": self.account.id, "login": "ivan", "name": "Иван Иванов", "total": 1104880336896, "used": 26157681270,
            "left": 1104880336896 - 26157681270, "trash": 5368709121, "largest_file": 1073741824})

    def test_what_is_not_known_is_null(self):
        unknown = {"version": 1, "account": self.account.id, "login": "", "name": "", "total": None, "used": None, "left": None, "trash": None,
                   "largest_file": None}
        self.assertEqual(self.document({}), unknown)
        self.assertEqual(self.document({"total_space": -5, "used_space": "1"}), unknown)
        self.assertEqual(self.document({"total_space": 0, "used_space": 0}), unknown | {"total": 0, "used": 0})

    def test_large_numbers(self):
        document = self.document('{"total_space": 99999999999999999999, "used_space": 9007199254740993}')
        self.assertEqual((document["total"], document["used"]), (2 ** 63 - 1, 9007199254740993))
        self.assertEqual(self.document({"total_space": 5, "used_space": 7})["left"], 0)


class Screens(Info):
    def screen(self, columns=80, answer=None, **environment):
        if answer:
            self.sim.script_answer(DISK, body=json.dumps(answer))
        screen = self.world.ctl_on_screen("info", columns=columns, **environment)
        self.assertEqual(screen.await_end(), 0)
        return screen

    def test_a_bar(self):
        make(RUSSIAN)
        self.assert_screen("info", self.screen().text())
        self.assert_screen("info-russian", self.screen(**speaking(RUSSIAN)).text())
        self.assert_screen("info-narrow", self.screen(columns=30).text())

    def test_how_full_it_is(self):
        for used, cells in ((0, 0), (1, 0), (50, 20), (99, 40), (100, 40), (300, 40)):
            for environment, full in (({"LC_ALL": "C"}, "#"), (speaking(RUSSIAN), "█")):
                with self.subTest(used, full=full):
                    text = self.screen(answer={"used_space": used, "total_space": 100}, **environment).text()
                    self.assertEqual((text.count(full), len(re.search(r"\[(.+)\]", text)[1])), (cells, 40), text)

    def test_colours(self):
        for used, colour in ((79, "32"), (80, "33"), (94, "33"), (95, "1;31"), (200, "1;31")):
            answer = {"used_space": used, "total_space": 100}
            for environment, coloured in (({"TERM": "xterm", "LC_ALL": "C"}, True), ({"TERM": "dumb", "LC_ALL": "C"}, False),
                                          ({"TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C"}, False)):
                with self.subTest(used, environment=environment):
                    self.sim.script_answer(DISK, body=json.dumps(answer))
                    terminal = self.world.ctl_at_terminal("info", **environment)
                    self.assertEqual(terminal.await_end(), 0)
                    self.assertEqual(f"\033[{colour}m#" in terminal.shown, coloured, terminal.shown)

    def test_no_bar_of_an_unknown_size(self):
        self.assertNotIn("[", self.screen(answer={"used_space": 5}).text())


class Errors(Info):
    def test_a_permission_that_is_missing(self):
        self.account.sign_out()
        self.sign_in(scopes=["cloud_api:disk.read"])
        self.assert_ctl_fails(7, "the permission cloud_api:disk.info; tick it", "info")

    def test_no_disk(self):
        self.sim.knobs(disk_account="unsupported")
        self.assert_ctl_fails(7, "has no Disk", "info")

    def test_no_json(self):
        for body in "", "<html>", "{", '{"total_space": 1}{', "\0", "[" * 99:
            with self.subTest(body):
                self.sim.script_answer(DISK, body=body)
                self.assert_ctl_fails(6, "is not JSON", "info")

    def test_trouble(self):
        self.sim.trouble("reset-before@" + DISK)
        self.assert_ctl_fails(6, "cannot be reached", "info")
        self.sim.trouble({"kind": "429-seconds", "seconds": 3600})
        self.assert_ctl_fails(6, "pause", "info")
        self.assertEqual(self.ctl("info", "a", "b").status, 2)

    def test_an_old_daemon(self):
        """It does not tell which Disk it is configured for."""
        self.daemon.stop()
        self.world.let_the_bus_start(
            "io.github.yadiskctl.Tokens1", "/usr/bin/python3 " + self.world.write("old", OLD_DAEMON))
        self.assert_ctl_fails(1, "both have the same version", "info")


OLD_DAEMON = """
from gi.repository import Gio, GLib
loop = GLib.MainLoop()
info = Gio.DBusNodeInfo.new_for_xml('''<node><interface name="io.github.yadiskctl.Tokens1.Manager">
  <property name="Version" type="s" access="read"/></interface></node>''')
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object("/io/github/yadiskctl/Tokens1", info.interfaces[0], None,
                    lambda *_: GLib.Variant("s", "0.0"), None)
Gio.bus_own_name_on_connection(bus, "io.github.yadiskctl.Tokens1", 0, None, None)
bus.connect("closed", lambda *_: loop.quit())
bus.set_exit_on_close(True)
loop.run()
"""


if __name__ == "__main__":
    main()
