/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/keyring.h"

#include "common/i18n.h"
#include "common/names.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"

/* A keyring that prompts for nothing answers sooner. */
#define PROMPT_USEC (UINT64_C(1500) * 1000)

/* The daemon calls a write late after two seconds, and says so. A keyring that writes its file some
 * seconds after it has answered takes longer, although nothing is wrong. */
#define PATIENCE_USEC (8 * USEC_PER_SEC)

/* If an earlier write has failed, this one probably fails as well. */
#define RETRY_PATIENCE_USEC (3 * USEC_PER_SEC)

#define PROPERTIES_CHANGED                                                                         \
        "type='signal',sender='" TOKENS_BUS_NAME                                                   \
        "',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"                \
        "path_namespace='" TOKENS_PATH "'"

static int keyring_on_opened(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        sd_bus_message **reply = userdata;

        *reply = sd_bus_message_ref(m);
        return 0;
}

/* The window of a prompt may be behind others, or on another screen, so the user is told to look
 * for it. */
static int keyring_await_reply(sd_bus *bus, sd_bus_message *const *reply) {
        bool was_told = false;
        int r;

        while (!*reply) {
                r = sd_bus_process(bus, NULL);
                if (r > 0)
                        continue;
                if (r == 0)
                        r = sd_bus_wait(bus, was_told ? UINT64_MAX : PROMPT_USEC);
                if (r < 0)
                        return r;
                if (r == 0 && !was_told) {
                        remark("Waiting for the keyring; it may ask in a window of its own.");
                        was_told = true;
                }
        }
        return 0;
}

/* Returns a negative errno if that fails, in which case *error may be set. */
static int keyring_call_open(sd_bus *bus, bool may_prompt, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        daemon_meet(bus);
        r = sd_bus_message_new_method_call(bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                           TOKENS_MANAGER_INTERFACE, "OpenKeyring");
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(
                        call, may_prompt && terminal_is_attended());
        if (r >= 0)
                r = sd_bus_message_append(call, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call_async(bus, &slot, call, keyring_on_opened, &reply, 0);
        if (r >= 0)
                r = keyring_await_reply(bus, &reply);
        if (r < 0)
                return r;
        return sd_bus_message_is_method_error(reply, NULL)
                       ? sd_bus_error_copy(error, sd_bus_message_get_error(reply))
                       : 0;
}

int keyring_look(sd_bus *bus, bool may_prompt) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = keyring_call_open(bus, may_prompt, &error);
        return r < 0 && sd_bus_error_is_set(&error) ? bus_find_condition(&error) : r;
}

/* A daemon of an earlier version does not have the method. It fails later if the keyring does not
 * open. */
ExitStatus keyring_open(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        ExitStatus s;
        int r;

        s = bus_start_daemon(bus);
        if (s != EXIT_STATUS_OK)
                return s;

        r = keyring_call_open(bus, true, &error);
        if (r >= 0 || sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_METHOD))
                return EXIT_STATUS_OK;
        return sd_bus_error_is_set(&error) ? bus_explain(bus, &error)
                                           : fail_errno(r, "make a call");
}

ExitStatus snapshot_look(sd_bus *bus, Snapshot *ret) {
        Snapshot before = {};
        ExitStatus s;
        int condition;

        s = snapshot_read(bus, &before);
        if (s != EXIT_STATUS_OK)
                return s;
        if (streq(before.keyring, "unlocked")) {
                *ret = before;
                return EXIT_STATUS_OK;
        }

        snapshot_done(&before);
        condition = keyring_look(bus, false);
        s = snapshot_read(bus, ret);
        if (s == EXIT_STATUS_OK)
                ret->keyring_condition = MAX_OF(condition, 0);
        return s;
}

/* What is waited for. */
typedef struct SavingWait {
        const char *path; /* of the account, or NULL for all accounts */
        bool is_retry; /* an earlier write has failed, so LastError tells nothing about this one */
        uint64_t patience_usec;
} SavingWait;

/* Whether nothing is left to wait for: everything is saved, or could not be saved. */
static bool saving_is_settled(const Snapshot *s, const SavingWait *w) {
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if ((!w->path || streq(a->path, w->path)) &&
                    (account_is_being_saved(a) || (w->is_retry && account_is_unsaved(a))))
                        return false;
        return true;
}

static int saving_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        bool *changed = userdata;

        *changed = true;
        return 0;
}

/* Returns 0 when something has changed or the time is up, or a negative errno. */
static int saving_await_change(sd_bus *bus, const bool *changed, uint64_t until) {
        uint64_t now;
        int r = 0;

        while (r >= 0 && !*changed && (now = monotonic_usec()) < until) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, until - now);
        }
        return MIN_OF(r, 0);
}

static ExitStatus saving_read_again(sd_bus *bus, Snapshot *s) {
        Snapshot fresh = {};
        ExitStatus status;

        status = snapshot_read(bus, &fresh);
        if (status != EXIT_STATUS_OK)
                return status;

        fresh.keyring_condition = s->keyring_condition; /* the keyring was not looked at since */
        snapshot_done(s);
        *s = fresh;
        return EXIT_STATUS_OK;
}

/* Any program may send a signal that looks like one of the daemon; it only makes us read once
 * more. */
static ExitStatus saving_settle(sd_bus *bus, const SavingWait *wait, Snapshot *s) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *match = NULL;
        uint64_t until = monotonic_usec() + wait->patience_usec;
        ExitStatus status = EXIT_STATUS_OK;
        bool changed = true;
        int r;

        if (saving_is_settled(s, wait))
                return EXIT_STATUS_OK;

        r = sd_bus_add_match(bus, &match, PROPERTIES_CHANGED, saving_on_changed, &changed);
        while (r >= 0 && status == EXIT_STATUS_OK && changed) {
                changed = false;
                status = saving_read_again(bus, s);
                if (status == EXIT_STATUS_OK && saving_is_settled(s, wait))
                        return EXIT_STATUS_OK;
                if (status == EXIT_STATUS_OK)
                        r = saving_await_change(bus, &changed, until);
        }
        return r < 0 ? fail_errno(r, "wait for the keyring") : status;
}

ExitStatus snapshot_settle(sd_bus *bus, uint64_t patience_usec, Snapshot *s) {
        return saving_settle(bus, &(SavingWait){ .patience_usec = patience_usec }, s);
}

static int saving_judge(const Account *a, Saving *ret) {
        const char *why = a->error_message;

        *ret = (Saving){ .saved = a->saved };
        if (a->saved)
                return 0;
        if (!condition_is_of_keyring(account_condition(a)) || str_is_empty(why))
                why = condition_sentence(CONDITION_KEYRING_FAILED);
        return str_replace(&ret->why, _(why));
}

static ExitStatus saving_await(sd_bus *bus, const char *path, const Account *before, Saving *ret) {
        bool is_retry = before && account_is_unsaved(before);
        SavingWait wait = { path, is_retry, is_retry ? RETRY_PATIENCE_USEC : PATIENCE_USEC };
        _cleanup_(snapshot_done) Snapshot s = {};
        const Account *account;
        ExitStatus status;

        status = snapshot_read(bus, &s);
        if (status == EXIT_STATUS_OK)
                status = saving_settle(bus, &wait, &s);
        if (status != EXIT_STATUS_OK)
                return status;

        *ret = (Saving){ .saved = true };
        account = snapshot_find(&s, path);
        if (account && saving_judge(account, ret) < 0)
                return fail_errno(-ENOMEM, "wait for the keyring");
        return EXIT_STATUS_OK;
}

ExitStatus saving_send(sd_bus *bus, sd_bus_message *call, const Account *before,
                       sd_bus_message **ret_reply, Saving *ret) {
        ExitStatus s;

        s = bus_send(bus, call, ret_reply);
        return s == EXIT_STATUS_OK ? saving_await(bus, before->path, before, ret) : s;
}

ExitStatus saving_await_sign_in(sd_bus *bus, const char *path, Saving *ret, Snapshot *ret_snapshot,
                                const Account **ret_account) {
        ExitStatus s;

        s = saving_await(bus, path, NULL, ret);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read(bus, ret_snapshot);
        if (s != EXIT_STATUS_OK)
                return s;

        *ret_account = snapshot_find(ret_snapshot, path);
        return *ret_account ? EXIT_STATUS_OK : bus_explain_answer(-EBADMSG);
}

void saving_done(Saving *s) {
        free(s->why);
        *s = (Saving){};
}

ExitStatus saving_conclude(const Saving *s) {
        if (s->saved)
                return EXIT_STATUS_OK;
        return fail(EXIT_STATUS_KEYRING,
                    "Not saved in the keyring yet; do not log out before it is. %s",
                    str_or_empty(s->why));
}
