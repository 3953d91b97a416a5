#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A token through the endpoint, from the connection to its end, beside a file with a token that Python's own server
hands out."""

import socket
import subprocess
import sys

import stage
from records import made_up
from rig.endpoint import Feeds, token_form
from rig.process import Process
from rig.waiting import eventually

TOKENS, QUICK_TOKENS = 300, 50  # in a round


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def answers(port):
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def start_http_server(here):
    """Returns the port."""
    port = free_port()
    here.world.write("token", made_up())
    server = Process([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)], cwd=here.world.home,
                     env=here.world.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    here.end_at_close(server)
    eventually(lambda: answers(port), "the HTTP server")
    return port


def measure(options, figures):
    with stage.alone() as here:
        here.start_daemon()
        endpoint = here.world.new_endpoint().start()
        feeds = Feeds(here.world.environment)
        handle = feeds.add(here.client.accounts()[0].id)
        answer = endpoint.ask(handle)
        assert answer.status == 200 and answer.json["access_token"], answer

        port = start_http_server(here)
        ours = here.world.write("ours", endpoint.request(token_form(handle)).decode())
        other = here.world.write("other", f"GET /token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
        rounds = [here.measure("exchange", QUICK_TOKENS if options.quick else TOKENS, endpoint.port, ours, port, other)
                  for _ in range(options.rounds)]
        figures["endpoint"] = {"ours": [numbers[0][0] / 1e6 for numbers in rounds],
                               "other": [numbers[1][0] / 1e6 for numbers in rounds]}


if __name__ == "__main__":
    stage.main(measure)
