# SPDX-License-Identifier: MIT
"""What another process has in its memory. Needs to be root."""

import re

HEADER = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ")
FLAGS = "VmFlags:"


class Mapping:
    """One that can be written to, with the flags that proc(5) explains at smaps."""

    def __init__(self, start, content):
        self.start, self.content, self.flags = start, content, frozenset()


def mappings(pid):
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as smaps, \
         open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        mapping = None
        for line in smaps:
            header = HEADER.match(line)
            if header:
                start, end = (int(number, 16) for number in header.groups()[:2])
                mapping = None
                if header[3].startswith("rw"):
                    memory.seek(start)
                    mapping = Mapping(start, memory.read(end - start))
            elif mapping and line.startswith(FLAGS):
                mapping.flags = frozenset(line.removeprefix(FLAGS).split())
                yield mapping
