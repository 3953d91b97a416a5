/* SPDX-License-Identifier: MIT */

#include "yadiskctl/prompt.h"

#include <stdio.h>

#include "common/address.h"
#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/dict.h"
#include "yadiskctl/duration.h"
#include "yadiskctl/json-out.h"
#include "yadiskctl/layout.h"
#include "yadiskctl/letters.h"
#include "yadiskctl/qr.h"

#define INDENT     "    "
#define END_OF_INK "\033[0m"
#define MINUTE     UINT64_C(60)

/* The answer of GetPrompt, which has one of the addresses. */
typedef struct Answer {
        const char *verification_url, *user_code, *authorization_url;
        uint64_t expires_at;
} Answer;

static const DictField fields[] = {
        { "verification_url", "s", offsetof(Answer, verification_url) },
        { "user_code", "s", offsetof(Answer, user_code) },
        { "authorization_url", "s", offsetof(Answer, authorization_url) },
        { "expires_at", "t", offsetof(Answer, expires_at) },
        {},
};

/* What is drawn beside the text. */
typedef struct Drawing {
        Bitmap picture, letters;
        Layout layout;
        const char *ink;
} Drawing;

static void drawing_done(Drawing *d) {
        bitmap_done(&d->letters);
        bitmap_done(&d->picture);
}

ExitStatus prompt_read(sd_bus_message *m, Prompt *ret) {
        Answer answer = {};
        Prompt p;
        int r;

        r = dict_read(m, fields, &answer);
        if (r < 0)
                return bus_explain_answer(r);

        p = (Prompt){ answer.authorization_url, NULL, answer.expires_at };
        if (!p.url) {
                p.url = answer.verification_url;
                p.user_code = answer.user_code;
                if (str_is_empty(p.user_code))
                        return bus_explain_answer(-EBADMSG);
        }
        if (!address_is_of_yandex(p.url))
                return fail(EXIT_STATUS_FAILURE,
                            "The page to open is not an https address of Yandex, so it is not "
                            "shown; check OAuthURL in yadisk-tokend.conf.");

        *ret = p;
        return EXIT_STATUS_OK;
}

static ExitStatus show_event(const Prompt *p) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "event", "prompt");
        json_string(j, p->user_code ? "verification_url" : "authorization_url", p->url);
        if (p->user_code)
                json_string(j, "user_code", p->user_code);
        json_time(j, "expires_at", p->expires_at);
        return json_write(j);
}

/* A window may be so narrow that an address takes several lines. */
static unsigned count_lines(const char *s, unsigned columns) {
        return (unsigned) (strlen(INDENT) + strlen(s) + columns - 1) / columns;
}

/* How it all fits. What cannot be made is not drawn: the text says the same. */
static void arrange(const Prompt *p, const PromptStyle *style, Drawing *d) {
        Material material = { .text_lines = 3, .gaps = 3 };
        Window w;

        window_look(&w);
        material.text_lines += count_lines(p->url, w.columns);
        if (p->user_code)
                material.text_lines += count_lines(p->user_code, w.columns) + 1;

        if (style->picture && w.can_redraw && w.has_blocks && w.ink &&
            qr_make(p->url, &d->picture) == 0) {
                material.picture_columns = d->picture.width;
                material.picture_lines = bitmap_lines(&d->picture);
        }
        if (p->user_code && w.can_redraw && w.has_blocks &&
            letters_make(p->user_code, &d->letters) == 0) {
                material.letters_columns = (unsigned) strlen(INDENT) + d->letters.width;
                material.letters_lines = bitmap_lines(&d->letters);
        }
        d->layout = layout_choose(&w, &material);
        d->ink = w.ink;
}

static void gap(const Drawing *d) {
        if (d->layout.gaps)
                say_gap();
}

static void show_url(const Prompt *p, const Drawing *d) {
        gap(d);
        say("    %s", p->url);
        gap(d);
        if (d->layout.picture) {
                bitmap_print(&d->picture, stdout, d->ink, END_OF_INK);
                gap(d);
        }
}

static void show_code(const Prompt *p, const Drawing *d) {
        say("Then enter this code:");
        gap(d);
        say("    %s", p->user_code);
        if (d->layout.letters) {
                say_gap();
                bitmap_print(&d->letters, stdout, INDENT, "");
        }
}

/* To the minute, or to the second where there are few. 0: not known. */
static uint64_t time_left(const Prompt *p) {
        uint64_t now = moment_now(), left = p->expires_at > now ? p->expires_at - now : 0;

        return left > 2 * MINUTE ? (left + MINUTE / 2) / MINUTE * MINUTE : left;
}

static void show_waiting(const Prompt *p) {
        uint64_t left = time_left(p);
        char span[DURATION_MAX_BYTES];

        say_gap();
        if (left > 0)
                say("The code is valid for %s. Waiting for you; Ctrl-C cancels.",
                    duration_print_span(left, span));
        else
                say("Waiting for you; Ctrl-C cancels.");
}

static void show_device(const Prompt *p, const PromptStyle *style, const Drawing *d) {
        if (d->layout.picture)
                say("Open this page, or scan the picture, and sign in there:");
        else
                say("Open this page and sign in there:");
        show_url(p, d);
        show_code(p, d);
        if (!style->live)
                show_waiting(p);
}

static void show_authorization(const Prompt *p, const Drawing *d) {
        uint64_t left = time_left(p);
        char span[DURATION_MAX_BYTES];

        if (d->layout.picture)
                say("Open this page, or scan the picture, sign in there and allow access:");
        else
                say("Open this page, sign in there and allow access:");
        show_url(p, d);
        if (left > 0)
                say("It then shows a code. You have %s for that; Ctrl-C cancels.",
                    duration_print_span(left, span));
        else
                say("It then shows a code. Ctrl-C cancels.");
        gap(d);
}

ExitStatus prompt_show(const Prompt *p, const PromptStyle *style) {
        _cleanup_(drawing_done) Drawing d = {};

        if (style->json)
                return show_event(p);

        arrange(p, style, &d);
        if (p->user_code)
                show_device(p, style, &d);
        else
                show_authorization(p, &d);
        return output_flush();
}

const char *prompt_find_fault(const char *answer) {
        if (!answer)
                return N_("That is too long for a code; copy it again.");
        if (*answer == '\0')
                return N_("A code is needed; the page shows it as soon as access is allowed.");
        if (!utf8_is_text(answer, SIZE_MAX))
                return N_("That holds characters that are part of no code; copy it again.");
        return NULL;
}
