# SPDX-License-Identifier: MIT
"""Waiting for what will happen, with a deadline that only ends a test which would hang."""

from gi.repository import GLib

DEADLINE = 40  # seconds


class InVain(AssertionError):
    """What was waited for did not happen."""


def await_until(predicate, what, seconds=DEADLINE):
    """Serves GLib's default context until the predicate is true, and returns its value."""
    late = []

    def on_deadline():
        late.append(True)
        return GLib.SOURCE_REMOVE

    source = GLib.timeout_add_seconds(seconds, on_deadline)
    try:
        while not (value := predicate()):
            if late:
                raise InVain(f"waited in vain: {what}")
            GLib.MainContext.default().iteration(True)
        return value
    finally:
        if not late:
            GLib.source_remove(source)


def eventually(predicate, what, seconds=DEADLINE):
    """The same for what no message tells of: looks ten times a second."""
    source = GLib.timeout_add(100, lambda: GLib.SOURCE_CONTINUE)
    try:
        return await_until(predicate, what, seconds)
    finally:
        GLib.source_remove(source)


def wake_up():
    """From any thread: makes await_until() look at its predicate again."""
    GLib.MainContext.default().wakeup()
