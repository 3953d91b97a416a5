# SPDX-License-Identifier: MIT
"""The man pages as their sources say it, in mdoc(7).

A translated page is read with its headings, and the few other words that tests go by, put back into
English, and without the name of the page at each .Nm: what holds for one holds for the other."""

import re

import tree

LANGUAGES = ["", "ru"]

HEADINGS = {
    "ru": {
        "НАЗВАНИЕ": "NAME",
        "ОБЗОР": "SYNOPSIS",
        "ОПИСАНИЕ": "DESCRIPTION",
        "КОМАНДЫ": "VERBS",
        "ПАРАМЕТРЫ": "OPTIONS",
        "СИГНАЛЫ": "SIGNALS",
        "ГРУППА [Yandex]": "THE GROUP [Yandex]",
        "ПЕРЕНОС": "IMPORT",
        "СОСТОЯНИЯ": "STATES",
        "ИМЕНА ОШИБОК": "ERROR NAMES",
        "ПЕРЕМЕННЫЕ ОКРУЖЕНИЯ": "ENVIRONMENT",
        "ФАЙЛЫ": "FILES",
        "КОД ЗАВЕРШЕНИЯ": "EXIT STATUS",
        "ПРИМЕРЫ": "EXAMPLES",
        "БЕЗОПАСНОСТЬ": "SECURITY",
        "СМ. ТАКЖЕ": "SEE ALSO",
    },
}
WORDS = {
    "ru": {"Pq постоянно": "Pq constant", "Pq сигнал": "Pq signal", "По умолчанию:": "Default:"},
}


def path(name, language=""):
    return f"man/{language}/{name}" if language else f"man/{name}"


def source(name, language=""):
    text = tree.read(path(name, language))
    headings = HEADINGS.get(language, {})
    if language:
        start, later = text.split("\n.Nd ")
        text = start + "\n.Nd " + later.replace(f"Nm {name.rpartition('.')[0]}", "Nm")
    text = re.sub(r"^(\.S[hx] )(.*?)( [.,])?$",
                  lambda match: match[1] + headings.get(match[2], match[2]) + (match[3] or ""),
                  text, flags=re.MULTILINE)
    for word, english in WORDS.get(language, {}).items():
        text = text.replace(word, english)
    return text


def sections(name, language=""):
    """The text of each .Sh of a page."""
    parts = re.split(r"^\.Sh (.*)\n", source(name, language), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def plain_arguments(mdoc):
    """'Cm add | remove Op Ar FILE' as the programs write it: 'add|remove [FILE]'."""
    optional = re.sub(r"\bOp (.*)", r"[\1]", mdoc)
    return re.sub(r"\b(Ar|Cm) ", "", optional).replace(" | ", "|").strip()
