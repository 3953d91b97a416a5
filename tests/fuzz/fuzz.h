/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the fuzzers share. Each is a program with libFuzzer (clang.llvm.org/docs/LibFuzzer.html),
 * which calls LLVMFuzzerTestOneInput() with whatever leads to code that was not run before. A fact
 * that does not hold ends it (check.h), as does what the sanitizers find.
 *
 * An input alone decides what happens, so that it can be replayed: nothing stays from one to the
 * next.
 */

#include "check.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy that ends in a NUL right behind the last byte, where AddressSanitizer sees the next one.
 * The caller frees. */
static inline char *fuzz_text(const void *data, size_t size) {
        char *text = malloc(size + 1);

        check(text);
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}

/* The input, from which values are taken as long as there are any. */
typedef struct Input {
        const uint8_t *at;
        size_t left;
} Input;

static inline uint8_t input_take(Input *in) {
        if (in->left == 0)
                return 0;
        in->left--;
        return *in->at++;
}

static inline uint64_t input_take_number(Input *in, size_t bytes) {
        uint64_t n = 0;

        while (bytes-- > 0)
                n = n << 8 | input_take(in);
        return n;
}

/* What comes before the next NUL, or all that is left. The caller frees. */
static inline char *input_take_text(Input *in) {
        size_t n = strnlen((const char *) in->at, in->left);
        char *text = fuzz_text(in->at, n);

        in->at += n < in->left ? n + 1 : n;
        in->left -= n < in->left ? n + 1 : n;
        return text;
}

/* Whether nothing was written there since fuzz_fill(). */
static inline void fuzz_fill(void *p, size_t size) {
        memset(p, 0xa5, size);
}

static inline bool fuzz_is_untouched(const void *p, size_t size) {
        const unsigned char *bytes = p;

        for (size_t i = 0; i < size; i++)
                if (bytes[i] != 0xa5)
                        return false;
        return true;
}
