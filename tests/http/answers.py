# SPDX-License-Identifier: MIT
"""What the servers answer, in bytes, so that it can be as wrong as need be."""

import select
import socket
import ssl
import struct
import urllib.parse

DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT"
LIMIT = 64 * 1024


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the client left")
        data += more
    return data


def content_length(head):
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def read_request(name, connection, journal):
    data = read_head(connection)
    journal.note_bytes(name, data)
    end = data.index(b"\r\n\r\n") + 4
    missing = content_length(data[:end]) - (len(data) - end)
    while missing > 0:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the client left")
        journal.note_bytes(name, more)
        data += more
        missing -= len(more)
    return data


def head(status, *lines):
    return ("\r\n".join(("HTTP/1.1 %s" % status,) + lines) + "\r\n\r\n").encode("utf-8")


def whole(status, body=b"", *lines):
    return head(status, "Content-Length: %d" % len(body), *lines) + body


def chunked(body):
    return (head("200 OK", "Transfer-Encoding: chunked") + b"%x\r\n" % len(body) + body +
            b"\r\n0\r\n\r\n")


def until_closed(connection):
    """Waits until the client closes."""
    while connection.recv(65536):
        pass


def abort(connection):
    """Ends a TCP connection by a reset, whatever lies above it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.socket(fileno=connection.detach()).close()


def close_without_notice(connection):
    """TCP ends properly, TLS does not: anybody on the way could have done that."""
    socket.socket(fileno=connection.detach()).close()


def close_with_notice(connection):
    try:
        connection.unwrap()
    except (OSError, ssl.SSLError):
        pass


def drip(connection):
    connection.sendall(head("200 OK", "Content-Length: 60000"))
    while not select.select([connection], [], [], 0.005)[0]:
        connection.sendall(b"x")


def in_chunks(chunks):
    return head("200 OK", "Transfer-Encoding: chunked") + chunks


def for_ever(begin, more):
    """Sends, until the client has had enough."""
    def send(connection):
        connection.sendall(begin)
        while True:
            connection.sendall(more * 100)
    return b"", send


ANSWERS = {
    "/ok": whole("200 OK", b'{"status": "ok"}', DATE),
    "/no-content": head("204 No Content"),
    "/nul": whole("200 OK", b"a\0b\0"),
    "/redirect": whole("302 Found", b"elsewhere", "Location: /trap"),
    "/permanent": whole("308 Permanent Redirect", b"", "Location: /trap"),
    "/unauthorized": whole("401 Unauthorized", b"{}", 'WWW-Authenticate: Basic realm="x"'),
    "/trap": whole("200 OK", b"trapped"),
    "/cookie": whole("200 OK", b"", "Set-Cookie: a=b; Path=/"),
    "/bad-gateway": whole("502 Bad Gateway", b"<html>"),
    "/continued": head("100 Continue") + head("103 Early Hints", "Retry-After: 9") +
                  whole("200 OK", b"after all"),
    "/trailers": head("200 OK", "Transfer-Encoding: chunked", "Trailer: X") +
                 b"4\r\nbody\r\n0\r\nX: y\r\nZ: w\r\n\r\n",
    "/limit": whole("200 OK", b"x" * LIMIT),
    "/beyond-limit": whole("200 OK", b"x" * (LIMIT + 1)),
    "/limit-chunked": chunked(b"x" * LIMIT),
    "/beyond-limit-chunked": chunked(b"x" * (LIMIT + 1)),
    "/mebibyte": whole("200 OK", b"x" * 1024 * 1024),
    "/mebibyte-chunked": chunked(b"x" * 1024 * 1024),
    "/long-line": whole("200 OK", b"", "X: " + "x" * 1024 * 1024),
    "/many-lines": whole("200 OK", b"", *["X-%d: %s" % (i, "x" * 90) for i in range(1000)]),
    "/many-kilobytes-of-lines": whole("200 OK", b"", *["X: " + "x" * 1000] * 70),
    "/many-trailers": head("200 OK", "Transfer-Encoding: chunked") + b"4\r\nbody\r\n0\r\n" +
                      b"".join(b"X-%d: %s\r\n" % (i, b"x" * 90) for i in range(1000)) + b"\r\n",
    "/limit-in-small-chunks": head("200 OK", "Transfer-Encoding: chunked") + b"1\r\nx\r\n" * LIMIT +
                              b"0\r\n\r\n",
    "/chunk-that-is-none": in_chunks(b"zz\r\nbody\r\n0\r\n\r\n"),
    "/chunk-of-minus-one": in_chunks(b"-1\r\nbody\r\n0\r\n\r\n"),
    "/chunk-beyond-64-bits": in_chunks(b"10000000000000004\r\nbody\r\n0\r\n\r\n"),
    "/chunk-of-63-bits": in_chunks(b"7fffffffffffffff\r\n" + b"x" * (LIMIT + 1)),
    "/chunk-without-end": in_chunks(b"4\r\nbodybody\r\n0\r\n\r\n"),
    "/chunk-with-an-extension": in_chunks(b"4;name=value\r\nbody\r\n0\r\n\r\n"),
    "/chunks-and-a-length": head("200 OK", "Content-Length: 2", "Transfer-Encoding: chunked") +
                            b"4\r\nbody\r\n0\r\n\r\n",
    "/huge-length": head("200 OK", "Content-Length: 99999999999999999999") + b"x" * 2 * LIMIT,
    "/switching": head("101 Switching Protocols", "Upgrade: x", "Connection: Upgrade") + b"x" * 100,
    "/not-http": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "/bare": b"<html>no head</html>",
    "/bad-length": head("200 OK", "Content-Length: -5"),
    "/nul-in-head": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "/bad-encoding": whole("200 OK", b"not gzip", "Content-Encoding: gzip"),
}

# Begun, and left; the end of the connection is what matters.
ENDS = {
    "/reset": (b"", abort),
    "/reset-midway": (whole("200 OK", b"x" * 100)[:-50], abort),
    "/closed": (b"", close_with_notice),
    "/closed-without-notice": (b"", close_without_notice),
    "/cut": (whole("200 OK", b"x" * 100)[:-50], close_with_notice),
    "/cut-head": (b"HTTP/1.1 200 OK\r\nConte", close_with_notice),
    "/cut-chunk": (chunked(b"x" * 100)[:-50], close_with_notice),
    "/cut-unframed": (head("200 OK") + b'{"status":', close_without_notice),
    "/unframed": (head("200 OK") + b"until I close", close_with_notice),
    "/silent": (b"", until_closed),
    "/stuck": (whole("200 OK", b"x" * 100)[:-50], until_closed),
    "/drip": (b"", drip),
    "/continued-for-ever": for_ever(b"", head("100 Continue")),
    "/hints-for-ever": for_ever(b"", head("103 Early Hints", "Link: </x>; rel=preload")),
    "/lines-for-ever": for_ever(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
    "/line-for-ever": for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "/status-for-ever": for_ever(b"HTTP/1.1 200 ", b"OK "),
    "/body-for-ever": for_ever(head("200 OK"), b" "),
    "/chunks-for-ever": for_ever(in_chunks(b""), b"1\r\nx\r\n"),
    "/chunk-size-for-ever": for_ever(in_chunks(b""), b"0"),
    "/extension-for-ever": for_ever(in_chunks(b"4;"), b"x"),
    "/trailers-for-ever": for_ever(in_chunks(b"4\r\nbody\r\n0\r\n"), b"X: x\r\n"),
}


def ask_journal(path, journal):
    """/seen/SERVER: what it received. /wait/PATH/N: answered once N requests to it have come. /count/PATH:
    how many have."""
    what, rest = path[1:].split("/", 1)
    if what == "seen":
        return whole("200 OK", journal.seen_by(rest)[:LIMIT])
    if what == "count":
        return whole("200 OK", b"%d" % journal.requests.get("/" + rest, 0))
    target, n = rest.rsplit("/", 1)
    journal.wait_for_request("/" + target, int(n))
    return whole("200 OK")


def with_headers(query):
    """/headers?Name=value&...: with these header lines."""
    lines = ["%s: %s" % pair for pair in urllib.parse.parse_qsl(query)]
    return whole("429 Too Many Requests", b"", *lines)


def serve(name, connection, journal):
    request = read_request(name, connection, journal)
    path, _, query = request.split(b" ")[1].decode("ascii").partition("?")
    journal.note_request(path)

    if path == "/echo":
        connection.sendall(whole("200 OK", request))
    elif path == "/headers":
        connection.sendall(with_headers(query))
    elif path.startswith(("/seen/", "/wait/", "/count/")):
        connection.sendall(ask_journal(path, journal))
    elif path in ENDS:
        begun, end = ENDS[path]
        connection.sendall(begun)
        end(connection)
        return
    else:
        connection.sendall(ANSWERS.get(path) or whole("404 Not Found"))
    # An answer that the client does not read to its end must not turn into a reset of ours.
    close_with_notice(connection)
