#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The programs in Russian: everything that people read, and nothing that programs read."""

import gettext
import os
import re
import shutil

from rig import EndToEndTest, main, skip
from rig.language import CATALOGUES, make, speaking
from rig.setup import SetupTest

RUSSIAN, KOI8, ENGLISH = "ru_RU.UTF-8", "ru_RU.KOI8-R", "C.UTF-8"
CYRILLIC = re.compile("[А-Яа-яЁё]")
DAY = 86400


class Languages(EndToEndTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make(RUSSIAN, KOI8)
        cls.russian = speaking(RUSSIAN)

    def ru(self, *arguments, **keywords):
        return self.ctl(*arguments, **self.russian, **keywords)

    def assert_russian(self, text):
        """Every line has a Russian word."""
        for line in text.splitlines():
            self.assertRegex(line, CYRILLIC)

    def assert_ru_fails(self, status, pattern, *arguments, **keywords):
        result = self.ru(*arguments, **keywords)
        self.assertEqual(result.status, status, result)
        self.assertRegex(result.err, r"\Ayadiskctl: [^\n]+\.\n\Z")
        self.assertRegex(result.err, pattern)
        self.assertEqual(self.ctl(*arguments, **keywords).status, status)


class Nobody(Languages):
    """Before the first sign-in."""

    def columns(self, text):
        """Where what stands right in each row of the help begins, in characters."""
        return {match.end() for match in
                (re.match(r"  \S.*?(?: {2,})(?=\S)", line) for line in text.splitlines()) if match}

    def test_help(self):
        text = self.ru("--help").out
        self.assertIn("Использование: yadiskctl [--json] [VERB] [ARGUMENTS]\n", text)
        self.assert_russian(re.sub(r"\n\n+", "\n", text))
        self.assertEqual(self.columns(text), self.columns(self.ctl("--help").out))
        self.assertEqual(len(self.columns(text)), 1)
        for verb in re.findall(r"^  (\w+)", text, re.MULTILINE):
            with self.subTest(verb):
                shown = self.ru("help", verb).out
                self.assert_russian(re.sub(r"\n\n+", "\n", shown))
                self.assertEqual(self.columns(shown), self.columns(text))

    def test_doctor(self):
        for environment in (self.russian, {}):
            rows = self.ctl("doctor", **environment).out.partition("\n\n")[0].splitlines()
            matches = [re.match(r"(\S+ +\S.*?)? {2,}(?=\S)", row) for row in rows]
            self.assertNotIn(None, matches, rows)
            self.assertEqual(len({match.end() for match in matches}), 1, rows)

    def test_help_of_the_daemon(self):
        daemon = self.world.binary("daemon/yadisk-tokend")
        shown = self.world.run(daemon, "--help", **self.russian)
        self.assertIn("Хранит токены Яндекс Диска", shown.out)
        refused = self.world.run(daemon, "x", **self.russian)
        self.assertEqual(refused.status, 64)
        self.assertIn("аргументы не принимаются", refused.err)

    def test_mistakes(self):
        self.assert_ru_fails(2, "Неизвестная команда «frobnicate»", "frobnicate")
        self.assert_ru_fails(2, "Неизвестный параметр «--colour»; см. «yadiskctl token --help»",
                             "token", "--colour")
        self.assert_ru_fails(2, "«soon» — не промежуток времени", "token", "--min-valid", "soon")
        self.assert_ru_fails(2, "Нет такого файла или каталога", "login", "--client-id", "x",
                             "--client-secret-file", "/nonexistent")

    def test_nobody_is_signed_in(self):
        self.assert_ru_fails(3, "Вы ещё не вошли. Выполните «yadiskctl setup»", "token")
        self.assert_ru_fails(3, "Вы ещё не вошли", "status")

    def test_no_daemon(self):
        self.daemon.stop()
        self.assert_ru_fails(8, "yadisk-tokend не запущена, и шина не знает, как её запустить", "token")

    def test_english_stays(self):
        """Where the text could not be shown, or would be in two languages."""
        def shown(**environment):
            return [self.ctl(*arguments, **environment) for arguments in
                    (["--help"], ["frobnicate"], ["status"],
                     ["login", "--client-id", "x", "--client-secret-file", "/nonexistent"])]

        plain = [(result.status, result.out, result.err) for result in shown()]
        self.assertIn("No such file or directory", plain[-1][-1])
        for environment in (speaking(KOI8), speaking("C"), speaking("POSIX"), speaking("xx_YY.UTF-8"),
                            speaking(RUSSIAN, LC_ALL="C"), speaking(ENGLISH, LANGUAGE=None),
                            speaking(RUSSIAN, TEXTDOMAINDIR="/nonexistent")):
            with self.subTest(environment):
                self.assertEqual([(result.status, result.out, result.err)
                                  for result in shown(**environment)], plain)

    def test_a_program_that_is_moved_finds_its_texts(self):
        """By where it is itself, and not by the link it is called by."""
        below = os.path.join(self.world.home, "moved")
        shutil.copytree(CATALOGUES, f"{below}/share/locale")
        os.mkdir(f"{below}/bin")
        shutil.copy(self.world.binary("client/yadiskctl"), f"{below}/bin")
        os.symlink(f"{below}/bin/yadiskctl", os.path.join(self.world.home, "link"))
        alone = speaking(RUSSIAN, TEXTDOMAINDIR=None)
        for program in (f"{below}/bin/yadiskctl", os.path.join(self.world.home, "link")):
            self.assertIn("Использование:", self.world.run(program, "--help", **alone).out)
        os.rename(f"{below}/share", f"{below}/elsewhere")
        self.assertIn("Usage:", self.world.run(f"{below}/bin/yadiskctl", "--help", **alone).out)

    def test_plural_forms(self):
        texts = gettext.translation("yadisk-tokend", CATALOGUES, ["ru"])
        for english, one, few, many in (("year", "год", "года", "лет"),
                                        ("day", "день", "дня", "дней"),
                                        ("hour", "час", "часа", "часов"),
                                        ("minute", "минуту", "минуты", "минут"),
                                        ("second", "секунду", "секунды", "секунд")):
            for n, form in ((0, many), (1, one), (2, few), (4, few), (5, many), (11, many), (12, many),
                            (21, one), (22, few), (25, many), (101, one), (111, many)):
                self.assertEqual(texts.ngettext(english, english + "s", n), form, n)


class Setup(Languages, SetupTest):
    def test_on_the_screen(self):
        screen = self.begin_setup(**self.russian)
        screen.answer("Выберите 1, 2 или 3 [1]:", "")
        screen.answer("ClientID приложения:", "ivan@yandex.ru")
        screen.answer("ClientID приложения:", self.client_id)
        screen.answer("Секрет приложения (Client secret):", self.client_secret)
        screen.answer("Войти сейчас? [Д/н]", "может быть")
        screen.answer("Войти сейчас? [Д/н]", "н")
        self.assert_status(screen, 0)
        self.assertLessEqual(max(map(len, screen.rows())), 79)
        self.assert_screen("setup-russian", self.without_ids(screen.text()))
        self.assert_kept()


class SignedIn(Languages):
    KNOBS = {"token_life": 21 * DAY + DAY // 2}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_status(self):
        text = self.ru("status").out
        self.assert_russian(re.sub(r"\n\n+", "\n", text).replace("ivan", "Иван"))
        self.assertIn("ivan (по умолчанию)", text)
        self.assertRegex(text, r"Действует до: +\d{4}-\d\d-\d\d \d\d:\d\d \(через 21 день\)")
        rows = re.findall(r"^    \S[^:\n]*: +(?=\S)", text, re.MULTILINE)
        self.assertGreaterEqual(len(rows), 3)
        self.assertEqual(len(set(map(len, rows))), 1)

    def test_times(self):
        for days, text in ((2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (22, "22 дня")):
            with self.subTest(days):
                self.sim.knobs(token_life=days * DAY + DAY // 2)
                account = self.sign_in(app=self.sim.application(), label=str(days))
                self.assertIn(f"(через {text})", self.ru("status", account.id).out)

    def test_list(self):
        self.account.call("SetLabel", "(s)", "Ёлка")
        self.sim.add_user("maria")
        self.sign_in(login="maria", app=self.sim.application(), label="home")
        lines = self.ru("list").lines
        self.assertEqual(len(lines), 2)
        self.assertEqual({line.index(word) for line, word in zip(lines, ("ivan", "maria"))},
                         {len(self.account.id) + 8})
        self.assertEqual(lines, self.ctl("list").lines)

    def test_sign_in_at_a_terminal(self):
        app = self.sim.application()
        terminal = self.world.ctl_at_terminal("login", "--no-browser", "--client-id",
                                              app["client_id"], **self.russian)
        terminal.await_text(r"Секрет приложения \(Client secret\): ")
        terminal.type(app["client_secret"] + "\n")
        code = terminal.await_text(r"введите код:\s+(\w+)")[1]
        terminal.await_text(r"Код действует (5 минут|4 минуты)\. Ожидаем подтверждения")
        self.sim.allow(code)
        self.assertEqual(terminal.await_end(), 0)
        self.assertIn("Вы вошли как ivan; учётная запись называется «ivan».", terminal.shown)

    def test_denied_at_a_terminal(self):
        terminal = self.world.ctl_at_terminal(*self.login_arguments(), **self.russian)
        self.sim.deny(terminal.await_text(r"введите код:\s+(\w+)")[1])
        self.assertEqual(terminal.await_end(), 7)
        self.assertRegex(terminal.shown, "yadiskctl: В доступе отказано; .*«Разрешить»")

    def test_errors_of_the_daemon(self):
        self.assert_ru_fails(2, "Метка — от 1 до 64 символов", "rename", "ivan", "x" * 65)
        self.assert_ru_fails(3, "Такой учётной записи нет; «yadiskctl list»", "token", "nobody")
        self.sim.block_application(self.client_id)
        self.assert_ru_fails(7, "Яндекс отклонил приложение", "refresh")
        self.assertIn("приложение отклонено; токены сохранены", self.ru("status").out)

    def test_what_programs_read_is_the_same(self):
        for arguments in (["token"], ["token", "--header"], ["--json", "token"], ["--json", "status"],
                          ["--json", "list"], ["--json", "default", "ivan"],
                          ["--json", "rename", self.account.id, "Ёлка"], ["list"]):
            with self.subTest(arguments):
                plain = self.ctl(*arguments)
                self.assertEqual(plain.status, 0)
                self.assertEqual(plain.out, self.ru(*arguments).out)
        self.assertEqual(self.ru("--json", "logout", "--keep-grant").json["reason"][:9], "the grant")

    def test_reasons_of_the_daemon(self):
        self.sim.trouble("reset-before@/revoke_token")
        shown = self.ru("logout").out
        self.assertRegex(shown, r"\AВыход из «ivan» выполнен здесь, но доступ в Яндексе не отозван: "
                                r"Яндекс был недоступен; [^\n]*data-access\.\n\Z")


class Daemon(Languages):
    """A daemon of a Russian session speaks English to programs, and where programs look."""

    DAEMON = False

    def assert_english(self, text):
        self.assertNotEqual(text, "")
        self.assertNotRegex(text, CYRILLIC)

    def test_on_the_bus_and_in_the_log(self):
        daemon = self.world.start_daemon(**self.russian)
        account = self.sign_in()
        self.assert_english(self.assert_refused("NoSuchAccount", self.client.get_token, "x").message)
        self.assert_english(self.assert_refused("InvalidArgs", account.call, "SetLabel", "(s)", "")
                            .message)
        self.keyring.stop()
        self.assert_refused("KeyringUnavailable", account.call, "SetLabel", "(s)", "home")
        self.assert_english(daemon.log())

    def test_at_the_desktop_it_speaks_russian(self):
        self.world.start_daemon(**self.russian)
        account = self.sign_in(label="Ёлка")
        desktop = self.world.new_desktop()
        self.sim.kill_tokens(client_id=self.client_id)
        self.assert_refused("SignInNeeded", account.refresh)
        note = desktop.await_shown("Яндекс Диск: войдите снова")
        self.assertEqual(note.body, "Яндекс больше не принимает вход для «Ёлка». Чтобы снова войти, "
                                    "выполните в терминале «yadiskctl login».")
        self.assertIn("Войти", note.actions.values())
        desktop.press(note)
        note = desktop.await_shown("введите код")
        self.assertRegex(note.body, r"\AОткройте https://\S+ и введите там код \w+, чтобы ")
        self.sim.deny(note.summary.split()[-1])
        note = desktop.await_shown("вход в «Ёлка» не выполнен")
        self.assertEqual(note.body, "В доступе отказано; начните вход заново и нажмите «Разрешить».")

    def test_in_what_a_library_says(self):
        self.world.configure("[Yandex]\nOAuthURL\n")
        daemon = self.world.launch_daemon(**self.russian)
        self.assertEqual(daemon.await_end(), 78)
        self.assert_english(daemon.log())


if __name__ == "__main__":
    if not shutil.which("localedef"):
        skip("localedef is not installed.")
    main()
