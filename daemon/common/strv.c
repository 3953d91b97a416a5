/* SPDX-License-Identifier: MIT */

#include "common/strv.h"

char **strv_free(char **l) {
        if (!l)
                return NULL;

        for (char **i = l; *i; i++)
                free(*i);
        free(l);
        return NULL;
}

size_t strv_length(char *const *l) {
        size_t n = 0;

        while (l && l[n])
                n++;
        return n;
}

bool strv_contains(char *const *l, const char *s) {
        for (; l && *l; l++)
                if (streq(*l, s))
                        return true;
        return false;
}

void strv_remove(char ***l, const char *s) {
        char **kept = *l;

        for (char **i = *l; i && *i; i++)
                if (streq(*i, s))
                        free(*i);
                else
                        *kept++ = *i;
        if (kept)
                *kept = NULL;
        if (kept == *l)
                *l = strv_free(*l);
}

static bool strv_is_subset(char *const *a, char *const *b) {
        for (; a && *a; a++)
                if (!strv_contains(b, *a))
                        return false;
        return true;
}

bool strv_same_set(char *const *a, char *const *b) {
        return strv_is_subset(a, b) && strv_is_subset(b, a);
}

static int strv_extend_n(char ***l, const char *s, size_t length) {
        size_t n = strv_length(*l);
        _cleanup_free_ char *copy = NULL;
        char **grown;

        copy = strndup(s, length);
        if (!copy)
                return -ENOMEM;

        grown = reallocarray(*l, n + 2, sizeof(char *));
        if (!grown)
                return -ENOMEM;

        grown[n] = TAKE_PTR(copy);
        grown[n + 1] = NULL;
        *l = grown;
        return 0;
}

int strv_extend(char ***l, const char *s) {
        return strv_extend_n(l, s, strlen(s));
}

int strv_copy(char *const *l, char ***ret) {
        _cleanup_(strv_freep) char **copy = NULL;
        int r;

        for (; l && *l; l++) {
                r = strv_extend(&copy, *l);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(copy);
        return 0;
}

int strv_split(const char *s, char ***ret) {
        _cleanup_(strv_freep) char **l = NULL;
        int r;

        for (s = str_or_empty(s); *s;) {
                size_t length = strcspn(s, " ");

                if (length > 0) {
                        r = strv_extend_n(&l, s, length);
                        if (r < 0)
                                return r;
                }
                s += length;
                s += strspn(s, " ");
        }

        *ret = TAKE_PTR(l);
        return 0;
}

int strv_join(char *const *l, char **ret) {
        size_t size = 1;
        char *joined, *end;

        for (char *const *i = l; i && *i; i++)
                size += strlen(*i) + 1;

        joined = malloc(size);
        if (!joined)
                return -ENOMEM;

        end = joined;
        for (char *const *i = l; i && *i; i++) {
                if (i != l)
                        *end++ = ' ';
                end = stpcpy(end, *i);
        }
        *end = '\0';

        *ret = joined;
        return 0;
}
