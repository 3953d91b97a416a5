/* SPDX-License-Identifier: MIT */

#include "yadiskctl/prompt.h"

#include "common/address.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/dict.h"
#include "yadiskctl/duration.h"
#include "yadiskctl/json-out.h"
#include "yadiskctl/text.h"

static const DictField fields[] = {
        { "verification_url", "s", offsetof(Prompt, verification_url) },
        { "user_code", "s", offsetof(Prompt, user_code) },
        { "expires_at", "t", offsetof(Prompt, expires_at) },
        {},
};

ExitStatus prompt_read(sd_bus_message *m, Prompt *ret) {
        Prompt p = {};
        int r;

        r = dict_read(m, fields, &p);
        if (r < 0)
                return bus_explain_answer(r);
        if (str_is_empty(p.user_code))
                return bus_explain_answer(-EBADMSG);
        if (!address_is_of_yandex(p.verification_url))
                return fail(
                        EXIT_STATUS_FAILURE,
                        "The page to open is not an https address of Yandex, so it is not shown; "
                        "check OAuthURL in yadisk-tokend.conf.");

        *ret = p;
        return EXIT_STATUS_OK;
}

static ExitStatus show_event(const Prompt *p) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "event", "prompt");
        json_string(j, "verification_url", p->verification_url);
        json_string(j, "user_code", p->user_code);
        json_time(j, "expires_at", p->expires_at);
        return json_write(j);
}

ExitStatus prompt_show(const Prompt *p, bool json) {
        uint64_t now = moment_now();
        char span[DURATION_MAX_BYTES];

        if (json)
                return show_event(p);

        say("Open this page and sign in there:");
        say_gap();
        say("    %s", p->verification_url);
        say_gap();
        say("Then enter this code:");
        say_gap();
        say("    %s", p->user_code);
        say_gap();
        if (p->expires_at > now)
                say("The code is valid for %s. Waiting for you; Ctrl-C cancels.",
                    duration_print_span(p->expires_at - now, span));
        else
                say("Waiting for you; Ctrl-C cancels.");
        return output_flush();
}
