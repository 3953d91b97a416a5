/* SPDX-License-Identifier: MIT */

/*
 * After a request neither the token in its header nor the one in its form is anywhere in the memory
 * of the process: all that can be written is searched. The marks are only ever written down
 * inverted. malloc() overwrites what is freed, as it does in the daemon.
 */

#include <fcntl.h>
#include <malloc.h>

#include "http-rig.h"

#define MARK_LENGTH 24U

typedef struct Mark {
        unsigned char inverted[MARK_LENGTH];
} Mark;

static Mark mark_new(unsigned seed) {
        Mark mark;

        for (unsigned i = 0; i < MARK_LENGTH; i++) {
                seed = seed * 1103515245 + 12345;
                mark.inverted[i] = (unsigned char) ~('a' + (seed >> 16) % 26);
        }
        return mark;
}

static Secret *mark_secret(const Mark *mark, const char *prefix) {
        Secret *s = NULL;

        check_int(secret_new(strlen(prefix) + MARK_LENGTH, &s), 0);
        check_int(secret_append_string(s, prefix), 0);
        for (unsigned i = 0; i < MARK_LENGTH; i++) {
                char c = (char) ~mark->inverted[i];

                check_int(secret_append(s, &c, 1), 0);
        }
        return s;
}

static bool is_mark(const unsigned char *bytes, const Mark *mark) {
        for (unsigned i = 0; i < MARK_LENGTH; i++)
                if ((bytes[i] ^ mark->inverted[i]) != 0xff)
                        return false;
        return true;
}

static size_t find(const unsigned char *bytes, size_t length, const Mark *mark) {
        size_t n = 0;

        for (size_t i = 0; i + MARK_LENGTH <= length; i++)
                n += is_mark(bytes + i, mark);
        return n;
}

static size_t find_in_range(int memory, uint64_t from, uint64_t to, const Mark *mark) {
        static unsigned char bytes[65536 + MARK_LENGTH];
        size_t n = 0;

        if (from >= (uint64_t) (uintptr_t) bytes - sizeof(bytes) &&
            from < (uint64_t) (uintptr_t) bytes)
                to = MIN_OF(to, (uint64_t) (uintptr_t) bytes);
        for (; from < to; from += 65536) {
                ssize_t k = pread(memory, bytes, MIN_OF(to - from, sizeof(bytes)), (off_t) from);

                if (k > 0)
                        n += find(bytes, (size_t) k, mark);
        }
        explicit_bzero(bytes, sizeof(bytes));
        return n;
}

/* How often the mark is in writable memory. */
static size_t occurrences(const Mark *mark) {
        FILE *maps = fopen("/proc/self/maps", "re");
        int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
        uint64_t from, to;
        char rights[5], line[512];
        size_t n = 0;

        check(maps && memory >= 0);
        while (fgets(line, sizeof(line), maps))
                if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, rights) == 3 &&
                    rights[0] == 'r' && rights[1] == 'w')
                        n += find_in_range(memory, from, to, mark);

        (void) fclose(maps);
        (void) close(memory);
        return n;
}

int main(void) {
        const int perturbs = mallopt(M_PERTURB, 0x55);
        const Mark in_header = mark_new(1), in_form = mark_new(2);
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = {};
        Secret *header = mark_secret(&in_header, "OAuth ");
        Secret *form = mark_secret(&in_form, "refresh_token=");
        const HttpRequest request = { url_of("URL_GOOD", "/ok"), form, header };

        check(perturbs);

        /* The search finds what is there. */
        check(occurrences(&in_header) > 0);
        check(occurrences(&in_form) > 0);

        check_int(http_call_start(rig.http, &request, on_answer, &a, &a.call), 0);
        header = secret_unref(header);
        form = secret_unref(form);
        check(occurrences(&in_header) > 0);
        check(occurrences(&in_form) > 0);

        run_until_answered(&rig, &a);
        check_int(a.answer.r, 0);
        check_int((int64_t) occurrences(&in_header), 0);
        check_int((int64_t) occurrences(&in_form), 0);
        return 0;
}
