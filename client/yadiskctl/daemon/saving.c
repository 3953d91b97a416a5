/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/saving.h"

#include "common/i18n.h"
#include "common/names.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/terminal/monotonic.h"

/* The daemon calls a write late after two seconds, and then says so. A keyring that writes its file some
 * seconds after it has answered takes longer, without any trouble. */
#define PATIENCE_USEC (8 * USEC_PER_SEC)

/* Where an earlier write has failed, so that this one probably will. */
#define RETRY_PATIENCE_USEC (3 * USEC_PER_SEC)

#define RULE                                                                                       \
        "type='signal',sender='" TOKENS_BUS_NAME                                                   \
        "',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"                \
        "path_namespace='" TOKENS_PATH "'"

/* What is waited for. */
typedef struct Wish {
        const char *path; /* of the account, or NULL for all */
        bool trouble_is_old;
        uint64_t patience_usec;
} Wish;

static bool is_awaited(const Account *a, const Wish *w) {
        if (w->path && !streq(a->path, w->path))
                return false;
        return account_is_being_saved(a) || (w->trouble_is_old && account_is_unsaved(a));
}

/* Whether there is nothing to wait for: all is saved, or has failed to be. */
static bool is_settled(const Snapshot *s, const Wish *w) {
        for (size_t i = 0; i < s->n_accounts; i++)
                if (is_awaited(&s->accounts[i], w))
                        return false;
        return true;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        bool *changed = userdata;

        *changed = true;
        return 0;
}

/* Until something has changed, or the time is up. 0 or a negative errno. */
static int await_change(sd_bus *bus, const bool *changed, uint64_t until) {
        uint64_t now;
        int r = 0;

        while (r >= 0 && !*changed && (now = monotonic_usec()) < until) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, until - now);
        }
        return MIN_OF(r, 0);
}

static ExitStatus read_anew(sd_bus *bus, Snapshot *s) {
        Snapshot fresh = {};
        ExitStatus status;

        status = snapshot_read(bus, &fresh);
        if (status != EXIT_STATUS_OK)
                return status;

        fresh.keyring_condition = s->keyring_condition; /* nobody has looked since */
        snapshot_done(s);
        *s = fresh;
        return EXIT_STATUS_OK;
}

/* Anybody may send us a signal that looks like the daemon's; then we look once more than we need to. */
static ExitStatus settle(sd_bus *bus, const Wish *wish, Snapshot *s) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *match = NULL;
        uint64_t until = monotonic_usec() + wish->patience_usec;
        ExitStatus status = EXIT_STATUS_OK;
        bool changed = true;
        int r;

        if (is_settled(s, wish))
                return EXIT_STATUS_OK;

        r = sd_bus_add_match(bus, &match, RULE, on_changed, &changed);
        while (r >= 0 && status == EXIT_STATUS_OK && changed) {
                changed = false;
                status = read_anew(bus, s);
                if (status == EXIT_STATUS_OK && is_settled(s, wish))
                        return EXIT_STATUS_OK;
                if (status == EXIT_STATUS_OK)
                        r = await_change(bus, &changed, until);
        }
        return r < 0 ? fail_errno(r, "wait for the keyring") : status;
}

ExitStatus snapshot_settle(sd_bus *bus, uint64_t patience_usec, Snapshot *s) {
        return settle(bus, &(Wish){ .patience_usec = patience_usec }, s);
}

static int judge(const Account *a, Saving *ret) {
        const char *why = a->error_message;

        *ret = (Saving){ .saved = a->saved };
        if (a->saved)
                return 0;
        if (!condition_is_of_keyring(account_condition(a)) || str_is_empty(why))
                why = condition_sentence(CONDITION_KEYRING_FAILED);
        return str_replace(&ret->why, _(why));
}

/* The trouble of an earlier write is told until one has succeeded. */
ExitStatus saving_await(sd_bus *bus, const char *path, const Account *before, Saving *ret) {
        Wish wish = {
                .path = path,
                .trouble_is_old = before && account_is_unsaved(before),
                .patience_usec = PATIENCE_USEC,
        };
        _cleanup_(snapshot_done) Snapshot s = {};
        const Account *account;
        ExitStatus status;

        if (wish.trouble_is_old)
                wish.patience_usec = RETRY_PATIENCE_USEC;
        status = snapshot_read(bus, &s);
        if (status == EXIT_STATUS_OK)
                status = settle(bus, &wish, &s);
        if (status != EXIT_STATUS_OK)
                return status;

        *ret = (Saving){ .saved = true };
        account = snapshot_find(&s, path);
        if (account && judge(account, ret) < 0)
                return fail_errno(-ENOMEM, "wait for the keyring");
        return EXIT_STATUS_OK;
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
