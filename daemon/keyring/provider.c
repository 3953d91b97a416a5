/* SPDX-License-Identifier: MIT */

/*
 * KWallet is the odd one. It answers first and writes its file five seconds after the last change (KWallet,
 * kwalletd.cpp: the sync timer), and who ends it before that loses the change; so it has to be seen to live
 * on. Its collection is locked until somebody has used it by way of the Secret Service, even if the wallet
 * is open; its Unlock always answers with a prompt, which shows nothing if the wallet is open, and which
 * it keeps for ever if it is not performed.
 */

#include "keyring/provider.h"

#include "common/condition.h"
#include "common/log.h"
#include "keyring/vault-private.h"

#define KWALLET_DELAY_MS   (6u * 1000)
#define KEEPASSXC_DELAY_MS (3u * 1000)
#define KWALLET_INTERFACE  "org.kde.KWallet"

/* Of KDE Frameworks 6.13 and later, of 6, of 5. */
static const char *const startable[] = {
        "org.kde.secretservicecompat",
        "org.kde.kwalletd6",
        "org.kde.kwalletd5",
};

static const Method START = { BUS_INTERFACE, "StartServiceByName", "(u)" };
static const Method GET_PROCESS = { BUS_INTERFACE, "GetConnectionUnixProcessID", "(u)" };
static const Method IS_OPEN = { KWALLET_INTERFACE, "isOpen", "(b)" };

static unsigned kwallet_delay_ms = KWALLET_DELAY_MS, keepassxc_delay_ms = KEEPASSXC_DELAY_MS;

void provider_set_delay_ms(unsigned ms) {
        kwallet_delay_ms = keepassxc_delay_ms = ms;
}

void provider_forget(VaultCall *c) {
        if (c->start_watch > 0)
                g_bus_unwatch_name(c->start_watch);
        c->start_watch = 0;
}

static void on_appeared(GDBusConnection *bus, const char *name, const char *owner, void *userdata) {
        VaultCall *c = userdata;

        provider_forget(c);
        call_open(c);
}

/* The name of the service may come a moment later than the one that was started. */
static void on_started(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply)
                return provider_start(c);

        c->start_watch = g_bus_watch_name_on_connection(vault_get_bus(c->vault), SERVICE_NAME,
                                                        G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                                        NULL, c, NULL);
}

/* One that cannot start, for want of a display, is not to be started for every caller. */
void provider_start(VaultCall *c) {
        if (c->n_starts == 0 && !vault_may_start(c->vault))
                return call_finish(c, CONDITION_KEYRING_UNAVAILABLE);
        if (c->n_starts == ELEMENTSOF(startable))
                return call_finish(c, CONDITION_KEYRING_UNAVAILABLE);

        call_request_bus(c, &START, g_variant_new("(su)", startable[c->n_starts++], 0), on_started);
}

/* By the name that the kernel shows of the process. */
static Provider provider_of(unsigned pid) {
        static const struct {
                const char *program;
                Provider provider;
        } known[] = {
                { "keepassxc\n", PROVIDER_KEEPASSXC },
                { "kwalletd5\n", PROVIDER_KWALLETD5 },
                { "kwalletd6\n", PROVIDER_KWALLETD6 },
                { "ksecretd\n", PROVIDER_KSECRETD },
        };
        g_autofree char *path = g_strdup_printf("/proc/%u/comm", pid), *program = NULL;

        (void) g_file_get_contents(path, &program, NULL, NULL);
        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (streq(program, known[i].program))
                        return known[i].provider;
        return PROVIDER_OTHER;
}

static void on_process(VaultCall *c, GVariant *reply, const GError *error) {
        unsigned pid = 0;

        if (reply)
                g_variant_get(reply, "(u)", &pid);
        else
                log_debug("keyring: %s", error->message);

        vault_keep_provider(c->vault, provider_of(pid));
        c->after_provider(c);
}

void provider_find(VaultCall *c, CallStepFn next) {
        c->after_provider = next;
        if (vault_get_provider(c->vault) != PROVIDER_UNKNOWN)
                return next(c);

        call_request_bus(c, &GET_PROCESS, g_variant_new("(s)", c->owner), on_process);
}

bool provider_is_kwallet(const VaultCall *c) {
        switch (vault_get_provider(c->vault)) {
        case PROVIDER_KWALLETD5:
        case PROVIDER_KWALLETD6:
        case PROVIDER_KSECRETD:
                return true;
        case PROVIDER_UNKNOWN:
        case PROVIDER_OTHER:
        case PROVIDER_KEEPASSXC:
                break;
        }
        return false;
}

static void on_is_open(VaultCall *c, GVariant *reply, const GError *error) {
        gboolean open = FALSE;

        if (reply)
                g_variant_get(reply, "(b)", &open);
        if (!open)
                return call_finish(c, CONDITION_KEYRING_LOCKED);

        c->opens_silently = true;
        c->after_open(c);
}

/* The label of the collection is the name of the wallet. */
static void on_label(VaultCall *c, GVariant *reply, const GError *error) {
        bool five = vault_get_provider(c->vault) == PROVIDER_KWALLETD5;
        g_autoptr(GVariant) label = NULL;

        if (!reply)
                return call_fail(c, error);

        g_variant_get(reply, "(v)", &label);
        if (!g_variant_is_of_type(label, G_VARIANT_TYPE_STRING))
                return call_finish(c, CONDITION_KEYRING_FAILED);

        call_request(c, five ? "/modules/kwalletd5" : "/modules/kwalletd6", &IS_OPEN,
                     g_variant_new("(s)", g_variant_get_string(label, NULL)), on_is_open);
}

static void open_unasked(VaultCall *c) {
        switch (vault_get_provider(c->vault)) {
        case PROVIDER_KWALLETD5:
        case PROVIDER_KWALLETD6:
                call_request_property(c, c->collection, COLLECTION_INTERFACE, "Label", on_label);
                return;
        case PROVIDER_KSECRETD: /* knows no such question */
                call_finish(c, CONDITION_KEYRING_LOCKED);
                return;
        case PROVIDER_UNKNOWN:
        case PROVIDER_OTHER:
        case PROVIDER_KEEPASSXC:
                break;
        }
        c->after_open(c);
}

void provider_open_unasked(VaultCall *c, CallStepFn next) {
        c->after_open = next;
        provider_find(c, open_unasked);
}

bool vault_call_is_settling(const VaultCall *c) {
        return c && c->settle_timer > 0;
}

static void wait_until_written(VaultCall *c);

/* Another instance may have read the file before it was written. */
static gboolean on_settled(void *userdata) {
        g_autofree char *owner = NULL;
        VaultCall *c = userdata;

        c->settle_timer = 0;
        owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(c->service));
        if (streq(owner, c->owner))
                wait_until_written(c);
        else if (!call_restart(c))
                call_finish(c, CONDITION_KEYRING_FAILED);
        return G_SOURCE_REMOVE;
}

/* Each further change starts its delay anew. */
static void wait_until_written(VaultCall *c) {
        unsigned left_ms = vault_unwritten_ms(c->vault);

        if (left_ms == 0)
                return c->after_settled(c);

        call_set_deadline(c, true);
        c->settle_timer = g_timeout_add(left_ms, on_settled, c);
}

static unsigned delay(const VaultCall *c) {
        if (provider_is_kwallet(c))
                return kwallet_delay_ms;
        return vault_get_provider(c->vault) == PROVIDER_KEEPASSXC ? keepassxc_delay_ms : 0;
}

static void settle(VaultCall *c) {
        unsigned delay_ms = delay(c);

        if (delay_ms == 0)
                return c->after_settled(c);

        vault_note_unwritten(c->vault, delay_ms);
        if (c->document_counts)
                wait_until_written(c);
        else
                c->after_settled(c);
}

static void pace(VaultCall *c);

/* Another call may have been quicker. */
static gboolean on_paced(void *userdata) {
        VaultCall *c = userdata;

        c->settle_timer = 0;
        call_set_deadline(c, false);
        pace(c);
        return G_SOURCE_REMOVE;
}

static void pace(VaultCall *c) {
        unsigned left_ms = vault_unwritten_ms(c->vault);

        if (vault_get_provider(c->vault) != PROVIDER_KEEPASSXC || left_ms == 0)
                return c->after_paced(c);

        call_set_deadline(c, true);
        c->settle_timer = g_timeout_add(left_ms, on_paced, c);
}

void provider_pace(VaultCall *c, CallStepFn next) {
        c->after_paced = next;
        provider_find(c, pace);
}

void provider_settle(VaultCall *c, CallStepFn next) {
        c->after_settled = next;
        provider_find(c, settle);
}
