/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The keeper puts the rooms together: it makes the world that they work with, hears what happens in
 * it, and stops without losing anything.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct Keeper Keeper;

typedef enum KeeperChange {
        KEEPER_CHANGED_KEYRING = 1 << 0,
        KEEPER_CHANGED_ONLINE = 1 << 1,
        KEEPER_CHANGED_DEFAULT = 1 << 2,
} KeeperChange;

/* Who is told. The callbacks run from the loop or from within a call, and must not free anything of
 * the keeper. */
typedef struct KeeperObserver {
        void (*on_loaded)(void *userdata); /* once: the keyring was asked, whatever it said */
        void (*on_account_added)(Account *account, void *userdata);
        void (*on_account_changed)(Account *account, AccountChange changes, void *userdata);
        void (*on_account_removed)(Account *account, void *userdata); /* while it is still there */
        void (*on_changed)(KeeperChange changes, void *userdata);
        void *userdata;
} KeeperObserver;

/* Takes in what the descriptor store holds. oauth must outlive the keeper. Returns 0 or a negative
 * errno. */
int keeper_new(sd_event *event, Oauth *oauth, Keeper **ret);
Keeper *keeper_free(Keeper *k);
DEFINE_CLEANUP(Keeper *, keeper_free)

/* Begins to work: reads the keyring, then keeps the grants good. The observer must outlive the
 * keeper, or be taken away by keeper_unobserve(), after which it is told nothing any more. */
void keeper_start(Keeper *k, const KeeperObserver *observer);
void keeper_unobserve(Keeper *k);

/* Begins nothing new and tries once more to save what is not saved. Runs fn from the loop when no
 * answer of Yandex is awaited, no write is under way and nothing holds the world, or after 18 s.
 * Names in the log what is not saved by then. A second call changes nothing. */
void keeper_stop(Keeper *k, void (*fn)(void *userdata), void *userdata);

World *keeper_world(Keeper *k);
