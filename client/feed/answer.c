/* SPDX-License-Identifier: MIT */

#include "feed/answer.h"

#include <json-c/json.h>

#include "common/condition.h"
#include "shared/sealed.h"
#include "shared/session-bus.h"

/*
 * If the account cannot be served before the user has signed in (again), that is final. Everything
 * else passes without the user, or goes on where it stopped when the user has helped. That includes
 * a refused application: its tokens are kept, since Yandex has taken such refusals back, and a
 * program that takes the answer for final would tell its user to make the remote anew.
 */
static bool answer_is_final(int condition) {
        ExitStatus status = condition_exit_status(condition);

        return status == EXIT_STATUS_NO_ACCOUNT || status == EXIT_STATUS_SIGN_IN_NEEDED;
}

static const char *answer_sentence(const sd_bus_error *error, int r, int condition) {
        if (bus_error_is_unreachable(error, r))
                return "yadisk-tokend is not reachable; run \"yadiskctl doctor\" to see why.";
        /* The next sign-in will make another account. */
        if (condition_exit_status(condition) == EXIT_STATUS_NO_ACCOUNT)
                return "The account of this feed is not signed in any more; run \"yadiskctl "
                       "login\", "
                       "then \"yadiskctl feed add\" to make the feed anew.";
        if (condition_is_valid(condition) && !str_is_empty(error->message))
                return error->message;
        return condition_sentence(condition);
}

AnswerError answer_error_from_bus(const sd_bus_error *error, int r) {
        int condition = sd_bus_error_is_set(error) ? condition_from_bus_name(error->name) : r;
        bool is_final = answer_is_final(condition);

        return (AnswerError){
                .status = is_final ? 400 : 503,
                .error = is_final ? "invalid_grant" : "temporarily_unavailable",
                .sentence = answer_sentence(error, r, condition),
        };
}

uint32_t answer_life(uint64_t now, uint64_t expires_at, uint64_t next_refresh_at) {
        uint64_t end = now + ANSWER_LIFE_MAX;

        if (expires_at > 0)
                end = MIN_OF(end, expires_at);
        if (next_refresh_at > 0)
                end = MIN_OF(end, next_refresh_at);
        return end > now ? (uint32_t) (end - now) : 1;
}

static int answer_add(json_object *o, const char *key, json_object *value) {
        if (value && json_object_object_add(o, key, value) == 0)
                return 0;
        (void) json_object_put(value);
        return -ENOMEM;
}

/* Erases the text in the object as well. */
static int answer_print(json_object *o, char **ret) {
        const char *text = json_object_to_json_string_ext(
                o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        char *copy = text ? strdup(text) : NULL;

        if (text)
                explicit_bzero((char *) text, strlen(text));
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

static void answer_put(json_object **o) {
        (void) json_object_put(*o);
}

int answer_print_token(const char *token, uint32_t life, const char *handle, char **ret) {
        _cleanup_(answer_put) json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = answer_add(o, "access_token", json_object_new_string(token));
        if (r >= 0)
                r = answer_add(o, "token_type", json_object_new_string("OAuth"));
        if (r >= 0)
                r = answer_add(o, "expires_in", json_object_new_int64(life));
        if (r >= 0)
                r = answer_add(o, "refresh_token", json_object_new_string(handle));
        return r < 0 ? r : answer_print(o, ret);
}

int answer_print_error(const AnswerError *e, char **ret) {
        _cleanup_(answer_put) json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = answer_add(o, "error", json_object_new_string(e->error));
        if (r >= 0)
                r = answer_add(o, "error_description", json_object_new_string(e->sentence));
        return r < 0 ? r : answer_print(o, ret);
}
