/* SPDX-License-Identifier: MIT */

/* yadiskctl token: prints an access token. It arrives in a sealed memfd and is written past stdio,
 * so that no copy stays. */

#include "common/harden.h"
#include "common/i18n.h"
#include "shared/token-answer.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/snapshot.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/json-out.h"

#define HEADER_PREFIX "Authorization: OAuth "

const Option token_options[] = {
        { "min-valid", "TIME", N_("How long the token must still be valid: 90, 5min, 2h") },
        { "force", NULL, N_("Renew the token first, whatever its age") },
        { "header", NULL, N_("Print a line for an HTTP request: Authorization: OAuth …") },
        {},
};

static ExitStatus token_read_min_valid(const char *text, uint32_t *ret) {
        int r = duration_parse(text, ret);

        if (r == -ERANGE)
                return fail_usage("\"%s\" is too long; --min-valid takes up to 2^32-1 seconds.",
                                  text);
        if (r < 0)
                return fail_usage("\"%s\" is not a span of time; --min-valid takes one such as 90, "
                                  "5min or 2h.",
                                  text);
        return EXIT_STATUS_OK;
}

static ExitStatus token_make_call(const Command *c, sd_bus *bus, uint32_t min_valid,
                                  sd_bus_message **ret) {
        ExitStatus s;
        int r;

        s = bus_new_call(bus, NULL, ret, "GetTokenFD", "s", str_or_empty(command_argument(c, 0)));
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_open_container(*ret, 'a', "{sv}");
        if (r >= 0 && command_option(c, "min-valid"))
                r = sd_bus_message_append(*ret, "{sv}", "min_valid", "u", min_valid);
        if (r >= 0 && command_option(c, "force"))
                r = sd_bus_message_append(*ret, "{sv}", "force", "b", 1);
        if (r >= 0)
                r = sd_bus_message_close_container(*ret);
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

static ExitStatus token_print_json(sd_bus *bus, const TokenAnswer *t) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(json_freep) Json *j = json_new();
        const Account *account;
        ExitStatus s;

        s = snapshot_read(bus, &snapshot);
        if (s == EXIT_STATUS_OK)
                s = snapshot_expect(&snapshot, t->account, &account);
        if (s != EXIT_STATUS_OK)
                return s;

        json_string(j, "access_token", t->token);
        json_time(j, "expires_at", t->expires_at);
        json_unsigned(j, "generation", t->generation);
        json_string(j, "token_type", "OAuth");
        json_string(j, "account", account->id);
        json_string(j, "label", account->label);
        json_string(j, "login", account->login);
        return json_write(j);
}

static ExitStatus token_print_line(TokenAnswer *t) {
        size_t length = strlen(t->token);
        ExitStatus s;

        t->token[length] = '\n'; /* so that one write is enough; secret_free() needs the NUL */
        s = output_write(t->token, length + 1);
        t->token[length] = '\0';
        return s;
}

ExitStatus verb_token(const Command *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(secret_freep) char *token = NULL;
        const char *time = command_option(c, "min-valid"), *header = command_option(c, "header");
        ExitStatus s = EXIT_STATUS_OK;
        uint32_t min_valid = 0;
        TokenAnswer answer;
        int r;

        if (header && c->json)
                return fail_usage("--header and --json exclude each other; leave one of them out.");
        if (time)
                s = token_read_min_valid(time, &min_valid);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = token_make_call(c, bus, min_valid, &call);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        memory_hide();
        r = token_answer_read(reply, header ? HEADER_PREFIX : "", &answer);
        if (r < 0)
                return bus_explain_answer(r);
        token = answer.token; /* erased at the end */
        return c->json ? token_print_json(bus, &answer) : token_print_line(&answer);
}
