# SPDX-License-Identifier: MIT
"""The windows on a screen that nobody sees, and a user who answers them."""

import re
import subprocess
import threading

from .waiting import eventually

LOOK_AGAIN = 0.1  # seconds
STILL = 5  # looks, by which a window is taken to be complete


class Windows:
    """The environment has the DISPLAY."""

    def __init__(self, environment):
        self._environment = environment
        self._looks = {}

    @property
    def display(self):
        return self._environment["DISPLAY"]

    def of_program(self, name):
        """The numbers of its windows, which need have no names."""
        return self._xdotool("search", "--onlyvisible", "--class", name).split()

    def shown(self):
        """A dictionary from number to name. No program is told of a window, so who waits for one looks."""
        found = {}
        for number in self._xdotool("search", "--onlyvisible", "--name", ".").split():
            name = self._xdotool("getwindowname", number).strip()
            if name:
                found[number] = name
        return found

    def find(self, pattern):
        """The number of the window with such a name, or None."""
        return next((n for n, name in self.shown().items() if re.search(pattern, name)), None)

    def await_shown(self, pattern):
        return eventually(lambda: self.find(pattern), f"the window {pattern!r}")

    def await_closed(self, number):
        eventually(lambda: number not in self.shown(), "a window to be closed")

    def is_still(self, number):
        """A window is shown first and gets its fields afterwards, by which it grows. What is typed before that
        is lost. To be asked again and again: whether the last answers of the screen were the same."""
        looks = self._looks.setdefault(number, [])
        looks.append(self._xdotool("getwindowgeometry", number))
        return len(looks) >= STILL and len(set(looks[-STILL:])) == 1

    def type(self, number, text):
        self._xdotool("windowfocus", "--sync", number, "type", text)

    def press(self, number, *keys):
        self._xdotool("windowfocus", "--sync", number, "key", *keys)

    def _xdotool(self, *arguments):
        """A window may be gone by now, which is an error to xdotool alone."""
        return subprocess.run(["xdotool", *arguments], env=self._environment, capture_output=True,
                              text=True, check=False, timeout=30).stdout


class User:
    """Sits at the screen and answers each window, in a thread of its own:

        with User(windows, {"Unlock": lambda number: windows.type(number, "pw\\n")}) as user:
            ...
        assert user.answered == ["Unlock"]
    """

    def __init__(self, windows, habits):
        self.answered = []
        self._windows, self._habits = windows, habits
        self._seen = set()
        self._leaves = threading.Event()
        self._thread = threading.Thread(target=self._sit, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._leaves.set()
        self._thread.join()

    def _sit(self):
        while not self._leaves.wait(LOOK_AGAIN):
            for number, name in self._windows.shown().items():
                for pattern, answer in self._habits.items():
                    if number not in self._seen and re.search(pattern, name):
                        self._seen.add(number)
                        self.answered.append(pattern)
                        answer(number)
