/* SPDX-License-Identifier: MIT */
#pragma once

/* What an application may be allowed to do with a Disk (Yandex ID docs; names as in Yandex's form). */

#include <stddef.h>

/* Permissions that make sense together. An array of them ends with a row without a name. */
typedef struct PermissionSet {
        const char *name;          /* as on the command line */
        const char *summary;       /* for people; to be translated */
        const char *const *scopes; /* ends with NULL */
} PermissionSet;

/* The first is what most people want. */
extern const PermissionSet permission_sets[];

/* The number of them. */
size_t permission_sets_count(void);

/* NULL where there is none of that name. */
const PermissionSet *permission_set_find(const char *name);

/* What the form calls a scope, in Russian and in its quotes; "" for one that is not known. */
const char *permission_form_name(const char *scope);

/* Shows scopes to people, one a line, with what the form calls them. They end with NULL. */
void permission_show(const char *const *scopes);
