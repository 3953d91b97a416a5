/* SPDX-License-Identifier: MIT */

#include "fake-fdstore.h"

#include "journal.h"

#define ENTRIES_MAX 256U

typedef struct Entry {
        char *name; /* NULL: free */
        Secret *document;
} Entry;

static Entry entries[ENTRIES_MAX];
static unsigned n_entries;
static int refusal;
static bool dead;

static void remove_entry(Entry *e) {
        free(e->name);
        secret_unref(e->document);
        *e = (Entry){};
}

void fake_fdstore_reset(void) {
        for (unsigned i = 0; i < n_entries; i++)
                remove_entry(&entries[i]);
        n_entries = 0;
        refusal = 0;
        dead = false;
}

void fake_fdstore_leave(const char *name, Secret *document) {
        if (n_entries == ENTRIES_MAX)
                abort();
        entries[n_entries++] = (Entry){ strdup(name), secret_ref(document) };
}

const char *fake_fdstore_document(const char *name) {
        for (unsigned i = n_entries; i > 0; i--)
                if (streq(entries[i - 1].name, name))
                        return secret_string(entries[i - 1].document);
        return NULL;
}

unsigned fake_fdstore_count(void) {
        unsigned n = 0;

        for (unsigned i = 0; i < n_entries; i++)
                n += entries[i].name != NULL;
        return n;
}

void fake_fdstore_refuse(int r) {
        refusal = r;
}

void fake_fdstore_die(bool die) {
        dead = die;
}

int fdstore_put(const char *name, const Secret *document) {
        if (refusal < 0)
                return refusal;

        journal_add("put %s", name);
        fake_fdstore_leave(name, (Secret *) document);
        return 0;
}

int fdstore_lend(const char *name, size_t capacity, Secret **ret) {
        int r;

        if (refusal < 0)
                return refusal;

        r = secret_new(capacity, ret);
        if (r < 0)
                return r;

        journal_add("lend %s", name);
        fake_fdstore_leave(name, *ret);
        return 0;
}

int fdstore_remove(const char *name) {
        if (dead)
                return 0;

        journal_add("remove %s", name);
        for (unsigned i = 0; i < n_entries; i++)
                if (streq(entries[i].name, name))
                        remove_entry(&entries[i]);
        return 0;
}

int fdstore_take(void (*fn)(const char *name, Secret *document, void *userdata), void *userdata) {
        for (unsigned i = 0; i < n_entries; i++)
                if (entries[i].name)
                        fn(entries[i].name, entries[i].document, userdata);
        return 0;
}
