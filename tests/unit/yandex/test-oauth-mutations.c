/* SPDX-License-Identifier: MIT */

/*
 * Good answers, changed byte by byte: nothing crashes, and nothing that is accepted breaks what the
 * header promises. Each run is the same: the seed is fixed.
 */

#include "parse-rig.h"

#define ROUNDS 4000U

static const char *const seeds[] = {
        "{\"access_token\": \"y0_AgAAAABkLm-_\", \"expires_in\": 31535338, \"refresh_token\": "
        "\"1:AbC:dEf\", \"token_type\": \"bearer\", \"scope\": \"login:info cloud_api:disk.read\"}",
        "{\"device_code\": \"0123456789abcdef\", \"expires_in\": 300, \"interval\": 5, "
        "\"user_code\": \"ab12cd34\", \"verification_url\": \"https://ya.ru/device\"}",
        "{\"id\": \"1000034426\", \"login\": \"ivan\", \"psuid\": \"1.AAceCw\"}",
        "{\"status\": \"ok\"}",
        "{\"error\": \"invalid_grant\", \"error_description\": \"Code has expired\"}",
        "{\"error\": \"DiskOperationNotFoundError\", \"description\": \"Operation not found.\"}",
        "{\"error\": \"ForbiddenError\", \"description\": \"Forbidden\"}",
};

static uint32_t state = 20240229;

static uint32_t next_random(void) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
}

/* Changes one to three places: another byte, one more, one less, or a cut. */
static size_t mutate(char *text, size_t length, size_t size) {
        static const char spice[] = "\0\r\n\t \"\\{}[]:,0-eE.u\x1b\x7f\xff\xc2\x80";

        for (unsigned n = 1 + next_random() % 3; n > 0 && length > 0; n--) {
                size_t at = next_random() % length;
                char byte = next_random() % 2 ? spice[next_random() % (sizeof(spice) - 1)]
                                              : (char) next_random();

                switch (next_random() % 8) {
                case 0:
                        memmove(text + at, text + at + 1, length - at - 1);
                        length--;
                        break;
                case 1:
                        if (length == size)
                                break;
                        memmove(text + at + 1, text + at, length - at);
                        text[at] = byte;
                        length++;
                        break;
                case 2:
                        length = next_random() % 16 == 0 ? at : length;
                        break;
                default:
                        text[at] = byte;
                }
        }
        return length;
}

int main(void) {
        static const int statuses[] = { 200, 400, 403, 404 };
        unsigned accepted = 0, refused = 0;
        char text[1024];

        for (unsigned round = 0; round < ROUNDS; round++)
                for (size_t i = 0; i < ELEMENTSOF(seeds); i++) {
                        OauthRequest request = (OauthRequest) (next_random() % _OAUTH_REQUEST_MAX);
                        int status = statuses[next_random() % ELEMENTSOF(statuses)];
                        _cleanup_(oauth_parsed_done) OauthParsed p = {};
                        size_t length = strlen(seeds[i]);

                        memcpy(text, seeds[i], length);
                        length = mutate(text, length, sizeof(text));
                        parse_bytes(request, status, text, length, &p);
                        check_answer(request, status, &p.answer);
                        *(p.answer.r == 0 ? &accepted : &refused) += 1;
                }

        /* Else the changes were too gentle or too rough to show anything. */
        check(accepted > 100 && refused > 100);
        return 0;
}
