/* SPDX-License-Identifier: MIT */

#include "yandex/http-memory.h"

#include <malloc.h>

#include "common/util.h"

static void erase_and_free(void *p) {
        if (p)
                explicit_bzero(p, malloc_usable_size(p));
        free(p);
}

/* The plain one would leave the old bytes behind when it moves them. */
static void *erasing_realloc(void *p, size_t size) {
        size_t old_size = p ? malloc_usable_size(p) : 0;
        void *moved;

        if (p && size <= old_size)
                return p;

        moved = malloc(size);
        if (!moved)
                return NULL;

        if (p)
                memcpy(moved, p, old_size);
        erase_and_free(p);
        return moved;
}

CURLcode http_memory_init(void) {
        return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, erase_and_free, erasing_realloc,
                                    strdup, calloc);
}

void http_memory_give_back(void) {
        (void) malloc_trim(0);
}
