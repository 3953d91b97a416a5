# SPDX-License-Identifier: MIT
"""The man pages as their sources say it, in mdoc(7)."""

import re

import tree


def sections(name):
    """The text of each .Sh of a page."""
    parts = re.split(r"^\.Sh (.*)\n", tree.read("man/" + name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def plain_arguments(mdoc):
    """'Cm add | remove Op Ar FILE' as the programs write it: 'add|remove [FILE]'."""
    optional = re.sub(r"\bOp (.*)", r"[\1]", mdoc)
    return re.sub(r"\b(Ar|Cm) ", "", optional).replace(" | ", "|").strip()
