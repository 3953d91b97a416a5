/* SPDX-License-Identifier: MIT */

/* What a user types, or pastes, for a ClientID and a client secret when an application is
 * registered. The two are apart by a NUL. */

#include "common/utf8.h"
#include "fuzz.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/terminal/terminal.h"

static void check_fault(CredentialFault f) {
        check_within(f, FAULT_NONE, _FAULT_MAX - 1);
        check(f == FAULT_NONE || !str_is_empty(credential_fault_sentence(f)));
}

/* The first line of a file. */
static void check_file(const uint8_t *data, size_t size) {
        _cleanup_free_ char *file = fuzz_text(data, size);
        char *secret = NULL;
        int r;

        r = secret_parse(file, size, &secret);
        if (r == 0) {
                check(ascii_is_visible(secret, SECRET_MAX_BYTES));
                check(memmem(data, size, secret, strlen(secret)));
        } else {
                check(r == -ENODATA || r == -EMSGSIZE || r == -EBADMSG);
                check(!secret);
        }
        free(secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *client_id = NULL, *client_secret = NULL;
        CredentialFault of_id, of_secret;
        Input in = { data, size };

        check_file(data, size);
        client_id = input_take_text(&in);
        client_secret = input_take_text(&in);
        of_id = credential_find_client_id_fault(client_id);
        of_secret = credential_find_secret_fault(client_secret, client_id);
        check_fault(of_id);
        check_fault(of_secret);
        if (of_id == FAULT_NONE)
                check(ascii_is_visible(client_id, CLIENT_ID_MAX_BYTES));
        if (of_secret == FAULT_NONE) {
                check(ascii_is_visible(client_secret, SECRET_MAX_BYTES));
                check(!streq(client_id, client_secret));
        }
        check_int(credential_find_fault(client_secret),
                  of_secret == FAULT_SAME ? FAULT_NONE : of_secret);
        return 0;
}
