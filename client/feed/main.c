/* SPDX-License-Identifier: MIT */

/*
 * yadisk-token-feed: the token endpoint, on the socket that the service manager hands over. It is
 * an ordinary client of the daemon, in a process of its own, so that what comes from the network
 * never reaches the one that holds the refresh tokens.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "common/condition.h"
#include "common/harden.h"
#include "common/i18n.h"
#include "common/log.h"
#include "feed/server.h"
#include "feed/socket-failure.h"
#include "shared/libraries.h"

static int main_on_signal(sd_event_source *source, const struct signalfd_siginfo *info,
                          void *userdata) {
        (void) sd_notify(false, "STOPPING=1");
        server_stop(userdata);
        return 0;
}

static int main_fail(const char *what, int r) {
        log_event(LOG_ERR, &(LogContext){ .condition = r }, "%s", what);
        return r == -EADDRNOTAVAIL ? EX_CONFIG : EXIT_STATUS_FAILURE;
}

static int main_serve(int fd) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(server_freep) Server *server = NULL;
        int r;

        r = glib_load();
        if (r < 0)
                return main_fail("The library libglib-2.0.so.0 is missing; install it.", r);
        r = sd_event_new(&event);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return main_fail("The event loop cannot be made.", r);

        r = server_new(event, fd, &server);
        if (r < 0)
                return main_fail(r == -EADDRNOTAVAIL
                                         ? "The socket is not on the loopback, so anybody in the "
                                           "network could connect; remove what was changed in "
                                           "yadisk-token-feed.socket."
                                         : "The endpoint cannot start.",
                                 r);

        r = sd_event_add_signal(event, NULL, SIGTERM, main_on_signal, server);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, main_on_signal, server);
        if (r >= 0) {
                (void) sd_notify(false, "READY=1");
                r = sd_event_loop(event);
        }
        return r < 0 ? main_fail("The event loop failed.", r) : r;
}

static void print_help(void) {
        puts(_("Usage: yadisk-token-feed [--help | --version | --socket-failed]\n"
               "\n"
               "Answers programs that ask for an access token with the handle of a feed, on the\n"
               "socket that the service manager hands over; see yadisk-token-feed(8)."));
}

/* Returns the exit status, or -1 if there is to be an endpoint. */
static int parse_arguments(int argc, char *argv[]) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
                { "socket-failed", no_argument, NULL, 'f' },
                {},
        };
        int c = getopt_long(argc, argv, "h", options, NULL);

        if (c == 'h') {
                print_help();
                return EXIT_STATUS_OK;
        }
        if (c == 'V') {
                printf("yadisk-token-feed " YADISK_VERSION "\n");
                return EXIT_STATUS_OK;
        }
        if (c == 'f') {
                log_open();
                return socket_failure_explain();
        }
        if (c != -1)
                return EX_USAGE;
        if (optind < argc) {
                fprintf(stderr, "%s\n",
                        _("yadisk-token-feed: takes no arguments; see yadisk-token-feed --help."));
                return EX_USAGE;
        }
        return -1;
}

int main(int argc, char *argv[]) {
        int r;

        i18n_open(YADISK_LOCALE_DIR);
        r = parse_arguments(argc, argv);
        if (r >= 0)
                return r;

        log_open();
        harden_heap();
        r = block_signals();
        if (r < 0)
                return main_fail("Signals cannot be blocked.", r);

        if (sd_listen_fds(true) != 1 ||
            sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
                log_error("The service manager has to hand over one socket that listens; start "
                          "yadisk-token-feed.socket instead.");
                return EX_USAGE;
        }
        return main_serve(SD_LISTEN_FDS_START);
}
