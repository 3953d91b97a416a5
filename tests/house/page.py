# SPDX-License-Identifier: MIT
"""The man pages as their sources say it, in mdoc(7)."""

import re

import tree


def sections(name):
    """The text of each .Sh of a page."""
    parts = re.split(r"^\.Sh (.*)\n", tree.read("man/" + name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def plain_arguments(mdoc):
    """'Op Ar ACCOUNT' as the programs write it: '[ACCOUNT]'."""
    return re.sub(r"Op Ar (\S+)", r"[\1]", mdoc).replace("Ar ", "").strip()
