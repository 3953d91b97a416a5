# SPDX-License-Identifier: MIT
"""The Disk API host, as far as a keeper of tokens meets it: the probe, GET /v1/disk, and the
errors. Error bodies as in recorded traffic of public clients: three keys, the message in Russian.
"""

import hashlib

from .http_message import JSON, server_page, unicode_json_answer

MESSAGES = {
    "UnauthorizedError": (401, "Не авторизован.", "Unauthorized"),
    "ForbiddenError": (403, "Доступ запрещён. Возможно, у приложения недостаточно прав для данного "
                       "действия.", "Forbidden"),
    "DiskUnsupportedUserAccountTypeError": (403, "Тип аккаунта пользователя не поддерживается.",
                                            "User account type is not supported."),
    "DiskNotFoundError": (404, "Не удалось найти запрошенный ресурс.", "Resource not found."),
    "DiskOperationNotFoundError": (404, "Не удалось найти запрошенную операцию.",
                                   "Operation not found."),
}
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
        may_read = "cloud_api:disk.read" in grant.scopes
        return disk_error("DiskNotFoundError" if may_read else "ForbiddenError")

    def _is_spurious(self):
        every = self._knobs.use("spurious_401_every")
        self._good_calls += 1
        return every > 0 and self._good_calls % every == 0

    def _disk(self, request, grant):
        if "cloud_api:disk.info" not in grant.scopes:
            return disk_error("ForbiddenError")
        if self._knobs.use("disk_account") == "unsupported":
            return disk_error("DiskUnsupportedUserAccountTypeError")
        disk = describe(self._world.users[grant.login])
        wanted = request.query_value("fields")
        if wanted:
            disk = {name: disk[name] for name in wanted.split(",") if name in disk}
        return unicode_json_answer(200, disk, JSON_UTF8)


def describe(user):
    revision = 10 ** 15 + int(hashlib.sha256(user.uid.encode()).hexdigest(), 16) % 10 ** 15
    return {
        "max_file_size": 1073741824,
        "paid_max_file_size": 53687091200,
        "total_space": 1104880336896,
        "used_space": 26157681270,
        "trash_size": 5368709121,
        "is_paid": False,
        "reg_time": "2014-05-20T09:15:42+00:00",
        "revision": revision,
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
