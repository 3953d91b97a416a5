# SPDX-License-Identifier: MIT
"""Every request seen, in order, a bell that rings after each one, so that tests wait and never
sleep, and a gate that keeps answers back until a test has done what it wants to do meanwhile."""

import asyncio

HEADERS_OF_INTEREST = ("authorization", "content-type", "accept", "accept-language", "user-agent",
                       "host", "content-length", "expect", "cookie", "referer")


class Journal:
    def __init__(self):
        self._entries = []
        self._last_number = 0

    def enter(self, request, status, trouble):
        """status is None where no answer is sent."""
        self._last_number += 1
        self._entries.append({
            "number": self._last_number,
            "time": request.received_at,
            "host": request.host,
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "form": request.form_values(),
            "repeated": request.repeated_names(),
            "headers": {name: request.headers[name] for name in HEADERS_OF_INTEREST
                        if name in request.headers},
            "status": status,
            "trouble": trouble,
            "notes": request.notes,
        })

    def clear(self):
        self._entries.clear()

    def select(self, wanted):
        """Entries that agree with each name: a field of the entry, else a form parameter."""
        return [entry for entry in self._entries
                if all(self._agrees(entry, name, value) for name, value in wanted.items())]

    @staticmethod
    def _agrees(entry, name, value):
        if name in ("host", "method", "path", "status", "trouble"):
            return str(entry[name]) == value
        return entry["form"].get(name) == value


class Bell:
    """Wakes whoever waits for something to have become true."""

    def __init__(self):
        self._changed = asyncio.Event()

    def ring(self):
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_until(self, predicate, timeout):
        """True as soon as the predicate holds, false when the timeout came first."""
        async def watch():
            while not predicate():
                await self._changed.wait()
        try:
            await asyncio.wait_for(watch(), timeout)
            return True
        except asyncio.TimeoutError:
            return False


class Gate:
    """Whoever comes waits for the next time that it is opened."""

    def __init__(self):
        self._waiting = set()

    async def wait(self):
        opened = asyncio.get_running_loop().create_future()
        self._waiting.add(opened)
        try:
            await opened
        finally:
            self._waiting.discard(opened)

    def let_go(self):
        """Returns how many there were."""
        waiting = [opened for opened in self._waiting if not opened.done()]
        for opened in waiting:
            opened.set_result(None)
        return len(waiting)
