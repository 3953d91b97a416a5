/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where the bytes of secrets live: pages of their own, which are not swapped out, not in a core
 * dump, and empty in a child. All three are hardening: if a limit forbids locking, a token that may
 * be swapped out is better than none. Short secrets share pages with each other, since the limit of
 * what may be locked would else be reached by five hundred accounts.
 *
 * The fuzzers replace this at link time, since the kernel takes longer to give pages than a parser
 * takes to read a text.
 */

#include <stddef.h>

/* Gives at least size bytes, all zero. They are private if fd is -1; else they are those of that
 * memory file, which is made as long. *ret_mapped is how many there are. Returns 0 or a negative
 * errno. */
int secret_memory_map(size_t size, int fd, char **ret_bytes, size_t *ret_mapped);

/* The caller has erased them. */
void secret_memory_unmap(char *bytes, size_t mapped);
