# SPDX-License-Identifier: MIT
"""What an application may ask for: the rules of scope, device_id and device_name.

Yandex ID docs, device flow: the same rules at /device/code and at /authorize.
"""

from .codes import Asked
from .oauth_errors import OAuthError, invalid_request

DEVICE_ID_LENGTHS = range(6, 51)
DEVICE_NAME_LENGTH = 100


def read_asked(parameters, application):
    scopes, optional = read_scopes(parameters, application)
    return Asked(application.client_id, scopes, optional, *read_device(parameters))


def adopt_device(asked, parameters):
    """A device may be named as late as at the exchange; it is ignored if one was named before."""
    if not asked.device_id:
        asked.device_id, asked.device_name = read_device(parameters)


def read_device(parameters):
    """(device_id, device_name), both "" without a device_id, for a name alone is ignored."""
    device_id = parameters.get("device_id", "")
    if not device_id:
        return "", ""
    if len(device_id) not in DEVICE_ID_LENGTHS:
        raise invalid_request("device_id must be 6 to 50 characters long")
    if not all(32 <= ord(character) <= 126 for character in device_id):
        raise invalid_request("device_id must be printable ASCII")
    device_name = parameters.get("device_name", "")
    if len(device_name) > DEVICE_NAME_LENGTH:
        raise invalid_request("device_name is too long")
    return device_id, device_name


def read_scopes(parameters, application):
    """(required, optional). A scope in both is optional; none at all means every registered one."""
    optional = tuple(dict.fromkeys(parameters.get("optional_scope", "").split()))
    required = tuple(scope for scope in dict.fromkeys(parameters.get("scope", "").split())
                     if scope not in optional)
    if not required and not optional:
        required = application.scopes
    if not set(required + optional) <= set(application.scopes):
        raise OAuthError("invalid_scope", "Posted scope does not match the scope of the client")
    return required, optional
