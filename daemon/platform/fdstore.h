/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The file descriptor store of the service manager (sd_pid_notify_with_fds(3)): what is put there
 * outlives the process. Documents are stored as sealed memory files. Without a service manager
 * every call does nothing and succeeds.
 */

#include "model/secret.h"

/* Stores the document under a name of at most 255 characters without ':' or control characters. The
 * message carries the file itself, so from here on the kernel holds it, even if we die next.
 * Returns 0, or a negative errno. */
int fdstore_put(const char *name, const Secret *document);

/* Returns an empty secret with room for capacity bytes that is stored already: what is appended to
 * it outlives the process from that moment on, and fdstore_take() finds as much as was appended.
 * Without a service manager it is an ordinary secret. Returns 0, or a negative errno. */
int fdstore_lend(const char *name, size_t capacity, Secret **ret);

/* Removes everything of that name; what was left behind would look like news at the next start.
 * Returns 0, or a negative errno. */
int fdstore_remove(const char *name);

/* Calls fn for each document handed over at start, and closes all descriptors that were handed
 * over. Must be called once, before other files are opened. Returns 0, or a negative errno. */
int fdstore_take(void (*fn)(const char *name, Secret *document, void *userdata), void *userdata);
