# SPDX-License-Identifier: MIT
"""What the Disk API says, as JSON. Error bodies as in recorded traffic of public clients: three keys, the
message in Russian."""

import hashlib
import mimetypes
from datetime import datetime, timezone

from ..http_message import JSON, unicode_json_answer
from .tree import FIRST_SIZE, File

ERRORS = {
    "FieldValidationError": (400, "Ошибка проверки поля.", "Error validating field."),
    "UnauthorizedError": (401, "Не авторизован.", "Unauthorized"),
    "ForbiddenError": (403, "Доступ запрещён. Возможно, у приложения недостаточно прав для данного "
                       "действия.", "Forbidden"),
    "DiskUnsupportedUserAccountTypeError": (403, "Тип аккаунта пользователя не поддерживается.",
                                            "User account type is not supported."),
    "DiskNotFoundError": (404, "Не удалось найти запрошенный ресурс.", "Resource not found."),
    "DiskOperationNotFoundError": (404, "Не удалось найти запрошенную операцию.",
                                   "Operation not found."),
    "DiskPathDoesntExistsError": (409, "Указанного пути не существует.",
                                  "Specified path doesn't exists."),
    "DiskPathPointsToExistentDirectoryError": (
        409, "По указанному пути уже существует папка с таким именем.",
        "Specified path points to existent directory."),
    "DiskResourceAlreadyExistsError": (409, "Ресурс уже существует.", "Resource already exists."),
}

# A Disk is not empty: what else is on it, and in its trash.
USED_ELSEWHERE = 26157681270 - FIRST_SIZE
TRASHED_ELSEWHERE = 5368709121

MEDIA_TYPES = ("audio", "image", "text", "video")
JSON_UTF8 = JSON + "; charset=utf-8"


def disk_error(name):
    status, message, description = ERRORS[name]
    return unicode_json_answer(status, {"message": message, "description": description,
                                        "error": name})


def selected(request, value, status=200):
    """All of it, or the fields that are asked for."""
    wanted = request.query_value("fields")
    return unicode_json_answer(status, pick(value, wanted.split(",")) if wanted else value,
                               JSON_UTF8)


def pick(value, paths):
    """What the paths, with dots between names, lead to; in a list, of each item."""
    if isinstance(value, list):
        return [pick(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    wanted = {}
    for path in paths:
        name, _, rest = path.partition(".")
        wanted.setdefault(name, []).append(rest)
    return {name: value[name] if "" in rests else pick(value[name], rests)
            for name, rests in wanted.items() if name in value}


def link(href, method="GET", **more):
    return {"href": href, "method": method, "templated": False, **more}


def moment(seconds):
    return datetime.fromtimestamp(int(seconds), timezone.utc).isoformat()


def describe_resource(user, node):
    shown = {
        "type": "file" if isinstance(node, File) else "dir",
        "name": node.name if node.parent else node.name.partition(":")[0],
        "path": node.path,
        "created": moment(node.created),
        "modified": moment(node.modified),
        "resource_id": f"{user.uid}:{node.id}",
        "revision": int(node.modified * 10 ** 6),
        "comment_ids": {},
        "exif": {},
    }
    if node.properties:
        shown["custom_properties"] = node.properties
    if node.trashed:
        shown |= node.trashed | {"deleted": moment(node.trashed["deleted"])}
    return shown | (describe_content(node) if isinstance(node, File) else {})


def describe_content(file):
    mime_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    major = mime_type.partition("/")[0]
    return {"size": file.size, "mime_type": mime_type,
            "media_type": major if major in MEDIA_TYPES else "data",
            "md5": file.md5, "sha256": file.sha256, "antivirus_status": "clean"}


def describe_disk(user, tree):
    first_revision = 10 ** 15 + int(hashlib.sha256(user.uid.encode()).hexdigest(), 16) % 10 ** 14
    return {
        "max_file_size": 1073741824,
        "paid_max_file_size": 53687091200,
        "total_space": 1104880336896,
        "used_space": USED_ELSEWHERE + tree.disk.size + tree.trash.size,
        "trash_size": TRASHED_ELSEWHERE + tree.trash.size,
        "is_paid": False,
        "reg_time": "2014-05-20T09:15:42+00:00",
        "revision": first_revision + tree.changes,
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
