/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Reasons are static clauses, so that everybody may keep them and the client can translate them. Some have to name
 * something that others choose, such as an error code that we do not know: it stands in parentheses behind the
 * clause, and i18n_reason() leaves it as it is.
 */

/* "clause (name)", or the clause alone if name is NULL, not printable ASCII, or longer than 128 bytes. What this
 * returns is never freed. There is room for 16 different ones, which is more than Yandex and a proxy have; then
 * it is the clause alone, so that no server can fill our memory. */
const char *reason_with_name(const char *clause, const char *name);
