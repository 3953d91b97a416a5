/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What all rooms of the keeper work with: the services, and what is true of all accounts at once.
 * The keeper fills it in and stands above the rooms, which know the world and not the keeper.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keyring/vault.h"
#include "yandex/oauth.h"

typedef struct Accounts Accounts;
typedef struct Applications Applications;
typedef struct Loader Loader;
typedef struct Permissions Permissions;
typedef struct SignIns SignIns;

typedef struct World {
        sd_event *event;
        Oauth *oauth;
        Vault *vault;
        Loader *loader;
        Applications *applications;
        Accounts *accounts;
        SignIns *sign_ins;
        Permissions *permissions;

        VaultState keyring_state; /* as the vault last said */
        /* The keyring was read while it was unlocked, so it cannot have hidden anything. */
        bool seen_all;
        bool stopping; /* no refresh is begun any more */
        bool online;   /* see world_reached() */
        unsigned n_holds;

        void (*on_online_changed)(void *userdata);
        void *userdata;
} World;

/* Says whether Yandex, or the network, could be reached. */
void world_reached(World *w, bool reached);

/* Between these two calls something must not be lost that is in memory alone, or on its way there,
 * so the keeper does not stop. world_hold() returns the world; world_release() accepts NULL and
 * returns NULL. */
World *world_hold(World *w);
World *world_release(World *held);
