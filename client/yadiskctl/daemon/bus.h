/* SPDX-License-Identifier: MIT */
#pragma once

/* Calls to yadisk-tokend, and the words for what goes wrong with them. */

#include <systemd/sd-bus.h>

#include "common/names.h"
#include "yadiskctl/daemon/trouble.h"

/* Connects to the session bus. Calls wait for 25 seconds at most. */
ExitStatus bus_open(sd_bus **ret);

/* The same without a word: 0, or the negative errno of session_bus_open(). */
int bus_connect(sd_bus **ret);

/* Whether somebody stands between us and the bus who hides others, as the proxy of a sandbox does: then
 * whoever is not to be seen may be there. Asks the bus. */
bool bus_is_filtered(sd_bus *bus);

/* Has the daemon started, if it is not there yet, for those who then call it in their own way. */
ExitStatus bus_start_daemon(sd_bus *bus);

/* A call of a member of the manager or of an account, with its arguments as for
 * sd_bus_message_append(), to which more may be appended. */
ExitStatus bus_manager_call(sd_bus *bus, sd_bus_message **ret, const char *member,
                            const char *types, ...);
ExitStatus bus_account_call(sd_bus *bus, const char *path, sd_bus_message **ret, const char *member,
                            const char *types, ...);

/* Appends the option "scopes" to the open a{sv} of a call; scopes ends with NULL. 0 or a negative errno. */
int bus_append_scopes(sd_bus_message *m, const char *const *scopes);

/* Sends a call and waits. ret_reply may be NULL. */
ExitStatus bus_send(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret_reply);

/* Says what an error means and what to do, and how yadiskctl exits because of it. */
ExitStatus bus_explain(sd_bus *bus, const sd_bus_error *error);

/* The Condition that an error of the daemon means: several share a name, and the sentence tells them apart.
 * _CONDITION_INVALID if it is another sentence. */
int bus_find_condition(const sd_bus_error *error);

/* What is to be said of a Condition on this machine. */
void bus_judge_condition(sd_bus *bus, int condition, Trouble *t);

/* Says that an answer cannot be understood. r is what reading it came to. */
ExitStatus bus_explain_answer(int r);

/* The object of the account of that label, login or id; NULL or "" is the default account. */
ExitStatus bus_find_account(sd_bus *bus, const char *name, char **ret_path);
