#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What every source begins with: its licence, and in headers #pragma once."""

import tree

SPDX = "SPDX-License-Identifier: MIT"
PUBLIC = "client/include/"  # other compilers read it, so it has the classic guard


def offences(path, text):
    lines = text.split("\n")
    first = lines[1 if lines[0].startswith("#!") else 0]
    if SPDX not in first:
        yield f"{path}:1: no {SPDX}"
    if path.endswith((".c", ".h")) and first != f"/* {SPDX} */":
        yield f"{path}:1: begins otherwise than all others"
    if path.endswith(".h") and not path.startswith(PUBLIC) and lines[1:2] != ["#pragma once"]:
        yield f"{path}:2: no #pragma once"
    if path.startswith(PUBLIC) and not lines[1].startswith("#ifndef "):
        yield f"{path}:2: no guard"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield f"{path}:{len(lines)}: does not end in one end of line"


class Sources(tree.HouseTest):
    def test_every_source_of_the_tree(self):
        paths = tree.sources(["daemon", "client", "tests", "tools", "systemd"],
                             (".c", ".h", ".py", ".sh", ".service.in", ""))
        self.assertGreater(len(paths), 100)
        self.assert_none(o for path in paths for o in offences(path, tree.read(path)))

    def test_what_is_missing_is_caught(self):
        self.assertEqual(len(list(offences("a.py", "import os\n"))), 1)
        self.assertEqual(len(list(offences("a.h", f"/* {SPDX} */\n\nint a;\n"))), 1)
        self.assertEqual(len(list(offences("a.c", f"// {SPDX}\n"))), 1)
        self.assertEqual(list(offences("a.h", f"/* {SPDX} */\n#pragma once\n")), [])
        self.assertEqual(list(offences("a", f"#!/bin/sh\n# {SPDX}\n")), [])


if __name__ == "__main__":
    tree.main()
