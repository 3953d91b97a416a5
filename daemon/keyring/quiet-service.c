/* SPDX-License-Identifier: MIT */

#include "keyring/quiet-service.h"

#include <libsecret/secret.h>

typedef struct QuietService {
        SecretService parent;
} QuietService;

typedef struct QuietServiceClass {
        SecretServiceClass parent;
} QuietServiceClass;

G_DEFINE_TYPE(QuietService, quiet_service, SECRET_TYPE_SERVICE)

static void quiet_service_init(QuietService *s) {
}

static void on_signal(GDBusProxy *proxy, const char *sender, const char *name,
                      GVariant *arguments) {
}

static void on_properties_changed(GDBusProxy *proxy, GVariant *changed,
                                  const char *const *invalidated) {
}

static void quiet_service_class_init(QuietServiceClass *class) {
        GDBusProxyClass *proxy = G_DBUS_PROXY_CLASS(class);

        proxy->g_signal = on_signal;
        proxy->g_properties_changed = on_properties_changed;
}
