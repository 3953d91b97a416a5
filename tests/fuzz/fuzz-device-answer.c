/* SPDX-License-Identifier: MIT */

/* The answer to a request for a device code: what of it is shown to the user. */

#include "common/address.h"
#include "fuzz.h"
#include "parse-rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse_bytes(OAUTH_DEVICE_CODE, 200, data, size, &p);
        check_answer(OAUTH_DEVICE_CODE, 200, &p.answer);
        check(p.answer.lost == (p.answer.r != 0));
        if (p.answer.device_code)
                check(address_is_of_server(p.answer.device_code->verification_url, OAUTH_URL));
        return 0;
}
