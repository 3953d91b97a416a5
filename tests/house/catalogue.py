# SPDX-License-Identifier: MIT
"""A catalogue of translations as its source says it (the PO files of GNU gettext)."""

import re

KEYWORD = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")')
ESCAPE = re.compile(r"\\(.)")


class Entry:
    """One text: msgid, and all its translations."""

    def __init__(self, flags):
        self.flags, self.ids, self.texts = flags, [], []

    @property
    def id(self):
        return self.ids[0]

    @property
    def is_translated(self):
        return all(self.texts) and "fuzzy" not in self.flags


def unquote(line):
    return ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), line[1:-1])


def parse(text):
    """The entries, without the header."""
    entries = []
    for block in re.split(r"\n{2,}", text.strip()):
        entry, target = Entry(" ".join(re.findall(r"^#, (.*)$", block, re.MULTILINE))), None
        for line in block.splitlines():
            if match := KEYWORD.fullmatch(line):
                target = entry.texts if match[1].startswith("msgstr") else entry.ids
                target.append(unquote(match[2]))
            elif line.startswith('"'):
                target[-1] += unquote(line)
        if entry.ids and entry.id:
            entries.append(entry)
    return entries
