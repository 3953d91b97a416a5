/* SPDX-License-Identifier: MIT */

/* What went through GLib and json-c is nowhere in our memory once all of it has been freed. */

#include "yadiskctl/import/token-file.h"

#include <sys/random.h>
#include <sys/wait.h>

#include "check.h"
#include "common/harden.h"

/* The test holds what it looks for in this disguise only. */
#define MASK   0x80
#define LENGTH 40

/* Blocks of either size are freed in different ways. */
static const int fillings[] = { 1, 4000 };

static unsigned char wanted[LENGTH];

static void write_file(const char *path, int filling, const char *before, const char *secret,
                       const char *after) {
        FILE *f = fopen(path, "w");

        CHECK(f && fprintf(f, "%s%0*d%s%s", before, filling, 0, secret, after) > 0 &&
              fclose(f) == 0);
}

static _Noreturn void make_up_a_secret(int fd, int filling, const char *rclone, const char *json) {
        unsigned char random[LENGTH];
        char secret[LENGTH + 1] = {};

        CHECK(getrandom(random, LENGTH, 0) == LENGTH);
        for (size_t i = 0; i < LENGTH; i++) {
                secret[i] = (char) ('a' + random[i] % 26);
                random[i] = (unsigned char) secret[i] ^ MASK;
        }
        write_file(rclone, filling,
                   "[d]\ntype = yandex\nclient_id = id\ntoken = {\"refresh_token\":\"", secret,
                   "\"}\n");
        write_file(json, filling, "{\"refresh_token\":\"", secret, "\"}\n");
        CHECK(write(fd, random, LENGTH) == LENGTH);
        _exit(EXIT_SUCCESS);
}

/* Another process does it, whose memory is not searched. */
static void make_files(int filling, const char *rclone, const char *json) {
        int fds[2];
        pid_t pid;

        CHECK(pipe(fds) == 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
                make_up_a_secret(fds[1], filling, rclone, json);
        CHECK(read(fds[0], wanted, LENGTH) == LENGTH);
        CHECK(waitpid(pid, NULL, 0) == pid);
        close(fds[0]);
        close(fds[1]);
}

static bool is_here(const unsigned char *p) {
        for (size_t i = 0; i < LENGTH; i++)
                if ((p[i] ^ MASK) != wanted[i])
                        return false;
        return true;
}

static size_t count_in(const unsigned char *from, const unsigned char *to) {
        size_t n = 0;

        for (; from + LENGTH <= to; from++)
                n += is_here(from);
        return n;
}

/* In everything that can be written to. */
static size_t count(void) {
        FILE *maps = fopen("/proc/self/maps", "r");
        char line[512], rights[5];
        uintptr_t from, to;
        size_t n = 0;

        CHECK(maps);
        while (fgets(line, sizeof(line), maps))
                if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to, rights) == 3 &&
                    strncmp(rights, "rw", 2) == 0)
                        n += count_in((unsigned char *) from, (unsigned char *) to);
        fclose(maps);
        return n;
}

static void nothing_is_left_of(const char *format, const char *path) {
        ImportOptions options = {};
        TokenSource source;
        TokenPair pair;

        CHECK_INT(token_file_read(token_format_find(format), path, &options, &source, &pair),
                  EXIT_STATUS_OK);
        heap_scrub();
        CHECK_INT(count(), 2); /* the source and the pair */

        token_pair_done(&pair);
        token_source_done(&source);
        CHECK_INT(count(), 0);
}

int main(void) {
        char directory[] = "/tmp/test-heap-XXXXXX", rclone[64], json[64];

        CHECK(mkdtemp(directory));
        (void) snprintf(rclone, sizeof(rclone), "%s/rclone.conf", directory);
        (void) snprintf(json, sizeof(json), "%s/token.json", directory);

        harden_heap();
        for (size_t i = 0; i < ELEMENTSOF(fillings); i++) {
                make_files(fillings[i], rclone, json);
                nothing_is_left_of("rclone", rclone);
                nothing_is_left_of("json", json);
        }

        unlink(json);
        unlink(rclone);
        rmdir(directory);
        return EXIT_SUCCESS;
}
