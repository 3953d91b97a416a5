/* SPDX-License-Identifier: MIT */

/* PKCE, by the example of its RFC. */

#include "check.h"
#include "keeper/sign-in/pkce.h"

#define RUNS 64U

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* RFC 7636, appendix B. */
static void the_example_of_the_rfc(void) {
        static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        _cleanup_(secret_unrefp) Secret *s = NULL;
        char challenge[PKCE_LENGTH + 1];

        check_int(secret_new_from(verifier, strlen(verifier), &s), 0);
        check_int(pkce_challenge(s, challenge), 0);
        check_str(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

/* Of the last character only four bits are random: that is where a wrong end would show. */
static void random_words_are_unreserved_and_differ(void) {
        Secret *seen[RUNS] = {};

        for (unsigned i = 0; i < RUNS; i++) {
                check_int(pkce_random(&seen[i]), 0);
                check_int(secret_length(seen[i]), PKCE_LENGTH);
                check_int(strspn(secret_string(seen[i]), alphabet), PKCE_LENGTH);
                check(strchr("AEIMQUYcgkosw048", secret_string(seen[i])[PKCE_LENGTH - 1]));
                for (unsigned j = 0; j < i; j++)
                        check(!secret_equal(seen[i], seen[j]));
        }
        for (unsigned i = 0; i < RUNS; i++)
                secret_unref(seen[i]);
}

TEST_MAIN(TEST(the_example_of_the_rfc), TEST(random_words_are_unreserved_and_differ))
