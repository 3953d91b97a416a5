# SPDX-License-Identifier: MIT
"""HTTP/1.1 on asyncio streams: keep-alive, Date, and every way of answering badly.

Written by hand because a library would refuse to send what clients must survive.
"""

import asyncio
import inspect
import socket
import struct
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote

from .http_message import Request, server_page
from .troubles import HALF

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
UPLOAD_LIMIT = 1024 * BODY_LIMIT
BACKLOG = 1024


class BadRequest(Exception):
    """Not HTTP, or too much of it. Carries the status to answer with."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Listener:
    """One port. respond(request) gives (answer, delivery), or an awaitable of the two;
    refuse() says whether a new connection is reset before it is read."""

    def __init__(self, host, respond, refuse=lambda host: False):
        self.host = host
        self._respond = respond
        self._refuse = refuse
        self._server = None
        self._connections = set()

    async def listen(self, port, tls):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls,
                                                  limit=HEAD_LIMIT, backlog=BACKLOG)
        return self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._connections.add(asyncio.current_task())
        try:
            if self._refuse(self.host):
                reset(writer)
                return
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
            pass
        finally:
            self._connections.discard(asyncio.current_task())
            writer.close()

    async def _exchange(self, reader, writer):
        """One request and its answer. True where the connection stays open for another."""
        try:
            request, keep = await read_request(self.host, reader, writer)
        except BadRequest as bad:
            writer.write(head_of(server_page(bad.status), keep=False))
            await writer.drain()
            return False
        if request is None:
            return False
        answered = self._respond(request)
        answer, delivery = await answered if inspect.isawaitable(answered) else answered
        return await send(writer, request, answer, delivery, keep)


async def read_request(host, reader, writer):
    """(request, keep-alive), or (None, False) at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise BadRequest(431) from None
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise BadRequest(400) from None
        return None, False
    method, target, version, headers = parse_head(head)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await read_body(reader, headers, UPLOAD_LIMIT if method == "PUT" else BODY_LIMIT)
    path, _, query = target.partition("?")
    request = Request(host, method, unquote(path), parse_qsl(query, True), headers, body)
    keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return request, keep


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest(400)
    headers = {}
    for line in lines[1:-2]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(400)
        headers[name.lower()] = value.strip()
    return words[0], words[1], words[2], headers


async def read_body(reader, headers, limit):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await read_chunks(reader, limit)
    if "transfer-encoding" in headers:
        raise BadRequest(501)
    return await reader.readexactly(length_of(headers.get("content-length", "0"), 10, limit))


async def read_chunks(reader, limit):
    """RFC 9112 section 7.1; extensions and trailers are read over."""
    body = bytearray()
    while True:
        size = (await reader.readuntil(b"\r\n")).partition(b";")[0].strip().decode("latin-1")
        length = length_of(size, 16, limit - len(body))
        if not length:
            break
        body += await reader.readexactly(length)
        if await reader.readexactly(2) != b"\r\n":
            raise BadRequest(400)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)


def length_of(text, base, limit):
    if not text.isalnum() or not text.isascii():
        raise BadRequest(400)
    try:
        length = int(text, base)
    except ValueError:
        raise BadRequest(400) from None
    if length > limit:
        raise BadRequest(413)
    return length


def head_of(answer, keep):
    lines = [f"HTTP/1.1 {answer.status} {answer.reason()}", "Server: nginx"]
    if answer.content_type:
        lines.append("Content-Type: " + answer.content_type)
    if answer.status != 204:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.append("Connection: " + ("keep-alive" if keep else "close"))
    headers = {"Date": formatdate(usegmt=True)} | answer.headers
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def send(writer, request, answer, delivery, keep):
    if delivery.delay:
        await asyncio.sleep(delivery.delay)
    if delivery.reset:
        reset(writer)
        return False
    body = b"" if request.method == "HEAD" else answer.body
    if delivery.cut_at is not None:
        body = body[:len(body) // 2 if delivery.cut_at == HALF else delivery.cut_at]
        keep = False
    everything = head_of(answer, keep) + body
    if delivery.drip:
        await drip(writer, everything, delivery.drip)
    else:
        writer.write(everything)
        await writer.drain()
    return keep


async def drip(writer, everything, pause):
    for index in range(len(everything)):
        writer.write(everything[index:index + 1])
        await writer.drain()
        await asyncio.sleep(pause)


def reset(writer):
    """Ends the connection with a TCP RST instead of an orderly close."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                               struct.pack("ii", 1, 0))
    writer.transport.abort()
