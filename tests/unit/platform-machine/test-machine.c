/* SPDX-License-Identifier: MIT */

/* Who the machine is, random numbers, and SHA-256 as the standard has it. */

#include <sys/wait.h>

#include "check.h"
#include "platform/machine.h"

#define UUID   36
#define NOBODY 65534

static void check_digest(const char *text, const char *expected) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        char shown[2 * SHA256_LENGTH + 1];
        uint8_t digest[SHA256_LENGTH];

        check_int(secret_new_from(text, strlen(text), &s), 0);
        check_int(machine_sha256(s, digest), 0);
        for (size_t i = 0; i < SHA256_LENGTH; i++)
                (void) snprintf(shown + 2 * i, 3, "%02x", digest[i]);
        check_str(shown, expected);
}

/* FIPS 180-2, appendix B. */
static void the_examples_of_the_standard(void) {
        check_digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        check_digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* The previous one leaves nothing behind. */
static void one_after_the_other(void) {
        for (unsigned i = 0; i < 3; i++) {
                check_digest("abc",
                             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
                check_digest("",
                             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        }
}

static void random_bytes_fill_all_and_never_repeat(void) {
        uint8_t seen[64][32] = {}, nothing[32] = {};

        for (size_t i = 0; i < ELEMENTSOF(seen); i++) {
                check_int(machine_random_bytes(seen[i], sizeof(seen[i])), 0);
                check(memcmp(seen[i], nothing, sizeof(nothing)) != 0);
                check(memcmp(seen[i] + 24, nothing, 8) != 0);
                for (size_t j = 0; j < i; j++)
                        check(memcmp(seen[i], seen[j], sizeof(seen[i])) != 0);
        }
}

/* The id as another user would have it; "" where it cannot be told. */
static void device_id_of(uid_t uid, char id[static UUID + 1]) {
        int ends[2], status;
        pid_t pid;

        check_int(pipe(ends), 0);
        pid = fork();
        check(pid >= 0);
        if (pid == 0) {
                char *text = NULL;

                if (setuid(uid) < 0 || machine_device_id(&text) < 0)
                        _exit(1);
                _exit(write(ends[1], text, UUID) == UUID ? 0 : 1);
        }
        close(ends[1]);
        memset(id, 0, UUID + 1);
        check(read(ends[0], id, UUID) >= 0);
        close(ends[0]);
        check_int(waitpid(pid, &status, 0), pid);
}

static void a_device_is_a_user_of_a_machine(void) {
        _cleanup_free_ char *id = NULL, *again = NULL;
        char other[UUID + 1];
        int r = machine_device_id(&id);

        if (r < 0) {
                fprintf(stderr, "(no machine-id here)\n");
                return;
        }

        check_int(strlen(id), UUID);
        for (size_t i = 0; i < UUID; i++)
                check(i == 8 || i == 13 || i == 18 || i == 23
                              ? id[i] == '-'
                              : strchr("0123456789abcdef", id[i]) != NULL);
        check_int(machine_device_id(&again), 0);
        check_str(again, id);

        device_id_of(getuid(), other);
        check_str(other, id);
        if (getuid() == 0) {
                device_id_of(NOBODY, other);
                check_int(strlen(other), UUID);
                check(!streq(other, id));
        }
}

static void ids_are_random_and_hosts_have_names(void) {
        _cleanup_free_ char *a = NULL, *b = NULL, *name = NULL;

        check_int(machine_random_id(&a), 0);
        check_int(machine_random_id(&b), 0);
        check_int(strlen(a), 32);
        check_int(strspn(a, "0123456789abcdef"), 32);
        check(!streq(a, b));
        check_int(machine_name(&name), 0);
        check(!str_is_empty(name));
}

TEST_MAIN(TEST(the_examples_of_the_standard), TEST(one_after_the_other),
          TEST(random_bytes_fill_all_and_never_repeat), TEST(a_device_is_a_user_of_a_machine),
          TEST(ids_are_random_and_hosts_have_names))
