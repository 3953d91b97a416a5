/* SPDX-License-Identifier: MIT */
#pragma once

/* The real http.c against the servers of with-servers.py, and what it last called back with. */

#include "check.h"
#include "common/condition.h"
#include "yandex/http-private.h"

typedef struct Rig {
        sd_event *event;
        Http *http;
} Rig;

/* One request. */
typedef struct Asked {
        HttpCall *call;
        unsigned n_answers;
        HttpAnswer answer;
        Secret *body;
} Asked;

static inline const char *from_environment(const char *name) {
        const char *value = getenv(name);

        if (!value) {
                fprintf(stderr, "There is no $%s; run this by with-servers.py.\n", name);
                exit(77);
        }
        return value;
}

/* As the daemon has it, with the authorities of the world. */
static inline Rig rig_new_with(const char *ca_file) {
        Rig rig = {};

        check_int(sd_event_new(&rig.event), 0);
        check_int(http_new(rig.event, ca_file, &rig.http), 0);
        return rig;
}

/* Without them, since they take most of the time of a test. */
static inline Rig rig_new(void) {
        Rig rig = rig_new_with(from_environment("CA_OURS"));

        http_trust_set_system(http_trust(rig.http), NULL, NULL);
        return rig;
}

static inline void rig_done(Rig *rig) {
        http_free(rig->http);
        sd_event_unref(rig->event);
}

static inline void asked_done(Asked *a) {
        a->call = http_call_free(a->call);
        a->body = secret_unref(a->body);
}

static inline void on_answer(const HttpAnswer *answer, void *userdata) {
        Asked *a = userdata;

        a->call = http_call_free(a->call);
        a->n_answers++;
        a->answer = *answer;
        a->body = secret_ref(answer->body);
        a->answer.body = NULL;

        /* What always holds. */
        check((answer->r == 0) == (answer->reason == NULL));
        check((answer->r == 0) == (answer->body != NULL));
        check((answer->r == 0) == (answer->status != 0));
        check(answer->r != 0 || !answer->lost);
}

static inline Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

/* server: the name of an environment variable, or a URL. */
static inline const char *url_of(const char *server, const char *path) {
        static char url[1024];

        (void) snprintf(url, sizeof(url), "%s%s",
                        strncmp(server, "URL_", 4) == 0 ? from_environment(server) : server, path);
        return url;
}

static inline int start(Rig *rig, Asked *a, const char *server, const char *path, const char *form,
                        const char *authorization) {
        _cleanup_(secret_unrefp) Secret *f = form ? secret(form) : NULL;
        _cleanup_(secret_unrefp) Secret *h = authorization ? secret(authorization) : NULL;
        const HttpRequest request = { .url = url_of(server, path), .form = f, .authorization = h };

        return http_call_start(rig->http, &request, on_answer, a, &a->call);
}

static inline void run_until_answered(Rig *rig, Asked *a) {
        while (a->n_answers == 0)
                check(sd_event_run(rig->event, UINT64_MAX) >= 0);
        check_int(a->n_answers, 1);
}

/* Asks and waits for the answer. */
static inline Asked ask(Rig *rig, const char *server, const char *path, const char *form) {
        Asked a = {};

        check_int(start(rig, &a, server, path, form, NULL), 0);
        check_int(a.n_answers, 0);
        run_until_answered(rig, &a);
        return a;
}

static inline void expect_answer(Rig *rig, const char *path, int status, const char *body) {
        _cleanup_(asked_done) Asked a = ask(rig, "URL_GOOD", path, NULL);

        check_int(a.answer.r, 0);
        check_int(a.answer.status, status);
        check_str(secret_string(a.body), body);
}

/* Of a POST, for which it matters most whether it was lost. */
static inline void expect_failure(Rig *rig, const char *server, const char *path, int r,
                                  bool lost) {
        _cleanup_(asked_done) Asked a = ask(rig, server, path, "token=t");

        if (a.answer.r != r || a.answer.lost != lost)
                fprintf(stderr, "%s%s: %s\n", server, path, a.answer.reason ?: "a whole answer");
        check_int(a.answer.r, r);
        check_int(a.answer.lost, lost);
        check(a.answer.reason && a.answer.reason[0]);
        check_int(a.answer.retry_after, HTTP_NO_RETRY_AFTER);
}

/* What a server has received, as text. */
static inline bool server_saw(Rig *rig, const char *server, const char *text) {
        char path[128];
        _cleanup_(asked_done) Asked a = {};

        (void) snprintf(path, sizeof(path), "/seen/%s", server);
        check_int(start(rig, &a, "URL_GOOD", path, NULL, NULL), 0);
        run_until_answered(rig, &a);
        check_int(a.answer.status, 200);
        return *text ? strstr(secret_string(a.body), text) != NULL : secret_length(a.body) > 0;
}
