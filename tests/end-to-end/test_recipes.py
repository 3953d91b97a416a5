#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What README tells people to type, as it stands there, with the real programs. Their way to the Disk ends
at the simulator."""

import json
import os
import re

from rig import EndToEndTest, main
from rig.tunnel import Tunnel
from rig.world import SOURCE

FENCE = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)


def recipe(name):
    """The code of the paragraph that begins with the name in bold letters."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        text = file.read()
    section = re.search(rf"^\*\*{name}\b.*?(?=^\*\*|^## )", text, re.MULTILINE | re.DOTALL)[0]
    found = FENCE.search(section)
    return found[1] if found else re.sub("^    ", "", INDENTED.search(section)[0], flags=re.MULTILINE)


class Recipes(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.tunnel = Tunnel(self.sim.addresses["disk"])
        self.addCleanup(self.tunnel.end)

    def type(self, text, **environment):
        """The certificate of the simulator is not that of the host that the program means."""
        path = os.path.dirname(self.world.binary("client/yadiskctl")) + ":" + os.environ["PATH"]
        return self.world.run("bash", "-e", "-o", "pipefail", "-c", text, PATH=path,
                              **self.tunnel.environment, **environment)

    def assert_shown_at_the_disk(self, token, count):
        shown = [request["headers"]["authorization"] for request in self.sim.requests(host="disk")]
        self.assertEqual(shown, [f"OAuth {token}"] * count)

    def test_curl(self):
        self.world.write(".curlrc", "insecure\nsilent\n")
        result = self.type(recipe("curl"))
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out.count('"total_space"'), 2)
        self.assert_shown_at_the_disk(self.account.get_token().value, 2)

    def test_rclone(self):
        result = self.type(recipe("rclone"), RCLONE_NO_CHECK_CERTIFICATE="true")
        self.assertEqual(result.status, 0, result)
        shown = {request["headers"]["authorization"] for request in self.sim.requests(host="disk")}
        self.assertEqual(shown, {f"OAuth {self.account.get_token().value}"})

    def test_rclone_does_not_come_back_for_another(self):
        """Nor does what it tries with the refresh token that is none hurt the account."""
        text = recipe("rclone").replace("rclone lsd", "yadiskctl refresh\nrclone lsd")
        result = self.type(text, RCLONE_NO_CHECK_CERTIFICATE="true")
        self.assertNotEqual(result.status, 0)
        self.assertIn("401", result.err)
        self.assertEqual(self.account.get_token().value, self.live_grant()["access_token"])

    def test_python(self):
        program = self.world.write("recipe.py", recipe("Python") + "print(token, expires_at)\n")
        result = self.world.run("/usr/bin/python3", program)
        token = self.account.get_token()
        self.assertEqual(result.out, f"{token.value} {token.expires_at}\n", result)

    def test_busctl(self):
        result = self.type(recipe("busctl"))
        token = self.account.get_token()
        self.assertEqual(result.out.split()[:4], ["stua{sv}", json.dumps(token.value),
                                                  str(token.expires_at), str(token.generation)])


if __name__ == "__main__":
    main()
