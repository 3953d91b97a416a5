# SPDX-License-Identifier: MIT
"""The Yandex Disk API, and a Disk for each user that keeps what is put on it.

    host        one call of the API: the token, its scope, the route
    resources   what the routes do
    transfers   the two hosts that carry the bytes, which want no token
    tree        files and folders: the state, without any HTTP
    answers     resources, links and errors as JSON
"""

from .host import DiskHost

__all__ = ["DiskHost"]
