# SPDX-License-Identifier: MIT
"""A simulator of Yandex OAuth, Yandex ID and the Yandex Disk API, for tests.

One process, one thread, one event loop. Every request handler is an ordinary function that runs to
its end without waiting, so each request sees and leaves a whole world, and no lock is needed.

    http_server   bytes in, bytes out: TLS, keep-alive, and ways of answering badly
    hosts         what happens to one request: script, trouble, handler, journal
    oauth pages   the OAuth host: endpoints for programs, pages for people
    login disk    the two hosts that take an access token
    control       the plain HTTP side door for tests
    world codes   users, applications, grants and codes: the state, without any HTTP
    knobs         what a test may turn, and how far
"""
