# SPDX-License-Identifier: MIT
"""What another process has in its memory. Needs to be root."""

import errno
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
                content = read_all(memory, start, end) if header[3].startswith("rw") else b""
                mapping = Mapping(start, content) if content else None
            elif mapping and line.startswith(FLAGS):
                mapping.flags = frozenset(line.removeprefix(FLAGS).split())
                yield mapping


def read_all(memory, start, end):
    """Up to the first page that is gone: a mapping may go while it is read."""
    content = bytearray()
    memory.seek(start)
    try:
        while more := memory.read(end - start - len(content)):
            content += more
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    return bytes(content)
