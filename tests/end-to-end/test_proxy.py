#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A company's proxy in the way: it is named, and nothing that it says counts as an answer of Yandex."""

import re

from rig import EndToEndTest, main
from rig.language import make, speaking
from rig.tunnel import Wall

PASSWORD = "hunter2"
RUSSIAN = "ru_RU.UTF-8"

# status: what is said of it, in English and in Russian.
ROWS = {
    407: ("the proxy asks for a user name and a password", "прокси требует имя пользователя и пароль"),
    403: ("the proxy does not let this machine through", "прокси не пропускает этот компьютер"),
    302: ("the proxy wants to show a page of its own", "прокси хочет сначала показать свою страницу"),
    503: ("the proxy itself cannot reach Yandex", "прокси сам не может связаться с Яндексом"),
}


class Proxies(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make(RUSSIAN)

    def restart_behind(self, status):
        wall = Wall(status)
        self.addCleanup(wall.end)
        self.daemon.stop()
        self.world.start_daemon(https_proxy=f"http://user:{PASSWORD}@{wall.address}")
        return wall

    def network(self, **environment):
        """What doctor says of it."""
        result = self.ctl("--json", "doctor", **environment)
        self.assertEqual(result.status, 6, result)
        self.assertNotIn(PASSWORD, result.out)
        check, = [check for check in result.json["checks"] if check["name"] == "network"]
        self.assertEqual(check["verdict"], "trouble")
        return check["message"]

    def test_doctor_names_it(self):
        for status, (english, russian) in ROWS.items():
            with self.subTest(status):
                wall = self.restart_behind(status)
                self.assertRegex(self.network(), re.escape(english) + r".* \(http://" +
                                 re.escape(wall.address) + r"\)\.\Z")
                shown = self.ctl("doctor", **speaking(RUSSIAN)).out
                shown = re.sub(r"\s+", " ", shown)
                self.assertIn(russian, shown)
                self.assertIn(f"(http://{wall.address}).", shown)
                self.assertNotIn(PASSWORD, shown)

    def test_it_is_no_verdict_on_a_token(self):
        account = self.sign_in()
        before, token = account.all(), account.get_token()
        for status in ROWS:
            with self.subTest(status):
                self.restart_behind(status)
                self.assert_refused("Offline", account.refresh)
                self.assert_untouched(account, before)
                self.assertEqual(account.get_token(), token)
                self.assertRegex(self.daemon.log(), r"was not renewed: the proxy [^\n]*\(http://127")
                self.assertNotIn(PASSWORD, self.daemon.log())

        self.daemon.stop()
        self.world.start_daemon()
        account.refresh()
        self.assertEqual(account.generation, token.generation + 1)


if __name__ == "__main__":
    main()
