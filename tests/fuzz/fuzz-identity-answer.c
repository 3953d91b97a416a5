/* SPDX-License-Identifier: MIT */

/* The answer that says whose a token is, and the one that says that a token is revoked. */

#include "common/utf8.h"
#include "fuzz.h"
#include "parse-rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(oauth_parsed_done) OauthParsed identity = {}, revocation = {};

        parse_bytes(OAUTH_IDENTITY, 200, data, size, &identity);
        check_answer(OAUTH_IDENTITY, 200, &identity.answer);
        if (identity.answer.identity && identity.answer.identity->login)
                check(utf8_is_text(identity.answer.identity->login, 256));

        parse_bytes(OAUTH_REVOKE, 200, data, size, &revocation);
        check_answer(OAUTH_REVOKE, 200, &revocation.answer);
        check(revocation.answer.revocable);
        return 0;
}
