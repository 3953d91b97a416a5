/* SPDX-License-Identifier: MIT */

#include "keyring/vault-private.h"

/* A provider that cannot start, for want of a display, is not started for every caller. */
#define START_INTERVAL_US (60 * G_USEC_PER_SEC)

/* KWallet writes its file five seconds after the last change (kwalletd.cpp: the sync timer), and
 * loses the change if it ends before. KeePassXC writes in a thread, and loses a change that comes
 * while that thread runs. */
#define KWALLET_DELAY_MS   (6u * 1000)
#define KEEPASSXC_DELAY_MS (3u * 1000)

static unsigned kwallet_delay_ms = KWALLET_DELAY_MS, keepassxc_delay_ms = KEEPASSXC_DELAY_MS;

/* libsecret's proxy of the service, without what it does about signals and changed properties. We
 * listen to them ourselves, and libsecret 0.20 crashes if a signal about a collection comes before
 * the property "Collections". */
typedef struct QuietService {
        SecretService parent;
} QuietService;

typedef struct QuietServiceClass {
        SecretServiceClass parent;
} QuietServiceClass;

GType quiet_service_get_type(void);
G_DEFINE_TYPE(QuietService, quiet_service, SECRET_TYPE_SERVICE)

static void quiet_service_init(QuietService *s) {
}

static void quiet_service_class_init(QuietServiceClass *class) {
        GDBusProxyClass *proxy = G_DBUS_PROXY_CLASS(class);

        proxy->g_signal = NULL;
        proxy->g_properties_changed = NULL;
}

void session_open(GCancellable *cancellable, GAsyncReadyCallback fn, void *userdata) {
        secret_service_open(quiet_service_get_type(), NULL, SECRET_SERVICE_OPEN_SESSION,
                            cancellable, fn, userdata);
}

SecretService *session_get(Session *s, char **ret_owner, Provider *ret_provider) {
        g_autofree char *owner = NULL;

        if (!s->service)
                return NULL;

        owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(s->service));
        if (!streq(owner, s->owner)) {
                session_drop(s, s->service);
                return NULL;
        }

        *ret_owner = g_steal_pointer(&owner);
        *ret_provider = s->provider;
        return g_object_ref(s->service);
}

void session_keep(Session *s, SecretService *service, const char *owner, Provider provider) {
        if (s->service)
                return;

        s->service = g_object_ref(service);
        s->owner = g_strdup(owner);
        s->provider = provider;
}

void session_drop(Session *s, SecretService *service) {
        if (!service || s->service != service)
                return;

        g_clear_object(&s->service);
        g_clear_pointer(&s->owner, g_free);
        s->prompt_needed = false;
}

const char *session_name_to_start(Session *s, unsigned n) {
        /* The providers of KDE Frameworks 6.13 and later, of 6 and of 5 are started by these names,
         * and then own the name of the service. */
        static const char *const names[] = {
                "org.kde.secretservicecompat",
                "org.kde.kwalletd6",
                "org.kde.kwalletd5",
        };
        int64_t now_us = g_get_monotonic_time();

        if (!s->bus || n >= ELEMENTSOF(names))
                return NULL;
        if (n == 0 && s->started_at_us > 0 && now_us - s->started_at_us < START_INTERVAL_US)
                return NULL;
        if (n == 0)
                s->started_at_us = now_us;
        return names[n];
}

Provider provider_of_process(unsigned pid) {
        static const struct {
                const char *program; /* as the kernel shows its name */
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

bool provider_is_kwallet(Provider p) {
        return p == PROVIDER_KWALLETD5 || p == PROVIDER_KWALLETD6 || p == PROVIDER_KSECRETD;
}

unsigned provider_write_delay_ms(Provider p) {
        if (provider_is_kwallet(p))
                return kwallet_delay_ms;
        return p == PROVIDER_KEEPASSXC ? keepassxc_delay_ms : 0;
}

void provider_set_write_delay_ms(unsigned ms) {
        kwallet_delay_ms = keepassxc_delay_ms = ms;
}

void session_note_unwritten(Session *s, unsigned ms) {
        s->written_at_us = MAX_OF(s->written_at_us, g_get_monotonic_time() + (int64_t) ms * 1000);
}

unsigned session_unwritten_ms(const Session *s) {
        int64_t left_us = s->written_at_us - g_get_monotonic_time();

        return left_us > 0 ? (unsigned) (left_us / 1000) + 1 : 0;
}
