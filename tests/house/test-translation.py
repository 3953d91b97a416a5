#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Russian catalogue has every text that people read, translated, and no others."""

import re
import shutil
import subprocess

import catalogue
import tree

PATH = "daemon/common/po/ru.po"
KEYWORDS = ("_", "N_", "ngettext", "say", "remark", "fail", "fail_usage", "fail_errno", "problem_set", "problem_advise", "check_ok",
            "check_skip", "check_attention", "check_trouble", "bus_error_setf")
# With what differs each time, they cannot be looked up; who meets them writes a program.
FOR_PROGRAMMERS = {'Option "%s" has type "%s"; give it as "%s".',
                   '"%s" is in a sandbox and was not allowed to have this token; to allow it, run "%s" outside of the '
                   "sandbox."}
# What names somebody: yadiskctl has a sentence of its own for it.
WITH_NAMES = {"The account belongs to %s, but %s signed in and has an account here now; sign in again as %s."}

TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|[A-Za-z_]\w*|\S')
CYRILLIC, LATIN = "А-Яа-яЁё", "A-Za-z"
MIXED = re.compile(rf"[{CYRILLIC}][{LATIN}]|[{LATIN}][{CYRILLIC}]")
LOOKALIKE = re.compile(rf"(?<![\w.%-])[aceopxyABCEHKMOPTX](?![\w.%=-])")
# What stands in every language as it is: options, addresses, commands, file names; but no units.
NAME = re.compile(r'["«](\w+ctl [^"»]*)["»]|--[a-z-]+|https://[\w./-]*\w|[\w.-]*yadisk-tokend(?:[.(]\w+)*'
                  r"|\b(?![KMGTPE]B\b)[A-Z]{2,}(?:_[A-Z]+)*\b|Ctrl-C|client_\w+|ClientID")


class Call:
    """A call with everything between its parentheses, and its commas that are not of calls inside."""

    def __init__(self, name, line):
        self.name, self.line, self.tokens, self.commas = name, line, [], 0

    @property
    def literals(self):
        """Its strings, those that follow each other put together."""
        found, joined = [], False
        for token in self.tokens:
            if is_string(token):
                text = catalogue.unquote(token)
                found = found[:-1] + [found[-1] + text] if joined else found + [text]
            joined = is_string(token)
        return found


def is_string(token):
    return token.startswith('"')


def calls(text):
    """Every call of the source that has a string in it; the whole source is the last."""
    text = tree.without_comments(text, keep_strings=True)
    around, before = [Call("", 1)], ""
    for match in TOKEN.finditer(text):
        token = match.group()
        if token == "," and around:
            around[-1].commas += 1
        if token == ")" and len(around) > 1:
            yield around.pop()
        for call in around:
            call.tokens.append(token)
        if token == "(":
            around.append(Call(before, tree.line_of(text, match.start())))
        before = token
    yield around[0]


def holes(path, text):
    """A string next to a macro: xgettext(1) sees only one of them."""
    for call in calls(text):
        for pair in zip(call.tokens, call.tokens[1:]) if call.name in KEYWORDS else ():
            if sum(map(is_string, pair)) == 1 and all(re.match(r'[\w"]', token) for token in pair):
                yield f"{path}:{call.line}: {' '.join(pair)}: a macro inside a text"


def sentences(text):
    """What the daemon can say over D-Bus: what looks like a sentence, outside the log."""
    found = list(calls(text))
    logged = {literal for call in found if re.match(r"log_|bus_give_up$|failed$|_Static_assert$", call.name)
              for literal in call.literals}
    return [literal for literal in found[-1].literals
            if literal.count(" ") >= 2 and literal.endswith(".") and literal not in logged]


def with_arguments(text):
    """Sentences of the daemon that nobody can look up, since they are not the same each time."""
    return [call.literals[0] for call in calls(text)
            if call.name == "bus_error_setf" and call.commas > 2 and call.literals]


def names(text):
    return sorted(match[1] or match[0] for match in NAME.finditer(text))


def faults(entry):
    """What is wrong with the translations of one text."""
    for text in entry.texts:
        if match := MIXED.search(text):
            yield f"{match.group()!r} mixes alphabets"
        if match := LOOKALIKE.search(text):
            yield f"{match.group()!r} is a Latin letter"
        if text.count("\n") != entry.id.count("\n"):
            yield "has another number of lines"
        if text.count("«") != text.count("»") or '"' in text:
            yield "has wrong quotes"
        if (text[:1] == " ", text[-1:] == " ") != (entry.id[:1] == " ", entry.id[-1:] == " "):
            yield "has other spaces at its ends"
        if re.search(r"[.:]?$", text)[0] != re.search(r"[.:]?$", entry.id)[0]:
            yield "ends otherwise"
        if names(text) != names(entry.id):
            yield f"names {names(text)} for {names(entry.id)}"


class Translation(tree.HouseTest):
    def setUp(self):
        self.text = tree.read(PATH)
        self.entries = catalogue.parse(self.text)
        self.ids = {entry.id for entry in self.entries}

    def sources(self, *folders):
        return [(path, tree.read(path)) for path in tree.sources(folders)]

    def test_it_has_the_texts_of_the_sources_and_no_others(self):
        """Where this fails, run tools/update-translations and translate what is new."""
        result = subprocess.run(["tools/update-translations", "--print", "ru"], cwd=tree.ROOT,
                                check=True, text=True, stdout=subprocess.PIPE)
        self.assertGreater(len(self.entries), 150)
        self.assertEqual([entry.id for entry in catalogue.parse(result.stdout)],
                         [entry.id for entry in self.entries])
        self.assertEqual(result.stdout, self.wrapped())

    def wrapped(self):
        """The catalogue as the gettext of this machine breaks its lines."""
        return subprocess.run(["msgcat", PATH], cwd=tree.ROOT, check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def test_all_is_translated(self):
        self.assert_none(f"{PATH}: {entry.id!r}" for entry in self.entries if not entry.is_translated)

    def test_formats_fit(self):
        result = subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", PATH], cwd=tree.ROOT,
                                check=False, text=True, stderr=subprocess.PIPE)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_it_is_good_russian_at_first_sight(self):
        self.assert_none(f"{PATH}: {entry.id!r} {fault}" for entry in self.entries
                         if entry.is_translated for fault in faults(entry))

    def test_no_text_has_a_hole(self):
        self.assert_none(hole for path, text in self.sources("daemon", "client")
                         for hole in holes(path, text))
        self.assert_none(text for text in self.ids if "<PRI" in text)

    def test_what_the_daemon_sends(self):
        found = [(path, sentence) for path, text in
                 self.sources("daemon/bus", "daemon/keeper", "daemon/common")
                 for sentence in sentences(text)]
        known = self.ids | FOR_PROGRAMMERS | WITH_NAMES
        self.assertGreater(len(found), 35)
        self.assert_none(f"{path}: {sentence!r} is not in the catalogue"
                         for path, sentence in found if sentence not in known)
        self.assert_none(f"{path}: {sentence!r} is not what is sent" for path, sentence in found
                         if path.startswith("daemon/bus/") and sentence in self.ids and "%" in sentence)

    def test_sentences_with_arguments_are_for_programmers(self):
        found = {sentence for _, text in self.sources("daemon/bus")
                 for sentence in with_arguments(text)}
        self.assertEqual(found - {"%s"}, FOR_PROGRAMMERS)

    # The rules themselves

    def assert_fault(self, english, russian):
        entry = catalogue.Entry("")
        entry.ids, entry.texts = [english], [russian]
        self.assertEqual(len(list(faults(entry))), 1, russian)

    def test_faults_are_caught(self):
        self.assert_fault("A token.", "Tокен.")
        self.assert_fault("With a token.", "C токеном.")
        self.assert_fault("A\ntoken.", "Токен.")
        self.assert_fault("A \"token\".", "«Токен.")
        self.assert_fault("A \"token\".", "\"Токен\".")
        self.assert_fault("A token.", "Токен")
        self.assert_fault(" (token)", "(токен)")
        self.assert_fault("See --help.", "См. --помощь.")
        self.assert_fault('Run "yadiskctl login".', "Выполните «yadiskctl logout».")

    def test_holes_are_caught(self):
        self.assertEqual(len(list(holes("a.c", 'say("a %s" MACRO);'))), 1)
        self.assertEqual(len(list(holes("a.c", 'f(N_("a" MACRO "b"));'))), 2)
        self.assertEqual(list(holes("a.c", 'say("a" /* b */ "c", d, "e");')), [])

    def test_sentences_are_seen(self):
        source = 'log_info("This is logged.");\nf("This is " /* at once */\n"said.", "Not this");'
        self.assertEqual(sentences(source), ["This is said."])
        self.assertEqual(with_arguments('bus_error_setf(e, f(r, 1), "a"); bus_error_setf(e, r, "b", c);'),
                         ["b"])

    def test_untranslated_texts_are_seen(self):
        one, two = catalogue.parse('msgid ""\nmsgstr "h"\n\n#, c-format\nmsgid "a"\nmsgstr ""\n\n'
                                   '#, fuzzy\nmsgid ""\n"b\\n"\nmsgstr "c"\n')
        self.assertEqual((one.id, one.is_translated), ("a", False))
        self.assertEqual((two.id, two.texts, two.is_translated), ("b\n", ["c"], False))


if __name__ == "__main__":
    for tool in ("xgettext", "msgcat", "msgmerge", "msgfmt"):
        if not shutil.which(tool):
            tree.skip(f"{tool} is not installed.")
    tree.main()
