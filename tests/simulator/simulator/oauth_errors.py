# SPDX-License-Identifier: MIT
"""The errors of the OAuth host. Source: Yandex ID docs, device flow, code flow and token pages;
descriptions where known from recorded traffic of public clients."""

from .http_message import json_answer


class OAuthError(Exception):
    def __init__(self, error, description, status=400):
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def answer(self):
        return json_answer(self.status, {"error": self.error,
                                         "error_description": self.description})


def invalid_request(description):
    return OAuthError("invalid_request", description)


def invalid_grant(description):
    return OAuthError("invalid_grant", description)
