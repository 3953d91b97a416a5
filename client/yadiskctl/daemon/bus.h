/* SPDX-License-Identifier: MIT */
#pragma once

/* The connection to the session bus, calls to yadisk-tokend, and the words for what goes wrong with
 * them. */

#include <systemd/sd-bus.h>

#include "common/names.h"
#include "shared/session-bus.h"
#include "yadiskctl/daemon/problem.h"

/* Connects to the session bus. A call waits for 25 seconds at most. */
ExitStatus bus_open(sd_bus **ret);

/* Does the same without saying what failed. Returns 0, or the negative errno of
 * session_bus_open(). */
int bus_connect(sd_bus **ret);

/* Whether a proxy stands between us and the bus that hides names from us, as that of a sandbox
 * does. Then a name that seems to be missing may be there. Asks the bus. */
bool bus_is_filtered(sd_bus *bus);

/* Starts the daemon unless it runs, for a caller that then calls it in its own way. */
ExitStatus bus_start_daemon(sd_bus *bus);

/* Makes a call of a member of an account, given by its path, or of the manager if account is NULL.
 * Arguments are those of sd_bus_message_append(); types may be NULL. More may be appended. What is
 * appended may be secret: the message is erased when it is freed. */
ExitStatus bus_new_call(sd_bus *bus, const char *account, sd_bus_message **ret, const char *member,
                        const char *types, ...);

/* An option of a call. It has one value of these types, or is left out. */
typedef struct BusOption {
        const char *key, *text, *path;
        const char *const *list; /* ends with NULL */
        bool flag;               /* only true is sent */
} BusOption;

/* Appends the a{sv} of a call. options ends with a row without a key. */
ExitStatus bus_append_options(sd_bus_message *m, const BusOption *options);

/* Sends a call and waits for the reply. ret_reply may be NULL. */
ExitStatus bus_send(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret_reply);

/* Finds the object of the account with that label, login or id. NULL or "" is the default account.
 * The caller frees *ret_path. */
ExitStatus bus_find_account(sd_bus *bus, const char *name, char **ret_path);

/* Says what an error means and what to do. Returns the exit status for it. */
ExitStatus bus_explain(sd_bus *bus, const sd_bus_error *error);

/* Says that an answer of the daemon cannot be understood. r is the negative errno that reading it
 * returned. */
ExitStatus bus_explain_answer(int r);

/* The Condition that an error of the daemon means. Several Conditions share a name; the sentence
 * tells them apart. _CONDITION_INVALID if the sentence is unknown. */
int bus_find_condition(const sd_bus_error *error);

/* Describes a Condition as a problem of this machine. */
void bus_judge_condition(sd_bus *bus, int condition, Problem *p);

/* Whether no application is kept yet, so that setup comes before the first sign-in. False if that
 * is not known. The daemon must run. */
bool bus_needs_setup(sd_bus *bus);

/* Describes that no account is signed in. */
void bus_judge_no_account(bool needs_setup, Problem *p);

#define USER_NAME_MAX_BYTES 64

/* Why there is no session bus. */
typedef struct BusFault {
        int error; /* of session_bus_open(); 0 if there is a bus */
        bool is_root;
        bool has_systemd;   /* it runs the machine, so it could run a session of the user */
        bool has_directory; /* it does run one */
        bool is_shadowed;   /* there is a bus, but DBUS_SESSION_BUS_ADDRESS names another */
        char user[USER_NAME_MAX_BYTES];
        /* The owner of the bus that the environment names, if that is not us; or "". */
        char owner[USER_NAME_MAX_BYTES];
        char place[BUS_PLACE_MAX_BYTES]; /* see session_bus_print_place() */
} BusFault;

/* Looks at the machine for the cause of an error. */
void bus_fault_find(int error, BusFault *ret);

/* Describes what is wrong, and what to do. */
void bus_fault_judge(const BusFault *f, Problem *p);
