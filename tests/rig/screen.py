# SPDX-License-Identifier: MIT
"""The screen of a terminal: what a person sees once everything was drawn, erased and drawn again."""

import fcntl
import re
import struct
import termios

import pyte
from PIL import Image

from .terminal import Terminal
from .waiting import InVain

BLACK, WHITE = 0, 255
PIXEL = 6  # points of the picture for each half of a cell

# The halves of a cell that are drawn in the foreground: upper, lower.
HALVES = {"▀": (True, False), "▄": (False, True), "█": (True, True), " ": (False, False)}

# Of what programs ask newer terminals for, pyte would draw the end. The second is the beginning of any sequence.
UNKNOWN = re.compile(r"\x1b\[[<=][0-9;]*[A-Za-z]")
BEGUN = re.compile(r"\x1b(\[[<=>?]?[0-9;]*)?\Z")


class Screen(Terminal):
    """A terminal of that size, whose screen is kept. It understands TERM=xterm-256color."""

    def __init__(self, arguments, environment, cwd, columns=100, lines=60):
        self.columns, self.lines = columns, lines
        self._screen = pyte.Screen(columns, lines)
        self._screen.set_mode(pyte.modes.LNM)  # the terminal below adds no carriage return
        self._stream = pyte.Stream(self._screen)
        self._fed = 0
        super().__init__(arguments, environment, cwd)

    def prepare(self, terminal):
        super().prepare(terminal)
        set_size(terminal, self.columns, self.lines)

    def resize(self, columns, lines):
        """As the person who pulls at the corner of the window."""
        self._catch_up()
        self.columns, self.lines = columns, lines
        self._screen.resize(lines, columns)
        set_size(self._master, columns, lines)

    def rows(self):
        """The lines of the screen, without the empty ones at its end."""
        self._catch_up()
        rows = [row.rstrip() for row in self._screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def text(self):
        return "\n".join(self.rows()) + "\n"

    def cells(self):
        """Of each line, without the empty ones at the end: what pyte has."""
        return [[self._screen.buffer[y][x] for x in range(self.columns)] for y in range(len(self.rows()))]

    def drawing(self):
        """The text; a cell that is painted by its background alone is █ if that is dark, and ░ if it is light."""
        self._catch_up()
        rows = ["".join(painted(self._screen.buffer[y][x]) for x in range(self.columns)).rstrip()
                for y in range(self.lines)]
        return "\n".join(rows).rstrip("\n") + "\n"

    def await_screen(self, predicate, what):
        """Reads until the screen, as text, is as wanted; returns what the predicate said."""
        while not (value := predicate(self.text())):
            if not self._read():
                raise InVain(f"{what} was not on the screen, but {self.text()!r}")
        return value

    def picture(self, background=BLACK):
        """The screen as a scanner sees it; background is the theme of the terminal."""
        self._catch_up()
        image = Image.new("L", (self.columns * PIXEL, 2 * self.lines * PIXEL), background)
        for y in range(self.lines):
            for x in range(self.columns):
                self._paint(image, x, y, background)
        return image

    def _catch_up(self):
        begun = BEGUN.search(self.shown, self._fed)
        end = begun.start() if begun else len(self.shown)
        self._stream.feed(UNKNOWN.sub("", self.shown[self._fed:end]))
        self._fed = end

    def _paint(self, image, x, y, theme):
        cell = self._screen.buffer[y][x]
        front = brightness(cell.fg, WHITE - theme)
        back = brightness(cell.bg, theme)
        if cell.reverse:
            front, back = back, front
        for half, drawn in enumerate(HALVES.get(cell.data, (False, False))):
            top = (2 * y + half) * PIXEL
            image.paste(front if drawn else back,
                        (x * PIXEL, top, (x + 1) * PIXEL, top + PIXEL))


def in_capitals(address):
    """As it is in the picture, in which case does not matter."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}".upper() + slash + path


def painted(cell):
    if cell.data != " " or cell.bg == "default":
        return cell.data
    return "░" if brightness(cell.bg, BLACK) == WHITE else "█"


def set_size(terminal, columns, lines):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def brightness(colour, default):
    """Of a colour as pyte names it: a name or six hexadecimal digits."""
    if colour == "default":
        return default
    if colour in ("black", "000000"):
        return BLACK
    if colour in ("white", "brightwhite", "ffffff"):
        return WHITE
    return sum(bytes.fromhex(colour)) // 3 if len(colour) == 6 else (BLACK + WHITE) // 2
