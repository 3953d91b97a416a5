# SPDX-License-Identifier: MIT
"""The Disk API host, as far as a keeper of tokens meets it: the probe, GET /v1/disk, GET
/v1/disk/resources of a Disk that holds a single file, and the errors. Error bodies as in recorded traffic of public clients: three keys, the message in Russian.
"""

import hashlib

from .http_message import JSON, server_page, unicode_json_answer

MESSAGES = {
    "FieldValidationError": (400, "Ошибка проверки поля.", "Error validating field."),
    "UnauthorizedError": (401, "Не авторизован.", "Unauthorized"),
    "ForbiddenError": (403, "Доступ запрещён. Возможно, у приложения недостаточно прав для данного "
                       "действия.", "Forbidden"),
    "DiskUnsupportedUserAccountTypeError": (403, "Тип аккаунта пользователя не поддерживается.",
                                            "User account type is not supported."),
    "DiskNotFoundError": (404, "Не удалось найти запрошенный ресурс.", "Resource not found."),
    "DiskOperationNotFoundError": (404, "Не удалось найти запрошенную операцию.",
                                   "Operation not found."),
}
# The scope that each kind of path needs; a path without one is of the whole Disk.
SCHEMES = {"disk": "cloud_api:disk.read", "app": "cloud_api:disk.app_folder"}
LIST_LIMIT = 20

JSON_UTF8 = JSON + "; charset=utf-8"


def disk_error(name):
    status, message, description = MESSAGES[name]
    return unicode_json_answer(status, {"message": message, "description": description,
                                        "error": name})


class DiskHost:
    def __init__(self, world, knobs):
        self._world = world
        self._knobs = knobs
        self._good_calls = 0

    def handle(self, request):
        if not request.path.startswith("/v1/"):
            return server_page(404)
        if request.headers.get("accept", "*/*").partition(";")[0] not in ("*/*", JSON):
            return server_page(406)
        grant = self._world.grant_accepted(request.oauth_token())
        if not grant or self._is_spurious():
            return disk_error("UnauthorizedError")
        if request.method != "GET":
            return server_page(405, {"Allow": "GET"})
        if request.path.startswith("/v1/disk/operations/"):
            return disk_error("DiskOperationNotFoundError")
        if request.path == "/v1/disk":
            return self._disk(request, grant)
        if request.path == "/v1/disk/resources":
            return self._resources(request, grant)
        return server_page(404)

    def _is_spurious(self):
        every = self._knobs.use("spurious_401_every")
        self._good_calls += 1
        return every > 0 and self._good_calls % every == 0

    def _refusal(self, grant, scope):
        if scope not in grant.scopes:
            return disk_error("ForbiddenError")
        if self._knobs.use("disk_account") == "unsupported":
            return disk_error("DiskUnsupportedUserAccountTypeError")
        return None

    def _disk(self, request, grant):
        return self._refusal(grant, "cloud_api:disk.info") \
            or selected(request, describe(self._world.users[grant.login]))

    def _resources(self, request, grant):
        scheme, path = split_path(request.query_value("path"))
        limit, offset = (request.query_value(name, str(default))
                         for name, default in (("limit", LIST_LIMIT), ("offset", 0)))
        if scheme not in SCHEMES or not path or not (limit + offset).isdecimal():
            return disk_error("FieldValidationError")
        refusal = self._refusal(grant, SCHEMES[scheme])
        if refusal:
            return refusal
        root = "disk:/Приложения/" + grant.client_id if scheme == "app" else "disk:/"
        found = find(self._world.users[grant.login], root, path, int(limit), int(offset))
        return selected(request, found) if found else disk_error("DiskNotFoundError")


def selected(request, value):
    """All of it, or the fields that are asked for."""
    wanted = request.query_value("fields")
    if wanted:
        value = {name: value[name] for name in wanted.split(",") if name in value}
    return unicode_json_answer(200, value, JSON_UTF8)


def split_path(path):
    """A colon anywhere makes what is before it the scheme."""
    before, colon, after = path.partition(":")
    return (before, after) if colon else ("disk", path)


def find(user, root, path, limit, offset):
    """The folder at the root, or the one file in it; None for anything else."""
    file = resource(user, root.rstrip("/") + "/Мишки.jpg", "file")
    file |= {"size": 1555830, "mime_type": "image/jpeg", "media_type": "image",
             "md5": "4334dc6379c8f95ddf11b9508cfea271",
             "sha256": hashlib.sha256(user.uid.encode()).hexdigest(), "antivirus_status": "clean"}
    if path.strip("/"):
        return file if path.strip("/") == file["name"] else None
    return resource(user, root, "dir") | {"_embedded": {
        "sort": "", "limit": limit, "offset": offset, "total": 1, "path": root,
        "items": [file][offset:offset + limit]}}


def resource(user, path, kind):
    return {
        "type": kind,
        "name": "disk" if path == "disk:/" else path.rpartition("/")[2],
        "path": path,
        "created": "2012-04-04T20:00:00+00:00",
        "modified": "2012-04-04T20:00:00+00:00",
        "resource_id": f"{user.uid}:{hashlib.sha256(path.encode()).hexdigest()}",
        "revision": revision(user),
        "comment_ids": {},
        "exif": {},
    }


def revision(user):
    return 10 ** 15 + int(hashlib.sha256(user.uid.encode()).hexdigest(), 16) % 10 ** 15


def describe(user):
    return {
        "max_file_size": 1073741824,
        "paid_max_file_size": 53687091200,
        "total_space": 1104880336896,
        "used_space": 26157681270,
        "trash_size": 5368709121,
        "is_paid": False,
        "reg_time": "2014-05-20T09:15:42+00:00",
        "revision": revision(user),
        "unlimited_autoupload_enabled": False,
        "is_idm_managed_folder_address_access": False,
        "is_idm_managed_public_access": False,
        "system_folders": {
            "applications": "disk:/Приложения",
            "downloads": "disk:/Загрузки/",
            "photostream": "disk:/Фотокамера/",
            "screenshots": "disk:/Скриншоты/",
        },
        "user": {"uid": user.uid, "login": user.login, "display_name": "Иван Иванов",
                 "country": "ru", "reg_time": "2011-11-03T18:20:14+00:00", "is_child": False},
    }
