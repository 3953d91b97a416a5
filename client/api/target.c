/* SPDX-License-Identifier: MIT */

#include "api/target.h"

#include "common/i18n.h"

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define UNRESERVED   ALPHANUMERIC "-._~"

/* pchar of RFC 3986 and what separates them. */
#define OF_PATH UNRESERVED "!$&'()*+,;=:@/%"

/* Keys are words of the API: "preview_size", "_embedded.items.name". */
#define OF_KEY UNRESERVED

const char *target_path_mistake(const char *path) {
        if (path[0] != '/' || path[1] == '/')
                return N_("A path of the Disk begins with one \"/\", as /v1/disk/resources does, "
                          "and names no host; this does not:");
        if (strchr(path, '?'))
                return N_("The query goes behind the path, as KEY=VALUE, and not into it as here:");
        if (path[strspn(path, OF_PATH)])
                return N_("A path of the API has letters, digits and few signs, and the path of a "
                          "file goes behind it, as path=disk:/file; this is not one:");
        return NULL;
}

const char *target_query_mistake(const char *word) {
        size_t length = strspn(word, OF_KEY);

        return length > 0 && word[length] == '='
                       ? NULL
                       : N_("A word of the query is KEY=VALUE, as limit=20 is; this is not:");
}

/* Returns what stands behind "key=", or NULL if the word has another key. */
static const char *target_match(const char *word, const char *key) {
        size_t length = strlen(key);

        return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

const char *target_value(const Target *t, const char *key) {
        const char *last = NULL;

        for (size_t i = 0; i < t->n_query; i++)
                last = target_match(t->query[i], key) ?: last;
        return last;
}

static void target_encode(FILE *f, const char *s) {
        for (; *s; s++)
                if (strchr(UNRESERVED, *s))
                        fputc(*s, f);
                else
                        fprintf(f, "%%%02X", (unsigned char) *s);
}

int target_url(const Target *t, const char *disk_url, char **ret) {
        _cleanup_free_ char *url = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&url, &size);
        if (!f)
                return -ENOMEM;

        fprintf(f, "%s%s", disk_url, t->path);
        for (size_t i = 0; i < t->n_query; i++) {
                const char *value = strchr(t->query[i], '=') + 1;

                fputc(i == 0 ? '?' : '&', f);
                fwrite(t->query[i], 1, (size_t) (value - t->query[i]), f);
                target_encode(f, value);
        }
        if (fclose(f) != 0)
                return -ENOMEM;

        *ret = TAKE_PTR(url);
        return 0;
}

const char *target_permission(const Target *t, const char *method) {
        const char *file = str_or_empty(target_value(t, "path"));

        if (str_has_prefix(file, "app:"))
                return "cloud_api:disk.app_folder";
        if (!streq(method, "GET") || streq(t->path, "/v1/disk/resources/upload"))
                return "cloud_api:disk.write";
        if (streq(t->path, "/v1/disk") || streq(t->path, "/v1/disk/"))
                return "cloud_api:disk.info";
        return "cloud_api:disk.read";
}
