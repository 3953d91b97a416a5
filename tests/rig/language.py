# SPDX-License-Identifier: MIT
"""Languages for programs under test, on a machine that may have none. Making a locale takes a second of the
processor, so that each is made once and kept in the build tree."""

import os
import subprocess
import tempfile
from contextlib import suppress

from .tree import build_directory

CATALOGUES = os.path.join(build_directory(), "locale")
KEPT = os.path.join(build_directory(), "locales")


def make(*names):
    """Locales such as ru_RU.UTF-8."""
    os.makedirs(KEPT, exist_ok=True)
    for name in names:
        if not os.path.exists(os.path.join(KEPT, name)):
            make_one(name)


def make_one(name):
    territory, charset = name.split(".")
    with tempfile.TemporaryDirectory(prefix="yadisk-locale-", dir=build_directory()) as directory:
        made = os.path.join(directory, name)
        subprocess.run(["localedef", "--no-archive", "-i", territory, "-f", charset, made], check=True)
        with suppress(OSError):  # another test was quicker
            os.rename(made, os.path.join(KEPT, name))


def speaking(name, **others):
    """What makes a program speak the language of a locale, if that was made."""
    return {"LANG": name, "LOCPATH": KEPT, "TEXTDOMAINDIR": CATALOGUES} | others
