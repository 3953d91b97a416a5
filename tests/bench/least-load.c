/* SPDX-License-Identifier: MIT */

/*
 * The least that a start needs of the keyring: opens an encrypted session, finds the items of the
 * accounts, and loads their secrets, all with one call. Writes how many there are, and how many
 * nanoseconds that took without the session.
 */

#define SECRET_API_SUBJECT_TO_CHANGE

#include <err.h>
#include <libsecret/secret.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/names.h"
#include "samples.h"

static const SecretSchema schema = { TOKENS_KEYRING_SCHEMA,
                                     SECRET_SCHEMA_NONE,
                                     { { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING } } };

int main(void) {
        GHashTable *attributes = secret_attributes_build(&schema, "kind", "account", NULL);
        SecretService *service = secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, NULL, NULL);
        int64_t start = now_nsec();
        GHashTable *secrets;
        char **paths;

        if (!service || !secret_service_search_for_dbus_paths_sync(service, &schema, attributes,
                                                                   NULL, &paths, NULL, NULL))
                errx(EXIT_FAILURE, "no keyring");

        secrets = secret_service_get_secrets_for_dbus_paths_sync(service, (const char **) paths,
                                                                 NULL, NULL);
        if (!secrets)
                errx(EXIT_FAILURE, "no secrets");
        printf("%u %lli\n", g_hash_table_size(secrets), (long long) (now_nsec() - start));
        return EXIT_SUCCESS;
}
