#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No function above 80 lines, no C file above 600. Tables may be as long as they have to."""

import re

import tree

FUNCTION_MAX = 80
FILE_MAX = 600

# clang-format puts every function's last brace, and nobody else's opening, into the first column.
DEFINITION = re.compile(r"^[A-Za-z_][^;{}=]*\)\s*\{$", re.MULTILINE)
END = re.compile(r"^\}", re.MULTILINE)


def functions(text):
    """(line, number of lines, name) of each, counted from its first line to its last brace."""
    code = re.sub(r"^[ \t]*#(?:.*\\\n)*.*", "", tree.without_comments(text), flags=re.MULTILINE)
    at = 0
    while match := DEFINITION.search(code, at):
        end = END.search(code, match.end())
        at = end.end() if end else len(code)
        name = re.search(r"(\w+)\s*\(", match.group())
        yield tree.line_of(code, match.start()), code.count("\n", match.start(), at) + 1, name[1]


def offences(path, text):
    lines = text.count("\n")
    if lines > FILE_MAX:
        yield f"{path}:1: {lines} lines; a file ends at {FILE_MAX}"
    for line, length, name in functions(text):
        if length > FUNCTION_MAX:
            yield f"{path}:{line}: {name} has {length} lines; a function ends at {FUNCTION_MAX}"


class Sizes(tree.HouseTest):
    def test_every_source_of_the_tree(self):
        paths = tree.sources(["daemon", "client", "tests"])
        self.assertGreater(len(paths), 100)
        self.assert_none(o for path in paths for o in offences(path, tree.read(path)))

    def test_functions_are_seen(self):
        seen = [f for path in tree.sources(["daemon"], ".c") for f in functions(tree.read(path))]
        names = {name for _, _, name in seen}
        self.assertGreater(len(seen), 500)
        self.assertLessEqual({"main", "operation_run", "schedule_due", "vault_store"}, names)

    def test_what_is_too_long_is_caught(self):
        body = "".join(f"        call({i});\n" for i in range(FUNCTION_MAX - 1))
        self.assertEqual(len(list(offences("a.c", f"static int f(int a,\n      int b) {{\n{body}}}\n"))), 1)
        self.assertEqual(list(offences("a.c", f"static const int t[] = {{\n{body}}};\n")), [])
        self.assertEqual(len(list(offences("a.c", "\n" * (FILE_MAX + 1)))), 1)


if __name__ == "__main__":
    tree.main()
