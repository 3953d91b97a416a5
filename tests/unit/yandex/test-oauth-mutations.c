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

static void check_secret(const Secret *s) {
        const char *bytes = secret_string(s);

        check(secret_length(s) > 0 && secret_length(s) <= 16384);
        for (size_t i = 0; i < secret_length(s); i++)
                check(bytes[i] > ' ' && bytes[i] <= '~');
}

static void check_shown(const char *s, size_t max) {
        check(s && strlen(s) > 0 && strlen(s) <= max);
        for (; *s; s++)
                check(*s >= ' ' && *s <= '~');
}

static void check_token_answer(const OauthToken *t) {
        check_secret(t->access_token);
        if (t->refresh_token)
                check_secret(t->refresh_token);
        for (char *const *scope = t->scopes; scope && *scope; scope++)
                check_shown(*scope, 1024);
}

static void check_device_code_answer(const OauthDeviceCode *d) {
        check_secret(d->device_code);
        check_shown(d->user_code, 64);
        check_shown(d->verification_url, 512);
        check(strncasecmp(d->verification_url, "https://", 8) == 0);
        check(!strchr(d->verification_url, ' '));
        check(d->interval >= 1 && d->interval <= 60);
        check(d->expires_in >= 1 && d->expires_in <= 3600);
}

static void check_identity_answer(const OauthIdentity *i) {
        check_shown(i->uid, 64);
        check(strlen(i->login) > 0 && strlen(i->login) <= 256);
        for (const char *c = i->login; *c; c++)
                check((unsigned char) *c >= ' ' && *c != 0x7f);
}

/* Wherever r = 0, all that was asked for is there and good. */
static void check_answer(OauthRequest request, int status, const OauthAnswer *a) {
        bool is_token = request == OAUTH_TOKEN_DEVICE || request == OAUTH_TOKEN_CODE ||
                        request == OAUTH_TOKEN_REFRESH;

        check(a->r >= 0);
        check((a->r == 0) == (a->reason == NULL));
        check(!!a->token == (a->r == 0 && is_token));
        check(!!a->device_code == (a->r == 0 && request == OAUTH_DEVICE_CODE));
        check(!!a->identity == (a->r == 0 && request == OAUTH_IDENTITY));
        check(a->r != CONDITION_SIGN_IN_NEEDED ||
              (request == OAUTH_TOKEN_REFRESH && status == 400));
        check(status != 400 || a->r != 0 || request == OAUTH_REVOKE || request == OAUTH_REACH);
        check(a->disk == OAUTH_DISK_GRANTED ||
              (a->r == 0 && request == OAUTH_DISK && status == 403));

        if (a->token)
                check_token_answer(a->token);
        if (a->device_code)
                check_device_code_answer(a->device_code);
        if (a->identity)
                check_identity_answer(a->identity);
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
