/* SPDX-License-Identifier: MIT */
#pragma once

/* JSON that the Disk has answered with. What is missing, is null or has the wrong type reads as
 * absent. Each function takes NULL for a document. What is returned belongs to the document. */

#include <stdint.h>

#include "common/util.h"

typedef struct json_object Document;

/* Parses the whole of an answer; see common/json-text.h for what passes. Behind its end there must
 * be a NUL. Returns 0, or -EBADMSG. */
int document_parse(const char *text, size_t size, Document **ret);

Document *document_free(Document *d);
DEFINE_CLEANUP(Document *, document_free)

/* Return NULL if there is no such object, array or string at key. */
Document *document_object(Document *d, const char *key);
Document *document_array(Document *d, const char *key);
const char *document_string(Document *d, const char *key);

bool document_bool(Document *d, const char *key);

/* A number that is not negative, or -1. What does not fit becomes the largest that does. */
int64_t document_number(Document *d, const char *key);

/* The elements of an array. */
size_t document_length(Document *array);
Document *document_at(Document *array, size_t i);

/* The text of it, on one line. */
const char *document_text(Document *d);
