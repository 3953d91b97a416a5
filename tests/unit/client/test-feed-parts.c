/* SPDX-License-Identifier: MIT */

/* What the token endpoint makes of a head, of a form, and of what the daemon says. */

#include "common/names.h"
#include "feed/answer.h"
#include "feed/message.h"
#include "shared/sealed.h"

#include "check.h"

#define PORT 23456

/* The form */

static char body[256];

static int read_bytes(const char *data, size_t size, Form *ret) {
        memset(body, 'x', sizeof(body));
        memcpy(body, data, size);
        return form_read(body, size, ret);
}

static Form reads(const char *data) {
        Form f;

        CHECK_INT(read_bytes(data, strlen(data), &f), 0);
        return f;
}

static void refuses(const char *data, size_t size) {
        Form f = { .grant_type = "untouched" };

        CHECK_INT(read_bytes(data, size, &f), -EBADMSG);
        CHECK_STR(f.grant_type, "untouched");
}

#define REFUSES(text) refuses(text, sizeof(text) - 1)

static void forms_are_decoded(void) {
        CHECK_STR(reads("grant_type=refresh_token&refresh_token=abc").refresh_token, "abc");
        CHECK_STR(reads("grant_type=refresh_token&refresh_token=abc").grant_type, "refresh_token");
        CHECK_STR(reads("refresh_token=a%2Bb+c%25").refresh_token, "a+b c%");
        CHECK_STR(reads("refresh%5ftoken=a=b").refresh_token, "a=b");
        CHECK_STR(reads("&&refresh_token=&").refresh_token, "");
        CHECK_STR(reads("refresh_token").refresh_token, "");
        CHECK_STR(reads("client_id=x&refresh_token=abc&client_secret=y").refresh_token, "abc");
        CHECK(!reads("").grant_type);
        CHECK(!reads("=x&Grant_Type=y&grant_type%20=z").grant_type);
}

static void what_is_no_form_is_refused(void) {
        REFUSES("grant_type=a&grant_type=a");
        REFUSES("refresh_token=a&x=y&refresh_token=b");
        REFUSES("refresh_token=a&refresh%5Ftoken");
        REFUSES("x=%");
        REFUSES("x=%4");
        REFUSES("x=%4&5");
        REFUSES("x=%g0");
        REFUSES("%=x");
        REFUSES("x=%00");
        REFUSES("x=\0");
        REFUSES("\0");
        refuses("x=%41", 4); /* what follows the form is not its own */
}

/* The head */

static const Head good = {
        .method = "POST",
        .target = "/token",
        .host = "127.0.0.1:23456",
        .n_hosts = 1,
        .content_type = "application/x-www-form-urlencoded",
        .content_length = "100",
};

static unsigned status_of(Head h) {
        const Refusal *refusal = head_refuse(&h, PORT);

        return refusal ? refusal->status : 0;
}

#define WITH(...)                                                                                  \
        ({                                                                                         \
                Head _h = good;                                                                    \
                Head *h = &_h;                                                                     \
                __VA_ARGS__;                                                                       \
                status_of(_h);                                                                     \
        })

static void heads_are_judged(void) {
        CHECK_INT(status_of(good), 0);
        CHECK_INT(WITH(h->host = "localhost:23456"), 0);
        CHECK_INT(WITH(h->host = "LOCALHOST:23456"), 0);
        CHECK_INT(WITH(h->host = "localhost:23457"), 403);
        CHECK_INT(WITH(h->host = "localhost"), 403);
        CHECK_INT(WITH(h->host = "localhost.example:23456"), 403);
        CHECK_INT(WITH(h->host = "127.0.0.1:234567"), 403);
        CHECK_INT(WITH(h->host = NULL), 403);
        CHECK_INT(WITH(h->n_hosts = 0), 400);
        CHECK_INT(WITH(h->n_hosts = 2), 400);
        CHECK_INT(WITH(h->has_origin = true), 403);
        CHECK_INT(WITH(h->target = "/"), 404);
        CHECK_INT(WITH(h->has_query = true), 404);
        CHECK_INT(WITH(h->method = "GET"), 405);
        CHECK_INT(WITH(h->content_length = NULL), 411);
        CHECK_INT(WITH(h->has_transfer_encoding = true), 411);
        CHECK_INT(WITH(h->content_length = "8192"), 0);
        CHECK_INT(WITH(h->content_length = "8193"), 413);
        CHECK_INT(WITH(h->content_length = "18446744073709551616"), 413);
        CHECK_INT(WITH(h->content_length = "-1"), 413);
        CHECK_INT(WITH(h->content_type = "application/x-www-form-urlencoded;charset=UTF-8"), 0);
        CHECK_INT(WITH(h->content_type = "Application/X-WWW-Form-URLencoded"), 0);
        CHECK_INT(WITH(h->content_type = "application/x-www-form-urlencoded2"), 415);
        CHECK_INT(WITH(h->content_type = NULL), 415);
}

static void only_small_bodies_are_read(void) {
        CHECK(head_promises_small_body(&good));
        CHECK(!head_promises_small_body(&(Head){ .content_length = "8193" }));
        CHECK(!head_promises_small_body(&(Head){}));
        CHECK(!head_promises_small_body(
                &(Head){ .content_length = "1", .has_transfer_encoding = true }));
}

/* The answer */

static AnswerError error_of(const char *name, const char *message) {
        return answer_error_from_bus(&SD_BUS_ERROR_MAKE_CONST(name, message), 0);
}

static unsigned status_of_error(const char *name) {
        AnswerError e = error_of(name, "Do something.");

        CHECK(e.sentence && *e.sentence);
        CHECK_STR(e.error, e.status == 400 ? "invalid_grant" : "temporarily_unavailable");
        return e.status;
}

static void only_a_missing_sign_in_is_final(void) {
        static const char *const final[] = { "NotSignedIn", "SignInNeeded", "NoSuchAccount",
                                             "Ambiguous", "ClientSecretMissing" },
                                 *const passing[] = { "Refused",
                                                      "AppRefused",
                                                      "KeyringLocked",
                                                      "KeyringFailed",
                                                      "KeyringUnavailable",
                                                      "Offline",
                                                      "ServerTrouble",
                                                      "RateLimited",
                                                      "Expired",
                                                      "AccessDenied",
                                                      "Pending",
                                                      "Cancelled",
                                                      "OfTheFuture" };
        char name[128];

        for (size_t i = 0; i < ELEMENTSOF(final); i++) {
                (void) snprintf(name, sizeof(name), TOKENS_ERROR("%s"), final[i]);
                CHECK_INT(status_of_error(name), 400);
        }
        for (size_t i = 0; i < ELEMENTSOF(passing); i++) {
                (void) snprintf(name, sizeof(name), TOKENS_ERROR("%s"), passing[i]);
                CHECK_INT(status_of_error(name), 503);
        }
        CHECK_INT(status_of_error(SD_BUS_ERROR_LIMITS_EXCEEDED), 503);
        CHECK_INT(status_of_error(SD_BUS_ERROR_INVALID_ARGS), 503);
        CHECK_INT(status_of_error(SD_BUS_ERROR_SERVICE_UNKNOWN), 503);
        CHECK_INT(status_of_error(SD_BUS_ERROR_NO_REPLY), 503);
        CHECK_INT(status_of_error(SD_BUS_ERROR_FAILED), 503);
        CHECK_INT(answer_error_from_bus(NULL, -ENOTCONN).status, 503);
        CHECK_INT(answer_error_from_bus(NULL, -ENOMEM).status, 503);
}

static void the_daemon_has_the_word(void) {
        CHECK_STR(error_of(TOKENS_ERROR("KeyringLocked"), "Unlock it.").sentence, "Unlock it.");
        CHECK(strstr(error_of(TOKENS_ERROR("KeyringLocked"), NULL).sentence, "locked"));
        CHECK(strstr(error_of(TOKENS_ERROR("NoSuchAccount"), "It.").sentence, "feed add"));
        CHECK(strstr(error_of(SD_BUS_ERROR_SERVICE_UNKNOWN, "No.").sentence, "doctor"));
        CHECK(strstr(error_of(SD_BUS_ERROR_FAILED, "0x1f").sentence, "journalctl"));
        CHECK(strstr(answer_error_from_bus(NULL, -ENOTCONN).sentence, "doctor"));
}

static void no_life_is_endless(void) {
        CHECK_INT(answer_life(1000, 0, 0), 60);
        CHECK_INT(answer_life(1000, 5000, 4000), 60);
        CHECK_INT(answer_life(1000, 5000, 1059), 59);
        CHECK_INT(answer_life(1000, 1030, 4000), 30);
        CHECK_INT(answer_life(1000, 5000, 1001), 1);
        CHECK_INT(answer_life(1000, 5000, 1000), 1);
        CHECK_INT(answer_life(1000, 5000, 1), 1);
        CHECK_INT(answer_life(1000, 1, 0), 1);
}

static void answers_are_json(void) {
        _cleanup_(secret_freep) char *token = NULL, *error = NULL;

        CHECK_INT(answer_print_token("y0_\"\\/", 60, "yadisk-feed-0", &token), 0);
        CHECK_STR(token,
                  "{\"access_token\":\"y0_\\\"\\\\/\",\"token_type\":\"OAuth\",\"expires_in\":60,"
                  "\"refresh_token\":\"yadisk-feed-0\"}");
        CHECK_INT(answer_print_error(&(AnswerError){ 400, "invalid_grant", "Say \"no\"." }, &error),
                  0);
        CHECK_STR(error, "{\"error\":\"invalid_grant\",\"error_description\":\"Say \\\"no\\\".\"}");
}

int main(void) {
        forms_are_decoded();
        what_is_no_form_is_refused();
        heads_are_judged();
        only_small_bodies_are_read();
        only_a_missing_sign_in_is_final();
        the_daemon_has_the_word();
        no_life_is_endless();
        answers_are_json();
        return EXIT_SUCCESS;
}
