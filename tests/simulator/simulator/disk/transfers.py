# SPDX-License-Identifier: MIT
"""The uploader and the downloader: who knows an address may use it, and a token has no business there.

Some programs show them their token all the same (rclone does, at each transfer), which the real hosts put up
with; so the request only gets a note in the journal.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from ..http_message import Answer, server_page
from .tree import Folder, Refused, Tree

UPLOADER, DOWNLOADER = "https://uploader1.disk.yandex.net:443", "https://downloader.disk.yandex.ru"
UPLOADS, DOWNLOADS = "/upload-target/", "/disk/"
NOTE = "a token at the host of transfers"

# From the names that the API has in the world follow those of the hosts of transfers. Without them, the address
# that the client knows the simulator by is as good for everything.
API_NAMES = ("cloud-api.yandex.net", "cloud-api.yandex.com")


@dataclass
class Upload:
    tree: Tree
    root: Folder
    parts: list
    overwrite: bool
    operation: object


class Transfers:
    def __init__(self):
        self._uploads = {}
        self._downloads = {}

    def new_upload(self, request, upload):
        key = secrets.token_hex(16)
        self._uploads[key] = upload
        return origin(request, UPLOADER) + UPLOADS + key

    def new_download(self, request, file):
        key = secrets.token_hex(32)
        self._downloads[key] = file.content
        query = urlencode({"filename": file.name, "disposition": "attachment", "etag": file.md5})
        return f"{origin(request, DOWNLOADER)}{DOWNLOADS}{key}?{query}"

    def handle(self, request):
        """None if this request is not theirs."""
        for prefix, method, act in ((UPLOADS, "PUT", self._upload),
                                    (DOWNLOADS, "GET", self._download)):
            if request.path.startswith(prefix):
                if "authorization" in request.headers:
                    request.notes.append(NOTE)
                if request.method != method:
                    return server_page(405, {"Allow": method})
                return act(request, request.path.removeprefix(prefix))
        return None

    def _upload(self, request, key):
        upload = self._uploads.pop(key, None)
        if not upload:
            return server_page(404)
        try:
            upload.tree.upload(upload.root, upload.parts, upload.overwrite, request.body)
        except Refused:
            return Answer(409)
        upload.operation.finish()
        return Answer(201)

    def _download(self, request, key):
        if key not in self._downloads:
            return server_page(404)
        return part_of(self._downloads[key], request.headers.get("range", ""))


def origin(request, name):
    is_world = request.headers.get("host", "").partition(":")[0] in API_NAMES
    return name if is_world else request.origin()


def part_of(content, wanted):
    """All of it, or one range of bytes (RFC 9110 section 14)."""
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if not asked or not any(asked.groups()):
        return Answer(200, content, "application/octet-stream", {"Accept-Ranges": "bytes"})
    size = len(content)
    if asked[1]:
        first, end = int(asked[1]), min(int(asked[2] or size), size - 1) + 1
    else:
        first, end = max(size - int(asked[2]), 0), size
    if first >= end:
        return server_page(416, {"Content-Range": f"bytes */{size}"})
    return Answer(206, content[first:end], "application/octet-stream",
                  {"Content-Range": f"bytes {first}-{end - 1}/{size}"})
