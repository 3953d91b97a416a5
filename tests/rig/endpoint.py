# SPDX-License-Identifier: MIT
"""The token endpoint, as a child of the test on a socket that outlives it, and programs that ask it."""

import hashlib
import json
import os
import secrets
import signal
import socket
import time
import urllib.parse

from .daemon import NotifySocket, environment_of_unit
from .process import Process

LISTEN_FDS_START = 3
FORM = "application/x-www-form-urlencoded"
TIMEOUT = 40  # seconds


class Answer:
    """What came back until the end of the connection."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1]) if data else None
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body!r}>"


def form(**fields):
    return urllib.parse.urlencode(fields)


def token_form(handle, **more):
    return form(grant_type="refresh_token", refresh_token=handle, **more)


def request(port, body, method="POST", target="/token", version="HTTP/1.1", **headers):
    """As bytes. Headers are named with underscores; one that is None is left out."""
    body = body.encode() if isinstance(body, str) else body
    headers = {"Host": f"127.0.0.1:{port}", "Content_Type": FORM, "Content_Length": str(len(body))} | headers
    lines = [f"{method} {target} {version}"] + [
        f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def connect(port):
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def read_answer(connection):
    data = b""
    while more := connection.recv(65536):
        data += more
    return Answer(data)


def exchange(port, data):
    with connect(port) as connection:
        connection.sendall(data)
        return read_answer(connection)


def hash_of(handle):
    return hashlib.sha256(handle.encode()).hexdigest()


class Feeds:
    """Those of a user, as feed.c has them."""

    def __init__(self, environment):
        self._lasting = os.path.join(environment["XDG_DATA_HOME"], "yadisk-tokend/feeds")
        self._uses = os.path.join(environment["XDG_STATE_HOME"], "yadisk-tokend/feeds")

    def path(self, handle):
        return os.path.join(self._lasting, hash_of(handle))

    def add(self, account, program="rclone"):
        """Returns the handle."""
        handle = "yadisk-feed-" + secrets.token_hex(24)
        os.makedirs(self._lasting, mode=0o700, exist_ok=True)
        with open(self.path(handle), "w", encoding="utf-8") as file:
            file.write(f"[Feed]\nProgram={program}\nRemote=disk\nAccount={account}\n"
                       f"Created={int(time.time())}\n")
        return handle

    def remove(self, handle):
        os.unlink(self.path(handle))

    def last_use(self, handle):
        """What was written of it, or None."""
        name = hash_of(handle)
        for file_name in os.listdir(self._uses) if os.path.isdir(self._uses) else ():
            if file_name.startswith(name):
                with open(os.path.join(self._uses, file_name), encoding="utf-8") as file:
                    return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        return None


class Endpoint:
    def __init__(self, world, address="127.0.0.1", **environment):
        self._world = world
        self._listening = socket.socket()
        self._listening.bind((address, 0))
        self._listening.listen(4096)
        self.port = self._listening.getsockname()[1]
        self._environment = environment
        self._log_path = os.path.join(world.directory, "feed.log")
        self.process = self._log = None

    def launch(self, *wrapper):
        assert not self.process
        self._notify = NotifySocket(os.path.join(self._world.runtime, f"notify-feed-{id(self)}"))
        self._log = open(self._log_path, "ab")
        environment = environment_of_unit("yadisk-token-feed") | self._world.environment_with(self._environment) | {
            "LISTEN_FDS": "1", "NOTIFY_SOCKET": self._notify.path}
        self.process = Process(
            ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *wrapper, self._world.binary("client/yadisk-token-feed")],
            stdin=0, stdout=self._log, stderr=self._log, env=environment, cwd=self._world.home,
            close_fds=False, preparation=self._hand_over)
        return self

    def _hand_over(self):
        os.dup2(self._listening.fileno(), LISTEN_FDS_START)
        os.set_inheritable(LISTEN_FDS_START, True)

    def start(self):
        self.launch()
        self._notify.await_line("READY=1", self.process)
        return self

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        with open(self._log_path, encoding="utf-8") as file:
            return file.read()

    def await_end(self):
        """Returns the exit status."""
        status = self.process.await_end()
        self.process.close()
        self._log.close()
        self._notify.close()
        self.process = None
        return status

    def begin_stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self._notify.await_line("STOPPING=1", self.process)

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        return self.await_end()

    def close(self):
        if self.process:
            self.process.end()
            self._log.close()
            self._notify.close()
        self._listening.close()

    # Programs

    def ask(self, handle, **more):
        return exchange(self.port, self.request(token_form(handle), **more))

    def request(self, body, **more):
        return request(self.port, body, **more)
