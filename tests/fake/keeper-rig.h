/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A keeper in a faked world: keyring, network, clock and descriptor store are replaced at link
 * time, OAuth is the real one on a faked HTTP. One world at a time.
 *
 *         begin();
 *         keyring_has((Known){ .id = "one" });
 *         start();
 *         pass(91 * DAY);
 *         yandex_gives("a-2", "r-2", YEAR);
 *         check_served(ask("one"), "a-2", 2);
 *         end();
 *
 * When a function returns, what it tells the world has had its effect.
 */

#include "check.h"
#include "common/condition.h"
#include "fake-clock.h"
#include "fake-fdstore.h"
#include "fake-http.h"
#include "fake-network.h"
#include "fake-notifier.h"
#include "fake-opener.h"
#include "fake-vault.h"
#include "journal.h"
#include "keeper/keeper.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

/* When a world begins: 2026-01-01. */
#define DAWN INT64_C(1767225600)

#define FOR_EVER UINT32_MAX

/* What has been seen of the keeper. */
typedef struct Seen {
        unsigned loaded, stopped;
        unsigned added, removed;
        AccountChange account; /* all changes since they were last reset */
        KeeperChange keeper;
        unsigned n_default;
} Seen;

/* An account's record. A member that is not set is that of a user who signed in at dawn for a
 * year. */
typedef struct Known {
        const char *id; /* "one" */
        const char *client_id;
        const char *uid; /* "": not known */
        const char *login;
        const char *label;
        const char *access;  /* "a-1"; "": none */
        const char *refresh; /* "r-1"; "": none */
        int64_t obtained_at;
        int64_t life; /* -1: not known */
        uint32_t generation;
        int64_t created_at;
        int64_t default_since;
        RecordVerdict verdict;
        bool end_did_not_move; /* a grant before it ended at the same time */
} Known;

/* A caller who asked for a token. */
typedef struct Asker {
        Wait *wait; /* NULL once answered */
        unsigned n_answers;
        int r;
        char token[64];
        uint32_t generation;
        int64_t expires_at;
        void (*then)(struct Asker *asker); /* or NULL */
        Account *account;
} Asker;

extern sd_event *event;
extern Oauth *oauth;
extern Keeper *keeper;
extern World *world; /* its own */
extern Seen seen;

void begin(void);

/* Creates the keeper, which takes in what is in the descriptor store. */
void make_keeper(void);

/* Creates and starts the keeper, with the application "app" in the keyring. */
void start(void);

/* Asks the keeper to stop; seen.stopped tells when it has. */
void stop(void);

/* Frees the keeper early, as at the end of the process: the world stays. */
void quit(void);
void end(void);

/* Runs until all is quiet; the same after so many seconds. */
void run(void);
void pass(int64_t seconds);
void pass_ms(int64_t ms);

Secret *secret(const char *text);

/* The record as a document; the caller frees. */
Secret *document(Known known);

void keyring_has(Known known);
void keyring_has_application(const char *client_id, const char *client_secret);

/* Read from the keyring's item; "" if there is none. */
const char *kept_access_token(const char *id);
const char *kept_refresh_token(const char *id);
RecordVerdict kept_verdict(const char *id);
const char *kept_label(const char *id);

Account *account(const char *id);
AccountState state(const char *id);

/* Ask in each way. Askers live until end(). */
Asker *ask(const char *id);
Asker *ask_for(const char *id, uint32_t min_valid);
Asker *ask_by_force(const char *id);
Asker *ask_refresh(const char *id);
void hang_up(Asker *asker);

#define check_served(asker, expected_token, expected_generation)                                   \
        do {                                                                                       \
                Asker *_asker = (asker);                                                           \
                                                                                                   \
                check_int(_asker->n_answers, 1);                                                   \
                check_int(_asker->r, 0);                                                           \
                check_str(_asker->token, expected_token);                                          \
                check_int(_asker->generation, expected_generation);                                \
        } while (false)

#define check_refused(asker, condition)                                                            \
        do {                                                                                       \
                Asker *_asker = (asker);                                                           \
                                                                                                   \
                check_int(_asker->n_answers, 1);                                                   \
                check_int(_asker->r, condition);                                                   \
        } while (false)

#define check_waits(asker)                                                                         \
        do {                                                                                       \
                Asker *_asker = (asker);                                                           \
                                                                                                   \
                check_int(_asker->n_answers, 0);                                                   \
                check(_asker->wait);                                                               \
        } while (false)

/* The number of requests to /token so far; the number of all requests that wait for an answer. */
unsigned asked(void);
unsigned waiting(void);

/* Checks that the last request was a refresh with this token. */
#define check_asked_with(refresh_token)                                                            \
        do {                                                                                       \
                fake_http_look_at_latest();                                                        \
                check_str(fake_http_field("grant_type"), "refresh_token");                         \
                check_str(fake_http_field("refresh_token"), refresh_token);                        \
        } while (false)

/* Answers the request that has waited longest. refresh NULL and life -1 are left out of the
 * answer. */
void yandex_gives(const char *access, const char *refresh, int64_t life);

/* The answer is where it outlives the daemon, but the daemon has not been told. */
void the_answer_arrives(const char *access, const char *refresh, int64_t life);
void yandex_refuses(int status, const char *error);
void yandex_answers(int status, const char *body);
void yandex_cannot_be_reached(void);
void yandex_is_not_heard(void); /* the connection breaks after the request went out */
