/* SPDX-License-Identifier: MIT */

/*
 * The error codes of oauth.yandex.ru, and what each is as the answer to each request (Yandex ID
 * docs, error tables of the code, device, refresh and token-invalidate pages; statuses and texts
 * from recorded traffic). Only the code counts, never the description.
 *
 * Whatever makes no sense as the answer to a request is the server's trouble, which is passing: a
 * grant is given up for nothing but invalid_grant to a refresh. A sign-in loses nothing if it ends, so a code
 * that is not known ends it at once (RFC 8628, section 3.5).
 */

#include "yandex/oauth-error.h"

#include "common/i18n.h"
#include "yandex/reason.h"

#define PENDING  CONDITION_PENDING
#define DENIED   CONDITION_ACCESS_DENIED
#define EXPIRED  CONDITION_EXPIRED
#define ARGS     CONDITION_INVALID_ARGS
#define REFUSED  CONDITION_APP_REFUSED
#define SIGN_IN  CONDITION_SIGN_IN_NEEDED
#define TROUBLE  CONDITION_SERVER_TROUBLE
#define REQUESTS (OAUTH_REVOKE + 1)

typedef struct OauthErrorRow {
        const char *code;
        int by_request[REQUESTS];
        const char *meaning;
} OauthErrorRow;

/* clang-format off */
static const OauthErrorRow table[] = {
        /*                                 /device/code  device   code     refresh  revoke */
        { "authorization_pending",        { TROUBLE, PENDING, TROUBLE, TROUBLE, TROUBLE },
          N_("the user has not confirmed yet") },
        /* The next three are RFC 8628's; Yandex's pages do not name them. */
        { "slow_down",                    { TROUBLE, PENDING, TROUBLE, TROUBLE, TROUBLE },
          N_("polled too fast") },
        { "access_denied",                { DENIED,  DENIED,  DENIED,  TROUBLE, TROUBLE },
          N_("the user refused") },
        { "expired_token",                { TROUBLE, EXPIRED, EXPIRED, TROUBLE, TROUBLE },
          N_("the code is too old") },
        { "bad_verification_code",        { TROUBLE, EXPIRED, EXPIRED, TROUBLE, TROUBLE },
          N_("that is not a confirmation code") },
        { "invalid_client",               { REFUSED, REFUSED, REFUSED, REFUSED, REFUSED },
          N_("the application is unknown or blocked, or its secret is wrong") },
        { "unauthorized_client",          { REFUSED, REFUSED, REFUSED, REFUSED, REFUSED },
          N_("the application is blocked or awaits moderation") },
        { "invalid_grant",                { TROUBLE, EXPIRED, EXPIRED, SIGN_IN, 0       },
          N_("the code or token is wrong, too old, used up or another application's") },
        { "invalid_scope",                { ARGS,    ARGS,    ARGS,    TROUBLE, TROUBLE },
          N_("the application does not have these permissions") },
        { "unsupported_token_type",       { TROUBLE, TROUBLE, TROUBLE, TROUBLE, 0       },
          N_("a token that was issued without a device id cannot be revoked") },
        /* A bug, of ours or of theirs. */
        { "invalid_request",              { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("a parameter is missing, doubled or malformed") },
        { "unsupported_grant_type",       { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("the kind of grant is not known") },
        { "Basic auth required",          { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("an Authorization header of the wrong kind was sent") },
        { "Malformed Authorization header", { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("an Authorization header was sent that cannot be read") },
};
/* clang-format on */

static bool is_of_sign_in(OauthRequest request) {
        return request == OAUTH_DEVICE_CODE || request == OAUTH_TOKEN_DEVICE ||
               request == OAUTH_TOKEN_CODE;
}

OauthError oauth_error_find(OauthRequest request, const char *code) {
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (streq(table[i].code, code))
                        return (OauthError){
                                .code = table[i].code,
                                .meaning = table[i].meaning,
                                .r = request >= 0 && request < REQUESTS
                                             ? table[i].by_request[request]
                                             : TROUBLE,
                        };

        return (OauthError){
                .meaning = reason_with_name(
                        N_("the server answered with an error that is not known"), code),
                .r = is_of_sign_in(request) && !str_is_empty(code) ? CONDITION_UNKNOWN_REFUSAL
                                                                   : TROUBLE,
        };
}

int oauth_error_condition(OauthRequest request, const char *error) {
        return oauth_error_find(request, error).r;
}
