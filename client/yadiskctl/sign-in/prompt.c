/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/prompt.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

#include "common/address.h"
#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/sign-in/picture.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/text.h"

#define INDENT "    "
#define MINUTE UINT64_C(60)

/* A text beside the picture is hard to read if it is narrower. */
#define SIDE_MIN 24U

/* The answer of GetPrompt, which has one of the two addresses. */
typedef struct PromptAnswer {
        const char *verification_url, *user_code, *authorization_url;
        uint64_t expires_at;
} PromptAnswer;

static const DictField answer_fields[] = {
        { "verification_url", "s", offsetof(PromptAnswer, verification_url) },
        { "user_code", "s", offsetof(PromptAnswer, user_code) },
        { "authorization_url", "s", offsetof(PromptAnswer, authorization_url) },
        { "expires_at", "t", offsetof(PromptAnswer, expires_at) },
        {},
};

/* What is said. The strings are those of the prompt, of the catalogue, or in the buffer. */
typedef struct PromptText {
        const char *heading, *heading_of_picture, *url;
        const char *tail;
        const char *code; /* or NULL */
        char buffer[256];
} PromptText;

/* What is drawn, and where. */
typedef struct PromptDrawing {
        Bitmap picture, letters;
        Layout layout;
        Window window;
} PromptDrawing;

static void prompt_drawing_done(PromptDrawing *d) {
        bitmap_done(&d->letters);
        bitmap_done(&d->picture);
}

ExitStatus prompt_read(sd_bus_message *m, Prompt *ret) {
        PromptAnswer answer = {};
        Prompt p;
        int r;

        r = dict_read(m, answer_fields, &answer);
        if (r < 0)
                return bus_explain_answer(r);

        p = (Prompt){ answer.authorization_url, NULL, answer.expires_at };
        if (!p.url) {
                p.url = answer.verification_url;
                p.user_code = answer.user_code;
                if (str_is_empty(p.user_code))
                        return bus_explain_answer(-EBADMSG);
        }
        if (!address_may_be_opened(p.url))
                return fail(EXIT_STATUS_FAILURE,
                            "The page to open is not an https address of Yandex, so it is not "
                            "shown; check OAuthURL in yadisk-tokend.conf.");

        *ret = p;
        return EXIT_STATUS_OK;
}

static ExitStatus prompt_show_event(const Prompt *p) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "event", "prompt");
        json_string(j, p->user_code ? "verification_url" : "authorization_url", p->url);
        if (p->user_code)
                json_string(j, "user_code", p->user_code);
        json_time(j, "expires_at", p->expires_at);
        return json_write(j);
}

/* In seconds, rounded to the minute if there are more than two; 0 if it is not known. */
static uint64_t prompt_time_left(const Prompt *p) {
        uint64_t now = time_now(), left = p->expires_at > now ? p->expires_at - now : 0;

        return left > 2 * MINUTE ? (left + MINUTE / 2) / MINUTE * MINUTE : left;
}

static void prompt_word(const Prompt *p, PromptText *ret) {
        uint64_t left = prompt_time_left(p);
        char span[DURATION_MAX_BYTES];

        if (p->user_code) {
                *ret = (PromptText){
                        .heading = _("Open this page and sign in there:"),
                        .heading_of_picture =
                                _("Open this page, or scan the picture, and sign in there:"),
                        .url = p->url,
                        .tail = _("Then enter this code:"),
                        .code = p->user_code,
                };
                return;
        }

        *ret = (PromptText){
                .heading = _("Open this page, sign in there and allow access:"),
                .heading_of_picture =
                        _("Open this page, or scan the picture, sign in there and allow access:"),
                .url = p->url,
                .tail = _("It then shows a code. Ctrl-C cancels."),
        };
        if (left == 0)
                return;
        (void) snprintf(ret->buffer, sizeof(ret->buffer),
                        _("It then shows a code. You have %s for that; Ctrl-C cancels."),
                        duration_print_span(left, span));
        ret->tail = ret->buffer;
}

static unsigned prompt_count_lines(const char *s, unsigned columns, unsigned indent) {
        return paragraph_lines(s, (Measure){ columns - MIN_OF(indent, columns - 1), 0 });
}

/* The text in a column beside the picture. The terminal need not break any line of it, so that the
 * address stays in one piece. */
static void prompt_measure_side(const PromptText *t, LayoutContent *m) {
        size_t code = text_columns(str_or_empty(t->code)), url = text_columns(t->url);
        Measure side;

        m->side_columns = MAX_OF(MAX_OF((unsigned) url, (unsigned) code), SIDE_MIN);
        side = (Measure){ .columns = m->side_columns };
        m->side_lines = paragraph_lines(t->heading_of_picture, side) +
                        paragraph_lines(t->tail, side) + (t->code ? 6 : 4);
}

/* Decides what is drawn. If a picture cannot be made, it is left out: the text says the same. */
static void prompt_arrange(const PromptText *t, bool with_picture, PromptDrawing *d) {
        LayoutContent content = { .gaps = 3 };
        Window *w = &d->window;

        window_look(w);
        content.text_lines = prompt_count_lines(t->heading_of_picture, w->columns, 0) +
                             prompt_count_lines(t->url, w->columns, strlen(INDENT)) +
                             prompt_count_lines(t->tail, w->columns, 0) + 1;
        if (t->code)
                content.text_lines += prompt_count_lines(t->code, w->columns, strlen(INDENT)) + 1;
        prompt_measure_side(t, &content);

        if (with_picture && w->can_redraw && w->ink && qr_make(t->url, &d->picture) == 0)
                content.picture_dots = d->picture.width;
        if (t->code && w->can_redraw && w->has_blocks && letters_make(t->code, &d->letters) == 0) {
                content.letters_columns = (unsigned) strlen(INDENT) + d->letters.width;
                content.letters_lines = bitmap_halved_lines(d->letters.height);
        }
        d->layout = layout_choose(w, &content);
}

static void prompt_gap(const PromptDrawing *d) {
        if (d->layout.gaps)
                say_gap();
}

static unsigned prompt_picture_height(const PromptDrawing *d) {
        return d->picture.height + 2 * d->layout.border;
}

static void prompt_show_picture(const PromptDrawing *d) {
        if (d->layout.picture == PICTURE_PAINTED)
                for (unsigned y = 0; y < prompt_picture_height(d); y++) {
                        bitmap_paint_line(&d->picture, stdout, d->layout.border, y, d->window.ink);
                        fputc('\n', stdout);
                }
        else if (d->layout.picture == PICTURE_HALVED)
                bitmap_print_halved(&d->picture, stdout, d->layout.border, d->window.ink, "");
        else
                return;
        prompt_gap(d);
}

static void prompt_show_between(const PromptText *t, const PromptDrawing *d) {
        say("%s", d->layout.picture == PICTURE_NONE ? t->heading : t->heading_of_picture);
        prompt_gap(d);
        say_to_copy("    %s", t->url);
        prompt_gap(d);
        prompt_show_picture(d);
        say("%s", t->tail);
        if (!t->code)
                return;

        prompt_gap(d);
        say("    %s", t->code);
}

/* Returns the lines of the text, which the caller frees, or NULL if there is no memory. */
static char *prompt_make_side(const PromptText *t, unsigned columns) {
        _cleanup_free_ char *url = text_clean(t->url), *code = text_clean(str_or_empty(t->code));
        Measure m = { .columns = columns };
        char *side = NULL;
        size_t size;
        FILE *f;

        if (!url || !code)
                return NULL;
        f = open_memstream(&side, &size);
        if (!f)
                return NULL;

        fputc('\n', f);
        paragraph_write(f, t->heading_of_picture, m);
        fprintf(f, "\n\n%s\n\n", url);
        paragraph_write(f, t->tail, m);
        if (t->code)
                fprintf(f, "\n\n%s", code);
        fputc('\n', f);
        if (fclose(f) == 0)
                return side;
        free(side);
        return NULL;
}

static void prompt_show_beside(const PromptText *t, const PromptDrawing *d) {
        unsigned columns = d->window.columns - SIDE_GAP -
                           bitmap_painted_columns(d->picture.width + 2 * d->layout.border);
        _cleanup_free_ char *side = prompt_make_side(t, columns);
        char *rest = side;

        for (unsigned y = 0; y < prompt_picture_height(d); y++) {
                const char *line = rest ? strsep(&rest, "\n") : "";

                bitmap_paint_line(&d->picture, stdout, d->layout.border, y, d->window.ink);
                fprintf(stdout, "%*s%s\n", *line ? (int) SIDE_GAP : 0, "", line);
        }
}

static void prompt_show_text(const PromptText *t, const PromptDrawing *d) {
        if (d->layout.picture == PICTURE_BESIDE)
                prompt_show_beside(t, d);
        else
                prompt_show_between(t, d);
        if (!d->layout.letters)
                return;

        say_gap();
        bitmap_print_halved(&d->letters, stdout, 0, NULL, INDENT);
}

static void prompt_show_waiting(const Prompt *p) {
        uint64_t left = prompt_time_left(p);
        char span[DURATION_MAX_BYTES];

        say_gap();
        if (left > 0)
                say("The code is valid for %s. Waiting for you; Ctrl-C cancels.",
                    duration_print_span(left, span));
        else
                say("Waiting for you; Ctrl-C cancels.");
}

ExitStatus prompt_show(const Prompt *p, bool as_json, bool with_picture, PromptView *ret) {
        _cleanup_(prompt_drawing_done) PromptDrawing d = {};
        PromptText text;

        *ret = (PromptView){};
        if (as_json)
                return prompt_show_event(p);

        prompt_word(p, &text);
        prompt_arrange(&text, with_picture, &d);
        prompt_show_text(&text, &d);

        ret->can_count_down = p->user_code && d.window.can_redraw;
        ret->is_tight = d.layout.picture == PICTURE_BESIDE && !d.layout.gaps;
        if (!p->user_code)
                prompt_gap(&d);
        else if (!ret->can_count_down)
                prompt_show_waiting(p);
        return output_flush();
}

const char *prompt_find_fault(const char *answer) {
        if (!answer)
                return N_("That is too long for a code; copy it again.");
        if (*answer == '\0')
                return N_("A code is needed; the page shows it as soon as access is allowed.");
        if (!utf8_is_text(answer, SIZE_MAX))
                return N_("That contains characters that no code has; copy it again.");
        return NULL;
}

static bool browser_has_variable(const char *variable) {
        return !str_is_empty(getenv(variable));
}

bool browser_is_near(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
               (browser_has_variable("DISPLAY") || browser_has_variable("WAYLAND_DISPLAY")) &&
               !browser_has_variable("SSH_CONNECTION") && !browser_has_variable("SSH_TTY");
}

/* It gets a session of its own: our terminal is not its own, nor are our signals. We do not wait
 * for it, even when it ends: a zombie lives no longer than we do. */
static void browser_spawn(char **argv, posix_spawn_file_actions_t *files,
                          posix_spawnattr_t *attributes) {
        sigset_t none;
        pid_t pid;
        int r;

        (void) sigemptyset(&none);
        r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDERR_FILENO);
        if (r == 0)
                r = posix_spawnattr_setflags(attributes,
                                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
        if (r == 0)
                r = posix_spawnattr_setsigmask(attributes, &none);
        if (r == 0)
                (void) posix_spawnp(&pid, argv[0], files, attributes, argv, environ);
}

void browser_open(const char *url) {
        _cleanup_free_ char *address = strdup(url);
        char program[] = "xdg-open", *argv[] = { program, address, NULL };
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;

        if (!address || posix_spawn_file_actions_init(&files) != 0)
                return;
        if (posix_spawnattr_init(&attributes) == 0) {
                browser_spawn(argv, &files, &attributes);
                (void) posix_spawnattr_destroy(&attributes);
        }
        (void) posix_spawn_file_actions_destroy(&files);
}
