# SPDX-License-Identifier: MIT
"""Languages for programs under test, on a machine that may have none."""

import os
import subprocess
import tempfile

from .world import build_directory

CATALOGUES = os.path.join(build_directory(), "locale")


class Locales:
    """Locales in a directory of their own. environment() is what makes a program speak one of them."""

    def __init__(self, *names):
        self._directory = tempfile.TemporaryDirectory(prefix="yadisk-locale-")
        for name in names:
            territory, charset = name.split(".")
            subprocess.run(["localedef", "--no-archive", "-i", territory, "-f", charset,
                            os.path.join(self._directory.name, name)], check=True)

    def environment(self, name, **others):
        return {"LANG": name, "LOCPATH": self._directory.name, "TEXTDOMAINDIR": CATALOGUES} | others

    def remove(self):
        self._directory.cleanup()
