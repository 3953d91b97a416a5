#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The usual mistakes: each gets a sentence of its own and, at a terminal, another chance."""

from rig import main
from rig.setup import ACCESS, CLIENT_ID, CLIENT_SECRET, SIGN_IN, SetupTest

# Shaped like those of Yandex, and worth nothing.
ACCESS_TOKEN = "y0_AgAAAAAAAAAA-BBBBBBBBBBBB_CCCCCCCCCCCCCCCCCCCCDDDDDDDDDDDDDD"
REFRESH_TOKEN = "1:aaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbbbb-_bbbb:cccccccccccccccccccccc"

MISTAKES = (
    "",
    ACCESS_TOKEN,
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    REFRESH_TOKEN,
    "Authorization: OAuth " + ACCESS_TOKEN,
    "1234567",
    "abcdefgh23456789",
    "jnjxzc9r",
    "https://oauth.yandex.ru/verification_code?code=1234567&cid=1",
    "oauth.yandex.ru/client/0123456789abcdef0123456789abcdef",
    "ivan@yandex.ru",
    '"0123456789abcdef0123456789abcdef',
    "«0123456789abcdef0123456789abcdef",
    "ClientID: 0123456789abcdef0123456789abcdef",
    "Tokens of my computer",
    "Мой компьютер",
    "0123456789аbcdef0123456789abcdef",  # its first а is Cyrillic
    "0123456789abcdef\x1b[D",
)
TOO_LONG = "a" * 2000


class AtTheTerminal(SetupTest):
    def begin_at(self, question):
        screen = self.begin_setup("--access", "disk")
        if question == CLIENT_SECRET:
            screen.answer(CLIENT_ID, self.client_id)
        return screen

    def sentence_for(self, mistake, question):
        """What is said about it, before the question is asked once more."""
        screen = self.begin_at(question)
        screen.answer(question, mistake)
        screen.await_text(rf"(?s)\A.{{{screen.answered}}}.*{question} \Z")
        said = screen.shown[screen.answered:].removesuffix(question + " ")
        if question == CLIENT_SECRET:
            self.assertTrue(said.startswith("\n"), said)  # nothing of what was typed
            return said.removeprefix("\n")
        return said.split("\n", 1)[1]

    def test_each_is_named(self):
        told = [f"> {mistake}\n{self.sentence_for(mistake, CLIENT_ID)}" for mistake in MISTAKES]
        self.assert_screen("setup-mistakes", "\n".join(told).replace("\x1b", "^["))

    def test_and_so_it_is_in_place_of_the_secret(self):
        for mistake in MISTAKES[1:]:
            with self.subTest(mistake):
                self.assertEqual(self.sentence_for(mistake, CLIENT_SECRET),
                                 self.sentence_for(mistake, CLIENT_ID))

    def test_a_pair_of_quotes_is_no_mistake(self):
        screen = self.begin_setup("--access", "disk")
        screen.answer(CLIENT_ID, f"«{self.client_id}»")
        screen.answer(CLIENT_SECRET, f'"{self.client_secret}"\u00a0')
        screen.answer(SIGN_IN, "n")
        self.assertEqual(screen.await_end(), 0)

    def test_much_too_long(self):
        for question in (CLIENT_ID, CLIENT_SECRET):
            self.assertIn("This is too long", self.sentence_for(TOO_LONG, question))
        self.assertIn("This is too long", self.sentence_for("a" * 129, CLIENT_ID))

    def test_the_client_id_twice(self):
        said = self.sentence_for(self.client_id, CLIENT_SECRET)
        self.assertIn("the ClientID again", said)

    def test_white_space_is_no_mistake(self):
        screen = self.begin_at(CLIENT_ID)
        screen.answer(CLIENT_ID, f" \u00a0{self.client_id}\u200b ")
        screen.answer(CLIENT_SECRET, f"\u2009{self.client_secret}\u00a0 ")
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()

    def test_patience_has_an_end(self):
        screen = self.begin_at(CLIENT_ID)
        for _ in range(5):
            screen.answer(CLIENT_ID, ACCESS_TOKEN)
        self.assert_status(screen, 2)
        self.assertIn("None of the answers was right", screen.shown)

    def test_the_way_to_the_right_one(self):
        screen = self.begin_setup()
        screen.answer(ACCESS, "3")
        screen.answer(CLIENT_ID, "ivan@yandex.ru")
        screen.answer(CLIENT_ID, self.client_id)
        screen.answer(CLIENT_SECRET, self.client_id)
        screen.answer(CLIENT_SECRET, "Мой диск")
        screen.answer(CLIENT_SECRET, self.client_secret)
        screen.answer(SIGN_IN, "n")
        self.assert_status(screen, 0)
        self.assert_kept()
        self.assert_screen("setup-mistakes-corrected", self.after_form(screen))
        self.assertNotIn("Мой диск", screen.shown)

    def test_login_asks_again_too(self):
        screen = self.begin_setup("--no-browser", verb="login")
        screen.answer(CLIENT_ID, "https://oauth.yandex.ru/client/new")
        screen.answer(CLIENT_ID, self.client_id)
        screen.answer(CLIENT_SECRET, REFRESH_TOKEN)
        screen.answer(CLIENT_SECRET, self.client_secret)
        self.sim.wait_pending()
        self.assertIn("This is an address", screen.shown)
        self.assertIn("This is a refresh token", screen.shown)


class OnTheCommandLine(SetupTest):
    def test_each_is_refused(self):
        for mistake in MISTAKES:
            for verb in ("setup", "login"):
                with self.subTest(verb=verb, mistake=mistake):
                    self.assert_ctl_fails(2, "--client-id: ", verb, "--client-id", mistake,
                                          "--client-secret-file", self.secret_file())
            self.assert_ctl_fails(2, "--client-id: |ID is |argument is empty", "apps", "add", mistake,
                                  "--client-secret-file", self.secret_file())
        self.assertEqual(self.sim.requests(), [])
        self.assert_nothing_kept()

    def test_a_file_as_notepad_writes_it(self):
        path = self.world.write("secret", f'\ufeff"{self.client_secret}"\u00a0\r\n')
        self.assertEqual(self.ctl("setup", "--client-id", self.client_id, "--client-secret-file", path).status, 0)
        self.assert_kept()

    def test_in_the_file(self):
        for mistake in (ACCESS_TOKEN, REFRESH_TOKEN, "1234567", "jnjxzc9r", self.client_id):
            with self.subTest(mistake):
                path = self.world.write("secret", mistake + "\n")
                result = self.assert_ctl_fails(2, "--client-secret-file: This is ", "setup",
                                               "--client-id", self.client_id,
                                               "--client-secret-file", path)
                self.assertNotIn(mistake, result.err)
        self.assertEqual(self.sim.requests(), [])


if __name__ == "__main__":
    main()
