/* SPDX-License-Identifier: MIT */

/*
 * The files in which other programs keep tokens. The first byte of the input is which program, and
 * whether the user has named a remote or an application.
 */

#include "common/utf8.h"
#include "fuzz.h"
#include "yadiskctl/import/token-file.h"

#define FILE_TIME UINT64_C(1767225600)
#define TIME_LAST UINT64_C(253402300799)

/* What the client says on stderr: it goes nowhere, and is looked at on the way. */
typedef struct Said {
        FILE *real;
        unsigned lines;
        bool is_clean;
} Said;

static ssize_t said_write(void *cookie, const char *data, size_t size) {
        Said *s = cookie;

        for (size_t i = 0; i < size; i++) {
                s->lines += data[i] == '\n';
                s->is_clean = s->is_clean && (data[i] == '\n' || (unsigned char) data[i] >= ' ') &&
                              data[i] != 0x7f;
        }
        return (ssize_t) size;
}

/* From now on. */
static void said_begin(Said *s) {
        *s = (Said){ .real = stderr, .is_clean = true };
        stderr = fopencookie(s, "w", (cookie_io_functions_t){ .write = said_write });
        check(stderr);
}

/* Until now. Nothing in it may be taken for a sequence by a terminal. */
static void said_end(Said *s) {
        FILE *said = stderr;

        stderr = s->real;
        check_int(fclose(said), 0);
        check(s->is_clean);
}

static void check_pair(const TokenPair *p) {
        check(!p->access_token || *p->access_token);
        check(!p->refresh_token || *p->refresh_token);
        check(!p->client_id || *p->client_id);
        check(p->access_token || p->refresh_token);
        check(p->expires_at <= TIME_LAST);
}

/* What is read of a file before it is parsed (token-file.c). */
static bool is_text(const char *text, size_t size) {
        return strlen(text) == size && utf8_is_valid(text) && text[strspn(text, " \t\r\n")];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const formats[] = { "rclone", "ydcmd", "json" };
        Input in = { data, size };
        uint8_t choice = input_take(&in);
        const TokenFormat *format = token_format_find(formats[choice % ELEMENTSOF(formats)]);
        const ImportOptions options = { .remote = choice & 0x10 ? "disk" : NULL,
                                        .client_id = choice & 0x20 ? "id" : NULL };
        _cleanup_(token_source_done) TokenSource source = { .modified = FILE_TIME };
        _cleanup_(token_pair_done) TokenPair pair = {};
        ExitStatus status;
        Said said;

        source.data = fuzz_text(in.at, in.left);
        source.size = in.left;
        check_int(str_replace(&source.name, "\"file\""), 0);
        if (!is_text(source.data, source.size))
                return 0;

        said_begin(&said);
        status = format->parse(&source, &options, &pair);
        said_end(&said);
        check_int(said.lines, status == EXIT_STATUS_OK ? 0 : 1);
        if (status == EXIT_STATUS_OK)
                check_pair(&pair);
        return 0;
}
