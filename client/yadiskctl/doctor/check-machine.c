/* SPDX-License-Identifier: MIT */

/* The machine that the daemon runs on, and what is between it and Yandex. */

#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/doctor/check.h"

#define TIME_MAX_BYTES 64

/* The same everywhere and in every language. */
static const char *print_utc(uint64_t when, char buffer[static TIME_MAX_BYTES]) {
        time_t t = (time_t) when;
        struct tm tm;

        if (when > INT64_MAX || !gmtime_r(&t, &tm) ||
            strftime(buffer, TIME_MAX_BYTES, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
                return strcpy(buffer, "?");
        return buffer;
}

static bool differ(uint64_t a, uint64_t b) {
        return (a > b ? a - b : b - a) > CLOCK_SKEW_MAX;
}

/* Whatever Yandex gave us was given in the past. */
static bool comes_from_the_future(const Findings *f) {
        for (size_t i = 0; i < f->snapshot.n_accounts; i++)
                if (f->snapshot.accounts[i].obtained_at > f->network.local_time + CLOCK_SKEW_MAX)
                        return true;
        return false;
}

bool clock_is_wrong(const Findings *f) {
        if (!f->network.known)
                return false;
        if (f->network.server_time != 0)
                return differ(f->network.server_time, f->network.local_time);
        return comes_from_the_future(f);
}

bool yandex_was_asked(const Findings *f) {
        return f->network.known && f->network.reachable && f->network.trusted;
}

/* False where nothing can be said about the machine, which is said then. */
static bool can_look(const Findings *f, Check *c) {
        if (f->daemon.state != DAEMON_THERE)
                check_skip(c, N_("Not known without the daemon."));
        return f->daemon.state == DAEMON_THERE;
}

static bool can_look_further(const Findings *f, Check *c) {
        if (!can_look(f, c))
                return false;
        if (!f->network.known)
                check_skip(c, N_("Not known; this yadisk-tokend could not find it out."));
        return f->network.known;
}

static void check_keyring(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        if (!can_look(f, c))
                return;

        if (f->keyring.condition == 0)
                return check_ok(c, N_("The keyring is unlocked."));

        keyring_findings_judge(&f->keyring, &trouble);
        check_trouble_of(c, &trouble);
}

static void check_network(const Findings *f, Check *c) {
        if (!can_look_further(f, c))
                return;

        if (!f->network.reachable)
                check_trouble(c, EXIT_STATUS_TRY_LATER,
                              N_("Check the network, and the proxy where there is one."),
                              N_("Yandex cannot be reached at %s: %s."), f->network.host,
                              check_words(c, f->network.reason));
        else if (f->network.trusted && *f->network.reason)
                check_trouble(c, EXIT_STATUS_TRY_LATER, N_("Try again later."),
                              N_("Yandex does not answer as it should at %s: %s."), f->network.host,
                              check_words(c, f->network.reason));
        else
                check_ok(c, N_("Yandex can be reached."));
}

static void check_tls(const Findings *f, Check *c) {
        char now[TIME_MAX_BYTES];

        if (!can_look_further(f, c))
                return;

        if (f->network.trusted && !f->network.reachable)
                check_skip(c, N_("Not known while Yandex cannot be reached."));
        else if (f->network.trusted)
                check_ok(c, N_("The certificate of Yandex is valid."));
        else if (clock_is_wrong(f))
                check_skip(c, N_("Certificates cannot be judged while the clock is wrong."));
        else
                check_trouble(
                        c, EXIT_STATUS_TRY_LATER,
                        N_("If that is not the time, set the clock; otherwise something answers "
                           "in place of Yandex, such as the sign-in page of a Wi-Fi network or "
                           "a proxy: open a page in the browser to see it."),
                        N_("At %s %s; it is %s here."), f->network.host,
                        check_words(c, f->network.reason), print_utc(f->network.local_time, now));
}

static void check_clock(const Findings *f, Check *c) {
        const char *advice = N_("Set the clock; \"timedatectl set-ntp true\" keeps it right.");
        char here[TIME_MAX_BYTES], there[TIME_MAX_BYTES];

        if (!can_look_further(f, c))
                return;

        print_utc(f->network.local_time, here);
        if (!clock_is_wrong(f) && f->network.server_time == 0)
                check_skip(c, N_("Not known while Yandex does not tell its time."));
        else if (!clock_is_wrong(f))
                check_ok(c, N_("The clock of this machine agrees with that of Yandex."));
        else if (f->network.server_time == 0)
                check_trouble(c, EXIT_STATUS_FAILURE, advice,
                              N_("The clock of this machine shows %s, which is before a token was "
                                 "obtained."),
                              here);
        else
                check_trouble(c, EXIT_STATUS_FAILURE, advice,
                              N_("The clock of this machine shows %s, that of Yandex %s."), here,
                              print_utc(f->network.server_time, there));
}

static void check_device_id(const Findings *f, Check *c) {
        if (!can_look_further(f, c))
                return;

        if (f->network.has_device_id)
                check_ok(c, N_("Sign-ins are bound to this machine."));
        else
                check_attention(
                        c,
                        N_("Run \"systemd-machine-id-setup\" as root, restart yadisk-tokend, "
                           "and sign in again."),
                        N_("This machine has no machine-id; sign-ins cannot be revoked from "
                           "here."));
}

static void check_accounts(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        if (!can_look(f, c))
                return;

        if (f->snapshot.n_accounts > 0)
                check_ok(c, N_("Accounts that are signed in: %zu."), f->snapshot.n_accounts);
        else if (!streq(f->snapshot.keyring, "unlocked"))
                check_skip(c, N_("Not known without the keyring."));
        else {
                bus_judge_no_account(f->needs_setup, &trouble);
                check_trouble_of(c, &trouble);
        }
}

const CheckRow machine_checks[] = {
        { "keyring", N_("Keyring"), check_keyring },
        { "network", N_("Network"), check_network },
        { "tls", N_("Certificates"), check_tls },
        { "clock", N_("Clock"), check_clock },
        { "device-id", N_("Device id"), check_device_id },
        { "accounts", N_("Accounts"), check_accounts },
        {},
};
