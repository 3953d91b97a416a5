/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A Secret Service that does what gnome-keyring never or seldom does: prompts that are accepted,
 * prompts where none is expected, hidden items, errors. It knows one collection and one item, no
 * encryption, and lives in the test's own loop.
 */

#include <gio/gio.h>
#include <stdbool.h>

typedef struct FakeService {
        /* Set by the test, changed by the service. */
        bool has_collection;
        bool locked;
        bool has_item;
        bool item_locked; /* for this client, though the collection is open */
        char document[64];

        /* Set by the test. */
        bool refuses;         /* prompts are dismissed */
        bool lies;            /* an accepted prompt unlocks nothing */
        bool hides;           /* no items while locked */
        bool opens_unasked;   /* Unlock needs no prompt */
        bool prompts_on_item; /* CreateItem and Delete answer with a prompt */
        bool signals_early;   /* Completed comes before the answer to Prompt */
        bool lists_ghosts;    /* SearchItems also names an item that is not there */
        const char *error;    /* what SetSecret fails with */
        bool cannot_search;   /* the collection is there, but does not know the method */
        bool swallows;        /* SetSecret says that it stored something, and did not */
        bool closes;          /* it is locked while a secret is read */
        bool is_open;         /* what KWallet says of the wallet */
        bool answers_nonsense;
        unsigned refuses_keys; /* so many sessions fail for the key that is offered */
        unsigned bad_sessions; /* in so many the service has another key than the client */

        /* What it was asked. */
        unsigned sessions, unlocks, prompts, dismissals, collections_created, items_created;
        /* Searches of the whole service while it was locked: KeePassXC shows its window. */
        unsigned windows;
        char overwritten_with[64]; /* what the item held when it was deleted */
} FakeService;

extern FakeService fake;

/* Makes the kernel show our process by that name, by which KWallet is recognised. */
void be_called(const char *program);

/* Owns the name until the connection closes. */
void start_fake_service(GDBusConnection *bus);
