/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The service manager's file descriptor store: what is put there outlives the process. Documents go
 * in as sealed memory files. Without a service manager every call does nothing and succeeds. No call
 * waits: where the manager is busy it fails with -EAGAIN, but for a removal, which is made up for.
 */

#include "model/secret.h"

/* Puts the document there under a name of at most 255 characters without ':' or control characters. The
 * message carries the file itself: from here on the kernel holds it, even if we die next. 0 or a negative
 * errno. */
int fdstore_put(const char *name, const Secret *document);

/* An empty secret with room for capacity bytes that is there already: what is appended to it outlives
 * the process from that moment on, and comes back from fdstore_take() as it is then. Without a service
 * manager it is a secret as any other. 0 or a negative errno. */
int fdstore_lend(const char *name, size_t capacity, Secret **ret);

/* Removes what goes by that name, now or as soon as the manager has room: what is left there would come back
 * as if it were news. 0 or a negative errno. */
int fdstore_remove(const char *name);

/* Calls fn for each document handed over at start, and closes the descriptors of all. Once, early in
 * main, before anybody else opens files. 0 or a negative errno. */
int fdstore_take(void (*fn)(const char *name, Secret *document, void *userdata), void *userdata);
