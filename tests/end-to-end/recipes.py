# SPDX-License-Identifier: MIT
"""The recipes of docs/RECIPES.md, to be typed as they stand there, and the programs that are made of them."""

import os
import re
import select
import subprocess
import textwrap

from rig.fed import FedTest
from rig.inside import installed, is_inside
from rig.process import Process
from rig.waiting import DEADLINE, InVain
from rig.world import SOURCE

RECIPES = "docs/RECIPES.md"

CODE = re.compile(r"^```\w+\n([\s\S]*?)^```$|((?:^    .*\n|^\n(?=    ))+)", re.MULTILINE)

# For what defines token().
SAY_PYTHON = "import sys\nfor line in sys.stdin:\n    print({}, flush=True)\n"


def read(document):
    """Inside a user's session, what is installed of it."""
    path = os.path.join(SOURCE, document)
    if is_inside():
        path = installed(f"share/doc/yadisk-tokend/{os.path.basename(document)}")
    with open(path, encoding="utf-8") as file:
        return file.read()


def preparation():
    """What the socket needs to be there."""
    return re.search(r"^    (systemctl .*)$", read(RECIPES), re.MULTILINE)[1]


def recipe(program, word="", document=RECIPES):
    """The one block with this word in it, of the section with this head."""
    section = re.search(rf"^## {re.escape(program)}$(.*?)(?=^## |\Z)", read(document),
                        re.MULTILINE | re.DOTALL)[1]
    blocks = [textwrap.dedent(fenced or indented).strip("\n") + "\n"
              for fenced, indented in CODE.findall(section)]
    block, = (block for block in blocks if word in block)
    return block


class Asking(Process):
    """A program that runs on, and says the token that it has whenever it is sent a line."""

    def __init__(self, arguments, environment, directory):
        super().__init__(arguments, env=environment, cwd=directory, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)

    def token(self):
        self.stdin.write("\n")
        self.stdin.flush()
        return self.line()

    def line(self):
        """What it says next."""
        if not select.select([self.stdout], [], [], DEADLINE)[0]:
            raise InVain(f"{self.args[0]} says nothing")
        return self.stdout.readline().strip()


class SessionRecipes(FedTest):
    """They are typed in a user's session."""

    @classmethod
    def world(cls):
        ca = cls.sim.addresses["ca"]
        return super().world() | {"CURL_CA_BUNDLE": ca, "SSL_CERT_FILE": ca, "REQUESTS_CA_BUNDLE": ca}

    def type_all(self, text, **environment):
        """As in a script that ends at the first error; returns what is said."""
        return self.type("bash", "-e", "-o", "pipefail", "-c", text, **environment)
