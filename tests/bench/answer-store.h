/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Keeps what a server has answered in the default keyring, as one item, by a session that is
 * encrypted and open already. The way "once" is one call of libsecret; "looking" makes the calls
 * that the daemon makes, which looks before a request whether the keyring is open, and before it
 * writes, in which collections the item is. A failure ends the program.
 */

#include <stddef.h>

typedef struct AnswerStore AnswerStore;

AnswerStore *answer_store_new(const char *way);
void answer_store_free(AnswerStore *s);

/* Before a request. */
void answer_store_look(const AnswerStore *s);
void answer_store_keep(const AnswerStore *s, const char *answer, size_t size);
