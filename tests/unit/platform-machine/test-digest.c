/* SPDX-License-Identifier: MIT */

/* SHA-256 as the standard has it, and random bytes. */

#include "check.h"
#include "platform/digest.h"
#include "platform/machine.h"

static void check_digest(const char *text, const char *expected) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        char shown[2 * DIGEST_LENGTH + 1];
        uint8_t digest[DIGEST_LENGTH];

        check_int(secret_new_from(text, strlen(text), &s), 0);
        check_int(digest_sha256(s, digest), 0);
        for (size_t i = 0; i < DIGEST_LENGTH; i++)
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

TEST_MAIN(TEST(the_examples_of_the_standard), TEST(one_after_the_other),
          TEST(random_bytes_fill_all_and_never_repeat))
