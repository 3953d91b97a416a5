#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadisk-tokend.conf(5) has the keys that the daemon reads, with their defaults, and no others."""

import re

import page
import tree

ROW = re.compile(r'\{ "(\w+)", offsetof\(Config, \w+\), (?:"([^"]*)"|NULL), \w+ \}')
ITEM = re.compile(r"^\.It Cm (\w+) Ns = Ns Ar \w+\n((?:(?!\.It |\.El)[^\n]*\n)*)", re.MULTILINE)
SENTENCE = re.compile(r"^Default:(?: |\n\.Lk )(.*?)[ ]?\.$", re.MULTILINE)


class ConfigPage(tree.HouseTest):
    LANGUAGE = ""

    def setUp(self):
        self.source = tree.read("daemon/platform/config.c")
        self.sections = page.sections("yadisk-tokend.conf.5", self.LANGUAGE)
        self.group = re.search(r'#define GROUP +"(\w+)"', self.source)[1]
        self.items = dict(ITEM.findall(self.sections[f"THE GROUP [{self.group}]"]))

    def test_the_keys_are_the_same(self):
        keys = [name for name, _ in ROW.findall(self.source)]
        self.assertGreaterEqual(len(keys), 5)
        self.assertEqual(keys, list(self.items))

    def test_the_defaults_are_the_same(self):
        for name, default in ROW.findall(self.source):
            told = SENTENCE.search(self.items[name])
            self.assertTrue(told, name)
            if default:
                self.assertEqual(told[1], default, name)


class RussianPage(ConfigPage):
    LANGUAGE = "ru"


if __name__ == "__main__":
    tree.main()
