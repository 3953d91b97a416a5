/* SPDX-License-Identifier: MIT */

/* Secrets, where they live and how they end; and the grants made of them. */

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "model-rig.h"
#include "model/grant.h"

/* Whatever gives pages back to the kernel passes here, on its way: were they erased? */
static const char *watched;
static unsigned n_given_back;

int munmap(void *address, size_t length) {
        const char *bytes = address;

        if (watched && bytes <= watched && watched < bytes + length) {
                for (size_t i = 0; i < length; i++)
                        check(bytes[i] == 0);
                n_given_back++;
                watched = NULL;
        }
        return (int) syscall(SYS_munmap, address, length);
}

static void bytes_are_kept_as_they_are(void) {
        _cleanup_(secret_unrefp) Secret *s = secret_of("a\0b", 3), *same = secret_of("a\0b", 3);
        _cleanup_(secret_unrefp) Secret *other = secret_of("a\0c", 3), *shorter = secret("a");

        check_int(secret_length(s), 3);
        check_int(memcmp(secret_string(s), "a\0b", 4), 0);
        check(secret_equal(s, same));
        check(!secret_equal(s, other)); /* the NUL is not the end */
        check(!secret_equal(s, shorter));
        check(!secret_equal(shorter, s));
}

static void nothing_is_a_secret_too(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("");

        check_int(secret_length(s), 0);
        check_str(secret_string(s), "");
        check(!secret_equal(s, NULL));
        check(!secret_equal(NULL, s));
        check(secret_equal(NULL, NULL));
        check_int(secret_length(NULL), 0);
        check(!secret_string(NULL));
        check(!secret_ref(NULL));
        check(!secret_unref(NULL));
}

static void appending_ends_at_the_capacity(void) {
        _cleanup_(secret_unrefp) Secret *s = NULL;

        check_int(secret_new(5, &s), 0);
        check_int(secret_append_string(s, "abc"), 0);
        check_int(secret_append(s, "defg", 3), -E2BIG);
        check_str(secret_string(s), "abc");
        check_int(secret_append(s, "de", 2), 0);
        check_str(secret_string(s), "abcde");
        check_int(secret_append(s, "", 0), 0);
        check_int(secret_append(s, NULL, 0), 0);
        check_int(secret_append(s, "x", 1), -E2BIG);
        check_int(secret_append(s, "x", SIZE_MAX), -E2BIG); /* no sum overflows */
        check_int(secret_length(s), 5);
}

static void any_size_is_followed_by_a_nul(void) {
        static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 65536, 262144 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                _cleanup_(secret_unrefp) Secret *s = NULL;
                _cleanup_free_ char *bytes = malloc(sizes[i] + 1);

                memset(bytes, 'x', sizes[i]);
                check_int(secret_new_from(bytes, sizes[i], &s), 0);
                check_int(secret_length(s), sizes[i]);
                check_int(strlen(secret_string(s)), sizes[i]);
        }
}

static void the_last_reference_erases_it(void) {
        Secret *s = secret("hunter2");

        n_given_back = 0;
        watched = secret_string(s);
        check(secret_ref(s) == s);
        check(!secret_unref(s));
        check_int(n_given_back, 0);
        check_str(secret_string(s), "hunter2");
        check(!secret_unref(s));
        check_int(n_given_back, 1);
}

/* The flags of the mapping that holds the address, from smaps(5). */
static void read_flags(const void *address, char flags[static 256]) {
        unsigned long from, to;
        bool inside = false;
        char line[512];
        FILE *f = fopen("/proc/self/smaps", "re");

        check(f);
        flags[0] = '\0';
        while (fgets(line, sizeof(line), f)) {
                if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
                        inside = (unsigned long) address >= from && (unsigned long) address < to;
                if (inside && strncmp(line, "VmFlags:", 8) == 0)
                        (void) snprintf(flags, 256, "%.200s", line);
        }
        fclose(f);
}

static void it_is_kept_out_of_core_dumps_and_children(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("hunter2");
        char flags[256];
        int status;
        pid_t pid;

        read_flags(secret_string(s), flags);
        check(strstr(flags, " dd"));
        check(strstr(flags, " wf"));

        pid = fork();
        check(pid >= 0);
        if (pid == 0)
                _exit(secret_string(s)[0] == '\0' ? 0 : 1);
        check_int(waitpid(pid, &status, 0), pid);
        check_int(status, 0);
        check_str(secret_string(s), "hunter2");
}

static uintptr_t page_of(const Secret *s) {
        return (uintptr_t) secret_string(s) / (uintptr_t) sysconf(_SC_PAGESIZE);
}

static void short_ones_share_pages(void) {
        Secret *all[200] = {};
        size_t n_pages = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                check_int(secret_new(i, &all[i]), 0);
                for (size_t j = 0; j < i; j++)
                        check_int(secret_append(all[i], &(char){ (char) i }, 1), 0);
                n_pages += i == 0 || page_of(all[i]) != page_of(all[i - 1]);
        }
        check_within(n_pages, 2, 40);

        for (size_t i = 0; i < ELEMENTSOF(all); i += 2)
                all[i] = secret_unref(all[i]);
        for (size_t i = 0; i < ELEMENTSOF(all); i += 2)
                check_int(secret_new_from("x", 1, &all[i]), 0);
        for (size_t i = 1; i < ELEMENTSOF(all); i += 2)
                for (size_t j = 0; j < i; j++)
                        check_int(secret_string(all[i])[j], (char) i);
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                secret_unref(all[i]);
}

static void the_last_one_gives_its_page_back(void) {
        Secret *first = secret("hunter2"), *second = secret("swordfish");

        n_given_back = 0;
        watched = secret_string(first);
        check_int(page_of(first), page_of(second));
        secret_unref(first);
        check_int(watched[0], 0);
        check_int(n_given_back, 0);
        check_str(secret_string(second), "swordfish");
        secret_unref(second);
        check_int(n_given_back, 1);
}

static void a_grant_shares_what_it_is_made_of(void) {
        Secret *access = secret("a"), *refresh = secret("r");
        GrantTimes times = grant_times(1000, 60);
        Grant *g;

        check_int(grant_new(access, refresh, times, 7, &g), 0);
        secret_unref(access);
        secret_unref(refresh);
        check_str(secret_string(g->access_token), "a");
        check_str(secret_string(g->refresh_token), "r");
        check_int(g->generation, 7);
        check_int(g->times.obtained_at, 1000);
        check_int(g->times.expires_at, 1060);
        check(grant_ref(g) == g);
        check(!grant_unref(g));
        check_str(secret_string(g->access_token), "a");
        check(!grant_unref(g));
        check(!grant_unref(NULL));
        check(!grant_ref(NULL));
}

static void a_grant_may_be_without_a_refresh_token(void) {
        _cleanup_(secret_unrefp) Secret *access = secret("a");
        _cleanup_(grant_unrefp) Grant *g = NULL;

        check_int(grant_new(access, NULL, grant_times(1000, 60), 1, &g), 0);
        check(!g->refresh_token);
}

static void what_remains_of_a_grant(void) {
        _cleanup_(secret_unrefp) Secret *access = secret("a");
        _cleanup_(grant_unrefp) Grant *g = NULL, *endless = NULL;

        check_int(grant_new(access, NULL, grant_times(1000, 60), 1, &g), 0);
        check_int(grant_new(access, NULL, grant_times(1000, 0), 1, &endless), 0);
        check_int(grant_remaining(g, 1000), 60);
        check_int(grant_remaining(g, 1059), 1);
        check_int(grant_remaining(g, 1060), 0);
        check_int(grant_remaining(g, INT64_MAX), 0);
        check_int(grant_remaining(g, 0), 1060);
        check_int(grant_remaining(endless, INT64_MAX), INT64_MAX);
}

TEST_MAIN(TEST(bytes_are_kept_as_they_are), TEST(nothing_is_a_secret_too),
          TEST(appending_ends_at_the_capacity), TEST(any_size_is_followed_by_a_nul),
          TEST(the_last_reference_erases_it), TEST(it_is_kept_out_of_core_dumps_and_children),
          TEST(short_ones_share_pages), TEST(the_last_one_gives_its_page_back),
          TEST(a_grant_shares_what_it_is_made_of), TEST(a_grant_may_be_without_a_refresh_token),
          TEST(what_remains_of_a_grant))
