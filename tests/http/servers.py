# SPDX-License-Identifier: MIT
"""The servers: each a listening socket and a thread per connection."""

import base64
import select
import socket
import ssl
import threading

import answers


class Journal:
    """What arrived where. Whoever asks waits until there is something to tell."""

    def __init__(self):
        self.condition = threading.Condition()
        self.requests = {}  # path -> number
        self.bytes = {}  # server -> bytes of application data, or bytes seen by the proxy
        self.threads = {}  # server -> its connections

    def note_request(self, path):
        with self.condition:
            self.requests[path] = self.requests.get(path, 0) + 1
            self.condition.notify_all()

    def note_bytes(self, server, data):
        with self.condition:
            self.bytes[server] = self.bytes.get(server, b"") + data

    def wait_for_request(self, path, n):
        with self.condition:
            self.condition.wait_for(lambda: self.requests.get(path, 0) >= n)

    def seen_by(self, server):
        """All that a server received, once its connections have ended, but the one that asks."""
        for thread in self.threads.get(server, []):
            if thread is not threading.current_thread():
                thread.join()
        return self.bytes.get(server, b"")


JOURNAL = Journal()


def listen():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


def url(listener, scheme="https"):
    return "%s://127.0.0.1:%d" % (scheme, listener.getsockname()[1])


def guarded(name, serve, connection):
    try:
        serve(name, connection)
    except (OSError, ssl.SSLError):
        pass  # the client has gone, as many tests want it to
    finally:
        try:
            connection.close()
        except OSError:
            pass


def accept(name, listener, serve):
    while True:
        connection, _ = listener.accept()
        thread = threading.Thread(target=guarded, args=(name, serve, connection), daemon=True)
        JOURNAL.threads.setdefault(name, []).append(thread)
        thread.start()


def start_server(name, serve, scheme="https"):
    listener = listen()
    threading.Thread(target=accept, args=(name, listener, serve), daemon=True).start()
    return url(listener, scheme)


def tls_context(files, certificate, adjust=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.path(certificate + ".pem"), files.path(certificate + ".key"))
    if adjust:
        adjust(context)
    return context


def tls_server(files, certificate, adjust=None):
    context = tls_context(files, certificate, adjust)

    def serve(name, connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            answers.serve(name, secure, JOURNAL)

    return start_server(certificate, serve)


def only_tls_1_1(context):
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


def plain(name, connection):
    JOURNAL.note_bytes(name, connection.recv(65536))
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def resetting(name, connection):
    connection.recv(1)
    answers.abort(connection)


def refusing_proxy(name, connection):
    """Fails in the way that its user is called: http://407:password@..."""
    head = answers.read_head(connection)
    JOURNAL.note_bytes(name, head)
    user = proxy_user(head)
    if user == "garbage":
        connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    elif user == "reset":
        answers.abort(connection)
    elif user == "silent":
        answers.until_closed(connection)
    elif user.isdigit():
        connection.sendall(answers.whole(user + " As You Like", b"<html>", "Location: http://x.test/",
                                         'Proxy-Authenticate: Basic realm="x"'))
    # else it just closes


def proxy_user(head):
    """The name in Proxy-Authorization; 403 where there is none."""
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "proxy-authorization":
            return base64.b64decode(value.split(" ")[1]).decode().split(":")[0]
    return "403"


def proxy(name, connection):
    head = answers.read_head(connection)
    JOURNAL.note_bytes(name, head)
    host, port = head.split(b" ")[1].rsplit(b":", 1)
    with socket.create_connection((host.decode(), int(port))) as target:
        # Its header is none of the answer's, also where that may not be longer than 64 KiB.
        connection.sendall(answers.head("200 Connection established", *["X: " + "x" * 90] * 900))
        pass_on(connection, target)


def tls_proxy(files, certificate):
    context = tls_context(files, certificate)

    def serve(name, connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            proxy(name, secure)

    return start_server("tls-proxy", serve)


def pass_on(one, other):
    """Both ways, until either side ends, and then as it ended."""
    try:
        while True:
            for source in select.select([one, other], [], [])[0]:
                data = receive_all(source)
                if not data:
                    return
                (other if source is one else one).sendall(data)
    except OSError:
        answers.abort(one)


def receive_all(source):
    """What is there; TLS may have read ahead of it, which select() does not see."""
    data = source.recv(65536)
    while data and isinstance(source, ssl.SSLSocket) and source.pending():
        data += source.recv(65536)
    return data


KEPT = []  # sockets that nobody accepts from


def refused():
    """A port that is taken, so that nobody else can have it, but does not listen."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    KEPT.append(taken)
    return url(taken)


def deaf():
    """Connections are made, by the kernel, and nothing is ever read."""
    KEPT.append(listen())
    return url(KEPT[-1])


def start(files):
    return {
        "URL_GOOD": tls_server(files, "good"),
        "URL_BY_SYSTEM": tls_server(files, "by-system"),
        "URL_BY_STRANGER": tls_server(files, "by-stranger"),
        "URL_WRONG_HOST": tls_server(files, "wrong-host"),
        "URL_COMMON_NAME": tls_server(files, "common-name"),
        "URL_COMMON_NAME_AND_OTHERS": tls_server(files, "common-name-and-others"),
        "URL_EXPIRED": tls_server(files, "expired"),
        "URL_NOT_YET_VALID": tls_server(files, "not-yet-valid"),
        "URL_SELF_SIGNED": tls_server(files, "self-signed"),
        "URL_TLS_1_1": tls_server(files, "good", only_tls_1_1),
        "URL_PLAIN": start_server("plain", plain, "http"),
        "URL_RESETTING": start_server("resetting", resetting),
        "URL_PROXY": start_server("proxy", proxy, "http"),
        "URL_TLS_PROXY": tls_proxy(files, "good"),
        "URL_TLS_PROXY_BY_STRANGER": tls_proxy(files, "by-stranger"),
        "URL_TLS_PROXY_COMMON_NAME": tls_proxy(files, "common-name"),
        "URL_REFUSING_PROXY": start_server("refusing-proxy", refusing_proxy, "http"),
        "URL_REFUSED": refused(),
        "URL_DEAF": deaf(),
    }
