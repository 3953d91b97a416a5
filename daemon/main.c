/* SPDX-License-Identifier: MIT */

/*
 * yadisk-tokend: puts the parts together at the start, and takes them apart after SIGTERM.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "bus/bus.h"
#include "common/condition.h"
#include "common/harden.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/keeper.h"
#include "platform/config.h"
#include "platform/loop.h"
#include "platform/machine.h"
#include "yandex/http.h"
#include "yandex/oauth.h"

typedef struct Daemon {
        Config config;
        char *device_id;
        sd_event *event;
        Http *http;
        Oauth *oauth;
        Keeper *keeper;
        Bus *bus;
        bool stopping;
} Daemon;

static void daemon_done(Daemon *d) {
        bus_free(d->bus);
        keeper_free(d->keeper);
        oauth_free(d->oauth);
        http_free(d->http);
        sd_event_unref(d->event);
        free(d->device_id);
        config_done(&d->config);
}

static void daemon_on_ready(void *userdata) {
        (void) sd_notify(false, "READY=1\nSTATUS=Serving tokens.");
        log_info("Ready.");
}

static void daemon_on_stopped(void *userdata) {
        Daemon *d = userdata;

        (void) sd_event_exit(d->event, EXIT_STATUS_OK);
}

/* After the first signal what is under way comes to its end; a second one ends the daemon at
 * once. */
static int daemon_on_signal(sd_event_source *source, const struct signalfd_siginfo *info,
                            void *userdata) {
        Daemon *d = userdata;

        if (d->stopping)
                return sd_event_exit(d->event, EXIT_STATUS_OK);

        d->stopping = true;
        (void) sd_notify(false, "STOPPING=1\nSTATUS=Stopping.");
        log_info("Stopping.");
        keeper_stop(d->keeper, daemon_on_stopped, d);
        return 0;
}

/* If this variable is set in the session, OpenSSL writes the keys of our connections to a file. */
static void forget_environment(void) {
        (void) unsetenv("SSLKEYLOGFILE");
}

/* Every waiting call is answered while the sources of the loop can still be used. */
static int daemon_on_exit(sd_event_source *source, void *userdata) {
        Daemon *d = userdata;

        d->bus = bus_free(d->bus);
        return 0;
}

static int daemon_make_event(Daemon *d) {
        _cleanup_(sd_event_source_unrefp) sd_event_source *last = NULL;
        int r;

        r = sd_event_default(&d->event);
        if (r >= 0)
                r = sd_event_add_signal(d->event, NULL, SIGTERM, daemon_on_signal, d);
        if (r >= 0)
                r = sd_event_add_signal(d->event, NULL, SIGINT, daemon_on_signal, d);
        if (r >= 0)
                r = sd_event_add_exit(d->event, &last, daemon_on_exit, d);
        if (r >= 0)
                r = sd_event_source_set_priority(last, SD_EVENT_PRIORITY_IMPORTANT);
        if (r >= 0)
                r = sd_event_source_set_floating(last, true);
        if (r >= 0)
                r = sd_event_set_watchdog(d->event, true);
        return MIN_OF(r, 0);
}

static int daemon_make_oauth(Daemon *d) {
        OauthOptions options = {
                .oauth_url = d->config.oauth_url,
                .login_url = d->config.login_url,
                .disk_url = d->config.disk_url,
                .device_name = d->config.device_name,
        };
        int r;

        r = machine_device_id(&d->device_id);
        if (r < 0)
                log_event(
                        LOG_WARNING, &(LogContext){ .condition = r },
                        "This machine has no machine-id; sign-ins cannot be revoked from here. Run "
                        "\"systemd-machine-id-setup\".");
        options.device_id = d->device_id;

        r = http_new(d->event, d->config.ca_file, &d->http);
        return r < 0 ? r : oauth_new(d->http, &options, &d->oauth);
}

static int daemon_fail(const char *what, int r) {
        log_event(LOG_ERR, &(LogContext){ .condition = r }, "%s", what);
        return EXIT_STATUS_FAILURE;
}

static int daemon_run(Daemon *d) {
        int code, r;

        r = daemon_make_event(d);
        if (r < 0)
                return daemon_fail("The event loop cannot be made.", r);

        r = daemon_make_oauth(d);
        if (r < 0)
                return daemon_fail("HTTPS cannot be set up; check CAFile in the configuration.", r);

        r = keeper_new(d->event, d->oauth, &d->keeper);
        if (r < 0)
                return daemon_fail("The keeper cannot start.", r);

        r = bus_new(&d->config, d->keeper, daemon_on_ready, d, &d->bus);
        if (r < 0)
                return daemon_fail("There is no session bus; start one, or set "
                                   "DBUS_SESSION_BUS_ADDRESS.",
                                   r);

        r = loop_run(d->event, &code);
        return r < 0 ? daemon_fail("The event loop failed.", r) : code;
}

static void print_help(void) {
        puts(_("Usage: yadisk-tokend [--help | --version]\n"
               "\n"
               "Keeps the tokens of Yandex Disk in the keyring, renews them, and serves them on "
               "the\n"
               "session bus. Started by the service manager or by the bus; see "
               "yadisk-tokend(8)."));
}

/* Returns the exit status, or -1 if the daemon is to run. */
static int parse_arguments(int argc, char *argv[]) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
                {},
        };
        int c = getopt_long(argc, argv, "h", options, NULL);

        if (c == 'h') {
                print_help();
                return EXIT_STATUS_OK;
        }
        if (c == 'V') {
                printf("yadisk-tokend " YADISK_VERSION "\n");
                return EXIT_STATUS_OK;
        }
        if (c != -1)
                return EX_USAGE;
        if (optind < argc) {
                fprintf(stderr, "%s\n",
                        _("yadisk-tokend: takes no arguments; see yadisk-tokend --help."));
                return EX_USAGE;
        }
        return -1;
}

int main(int argc, char *argv[]) {
        _cleanup_(daemon_done) Daemon d = {};
        int r;

        i18n_open(YADISK_LOCALE_DIR);
        r = parse_arguments(argc, argv);
        if (r >= 0)
                return r;

        log_open();
        forget_environment();
        harden_heap();
        memory_hide();
        r = block_signals();
        if (r < 0)
                return daemon_fail("Signals cannot be blocked.", r);

        r = config_load(&d.config);
        if (r != 0)
                return condition_is_valid(r) ? EX_CONFIG
                                             : daemon_fail("The configuration cannot be read.", r);

        return daemon_run(&d);
}
