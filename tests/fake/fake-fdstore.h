/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The descriptor store, replaced at link time: defines every symbol of platform/fdstore.h. Puts and
 * removals are written to the journal. As in the real one, several entries may have one name.
 */

#include "platform/fdstore.h"

void fake_fdstore_reset(void);

/* An entry, as an earlier run left it. */
void fake_fdstore_leave(const char *name, Secret *document);

/* The document of the latest entry of that name, or NULL. */
const char *fake_fdstore_document(const char *name);
unsigned fake_fdstore_count(void);

/* Puts return r until told otherwise. */
void fake_fdstore_refuse(int r);

/* The process has died: what a test still takes apart removes nothing any more. */
void fake_fdstore_die(bool die);
