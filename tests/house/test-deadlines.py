#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the pages and the units say of the deadlines is what the programs keep."""

import re

import tree


def deadline(name):
    """In seconds."""
    text = tree.read("daemon/common/deadlines.h")
    return int(re.search(rf"^#define DEADLINE_{name}_MS +(\d+)\b", text, re.MULTILINE)[1]) // 1000


class Deadlines(tree.HouseTest):
    def assert_told(self, path, template, name):
        self.assertIn(template.format(deadline(name)), re.sub(r"\s+", " ", tree.read(path)))

    def test_the_unit(self):
        self.assert_told("systemd/yadisk-tokend.service.in", "TimeoutStopSec={}s", "UNIT")

    def test_one_who_reads_the_socket(self):
        """The start of the daemon is awaited, then its answer; each for as long as any call."""
        limit, = re.findall(r"^RuntimeMaxSec=(\d+)s$", tree.read("systemd/yadisk-token@.service.in"), re.MULTILINE)
        self.assertGreater(int(limit), 2 * deadline("CLIENT"))

    def test_the_pages(self):
        self.assert_told("man/io.github.yadiskctl.Tokens1.5", "answered within {} seconds", "CALL")
        self.assert_told("man/ru/io.github.yadiskctl.Tokens1.5", "в течение {} секунд", "CALL")
        self.assert_told("man/yadisk-tokend.8", "up to {} seconds", "STOP")
        self.assert_told("man/ru/yadisk-tokend.8", "ждёт до {} секунд", "STOP")

    def test_the_header_of_the_library(self):
        self.assert_told("client/include/yadisk-token.h", "up to {} seconds", "CLIENT")


if __name__ == "__main__":
    tree.main()
