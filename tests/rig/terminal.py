# SPDX-License-Identifier: MIT
"""A program at a terminal, with a user who reads and types."""

import codecs
import fcntl
import os
import re
import select
import termios
import time
import tty

from .process import Process
from .waiting import DEADLINE, InVain, eventually


class Terminal:
    """The program's three streams are the terminal."""

    def __init__(self, arguments, environment, cwd):
        self._master, slave = os.openpty()
        tty.setraw(self._master, termios.TCSANOW)
        self._path = os.ttyname(slave)
        self.prepare(slave)
        self.attributes_before = self.attributes()
        self.arguments = arguments
        self.shown = ""
        self.answered = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self.process = Process(arguments, env=environment, cwd=cwd, stdin=slave, stdout=slave,
                               stderr=slave, start_new_session=True, preparation=take_terminal)
        os.close(slave)

    def prepare(self, terminal):
        """Before the program starts."""
        restore_signals(terminal)

    def await_text(self, pattern):
        """Reads until the pattern has been shown; returns the match."""
        while not (match := re.search(pattern, self.shown)):
            if not self._read():
                raise InVain(f"{pattern!r} was not shown, but {self.shown!r}")
        return match

    def type(self, text):
        os.write(self._master, text.encode())

    def left_to_read(self):
        """What was typed and not read, as the next program would find it."""
        with open(os.open(self._path, os.O_RDONLY | os.O_NOCTTY), "rb", buffering=0) as terminal:
            tty.setraw(terminal, termios.TCSANOW)
            return terminal.read(4096) if select.select([terminal], [], [], 0)[0] else b""

    def attributes(self):
        """How it treats what is typed and shown; see termios(3)."""
        return termios.tcgetattr(self._master)

    def answer(self, question, text):
        """Types a line once the question has been asked; the next one has to be asked anew."""
        self.await_text(rf"(?s)\A.{{{self.answered}}}.*{re.escape(question)} \Z")
        self.answered = len(self.shown)
        self.type(text + "\n")

    def await_hidden(self):
        """Until what is typed is no longer shown, as at a question for a password."""
        eventually(lambda: not self.echoes(), "a question whose answer is not shown")

    def echoes(self):
        """Whether what is typed is shown."""
        return bool(self.attributes()[3] & termios.ECHO)

    def await_end(self):
        """Reads the rest; returns the exit status."""
        while self._read():
            pass
        return self.process.await_end()

    def close(self):
        self.process.end()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _read(self):
        if not select.select([self._master], [], [], DEADLINE)[0]:
            raise InVain(f"nothing is shown after {self.shown!r}")
        try:
            data = os.read(self._master, 4096)
        except OSError:  # the last program has closed it
            return False
        self.shown += self._decoder.decode(data)
        return True


def take_terminal():
    """Makes standard input the terminal whose keys reach us as signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def restore_signals(terminal):
    """Line by line and with Ctrl-C, as people's terminals are; without changes to what is shown."""
    attributes = termios.tcgetattr(terminal)
    attributes[3] |= termios.ISIG | termios.ICANON | termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
