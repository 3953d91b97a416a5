/* SPDX-License-Identifier: MIT */

/* What the errors of a call come to: exit statuses here, values of the library there. */

#include <pthread.h>

#include "check.h"
#include "library/token.h"
#include "shared/session-bus.h"
#include "yadisk-token.h"
#include "yadiskctl/daemon/bus.h"

#define STANDARD "org.freedesktop.DBus.Error."

/* bus_open() fails without a bus, but makes the names of the daemon known before that. */
static void know_the_names(void) {
        Capture *err = capture(STDERR_FILENO);
        sd_bus *bus = NULL;

        CHECK(setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1) == 0);
        CHECK_INT(bus_open(&bus), EXIT_STATUS_NO_DAEMON);
        CHECK(!bus);
        CHECK(strstr(captured(err), "The session bus cannot be reached"));
}

static void check_exit(const char *name, const char *message, ExitStatus expected,
                       const char *said) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, message);
        Capture *err = capture(STDERR_FILENO);
        ExitStatus s = bus_explain(NULL, &error);
        const char *line = captured(err);

        CHECK_INT(s, expected);
        CHECK(strncmp(line, "yadiskctl: ", strlen("yadiskctl: ")) == 0);
        CHECK(strstr(line, said));
        CHECK(strchr(line, '\n') == line + strlen(line) - 1); /* one line */
}

static void each_condition_has_its_exit_status(void) {
        for (int c = _CONDITION_MIN; c < _CONDITION_MAX; c++) {
                /* Without a sentence, that of the first Condition of the name. */
                int first = condition_from_bus_name(condition_bus_name(c));

                check_exit(condition_bus_name(c), "It is so; do that.", condition_exit_status(c),
                           "It is so; do that.");
                check_exit(condition_bus_name(c), "", condition_exit_status(c),
                           condition_sentence(first));
                check_exit(condition_bus_name(c), NULL, condition_exit_status(c),
                           condition_sentence(first));
        }
        check_exit(TOKENS_ERROR("SignInNeeded"), "x", EXIT_STATUS_SIGN_IN_NEEDED, "x");
        check_exit(TOKENS_ERROR("NoSuchAccount"), "x", EXIT_STATUS_NO_ACCOUNT, "x");
}

static void an_absent_daemon_has_its_own(void) {
        check_exit(STANDARD "ServiceUnknown", "x", EXIT_STATUS_NO_DAEMON, "is not running");
        check_exit(STANDARD "NameHasNoOwner", "x", EXIT_STATUS_NO_DAEMON, "is not running");
        check_exit(STANDARD "Disconnected", "x", EXIT_STATUS_NO_DAEMON, "is not running");
        check_exit(STANDARD "Spawn.ExecFailed", "why", EXIT_STATUS_NO_DAEMON, "(why)");
        check_exit(STANDARD "Spawn.ServiceNotValid", NULL, EXIT_STATUS_NO_DAEMON,
                   "could not be started");
        check_exit("org.freedesktop.systemd1.UnitMasked", "why", EXIT_STATUS_NO_DAEMON, "(why)");
        check_exit(STANDARD "NoReply", "x", EXIT_STATUS_NO_DAEMON, "could not be started");
        check_exit(STANDARD "Timeout", "x", EXIT_STATUS_NO_DAEMON, "could not be started");
        check_exit(STANDARD "TimedOut", "x", EXIT_STATUS_NO_DAEMON, "could not be started");
}

static void the_rest_is_a_failure(void) {
        check_exit(STANDARD "AccessDenied", "policy", EXIT_STATUS_DENIED, "outside of a sandbox");
        check_exit(STANDARD "Failed", "why", EXIT_STATUS_FAILURE, "why");
        check_exit("com.example.Else", "why", EXIT_STATUS_FAILURE, "why");
        check_exit(STANDARD "UnknownMethod", "x", EXIT_STATUS_FAILURE, "the same version");
        check_exit(STANDARD "Failed", "a\033[2J\nb", EXIT_STATUS_FAILURE, "a\xef\xbf\xbd[2J");
}

static int of(const char *name) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, "x");

        return error_from_bus(&error, -EIO);
}

static void the_library_has_values(void) {
        CHECK_INT(of(TOKENS_ERROR("NotSignedIn")), YADISK_TOKEN_NOT_SIGNED_IN);
        CHECK_INT(of(TOKENS_ERROR("SignInNeeded")), YADISK_TOKEN_SIGN_IN_NEEDED);
        CHECK_INT(of(TOKENS_ERROR("AppRefused")), YADISK_TOKEN_APP_REFUSED);
        CHECK_INT(of(TOKENS_ERROR("Refused")), YADISK_TOKEN_APP_REFUSED);
        CHECK_INT(of(TOKENS_ERROR("KeyringLocked")), YADISK_TOKEN_KEYRING_LOCKED);
        CHECK_INT(of(TOKENS_ERROR("KeyringUnavailable")), YADISK_TOKEN_KEYRING_FAILED);
        CHECK_INT(of(TOKENS_ERROR("Offline")), YADISK_TOKEN_TRY_LATER);
        CHECK_INT(of(TOKENS_ERROR("RateLimited")), YADISK_TOKEN_TRY_LATER);
        CHECK_INT(of(TOKENS_ERROR("AccessDenied")), YADISK_TOKEN_ACCESS_DENIED);
        CHECK_INT(of(STANDARD "AccessDenied"), YADISK_TOKEN_ACCESS_DENIED);
        CHECK_INT(of(TOKENS_ERROR("Ambiguous")), YADISK_TOKEN_NO_SUCH_ACCOUNT);
        CHECK_INT(of(STANDARD "ServiceUnknown"), YADISK_TOKEN_NO_DAEMON);
        CHECK_INT(of(STANDARD "NoReply"), YADISK_TOKEN_NO_DAEMON);
        CHECK_INT(of(STANDARD "InvalidArgs"), YADISK_TOKEN_FAILED);
        CHECK_INT(of("com.example.Else"), YADISK_TOKEN_FAILED);
        CHECK_INT(error_from_bus(NULL, -ENOMEDIUM), YADISK_TOKEN_NO_DAEMON);
        CHECK_INT(error_from_bus(NULL, -ECONNREFUSED), YADISK_TOKEN_NO_DAEMON);
        CHECK_INT(error_from_bus(NULL, -ENOMEM), -ENOMEM);
}

static void the_library_has_words(void) {
        for (int r = 0; r <= YADISK_TOKEN_FAILED; r++)
                CHECK(strchr(yadisk_token_strerror(r), '.'));
        CHECK_STR(yadisk_token_strerror(-ENOMEM), "Cannot allocate memory");
        CHECK_STR(yadisk_token_strerror(YADISK_TOKEN_FAILED + 1), "Unknown error");
        CHECK_STR(yadisk_token_strerror(-100000), "Unknown error");
        CHECK_STR(yadisk_token_strerror(INT32_MAX), "Unknown error");
}

static void the_library_does_without_a_bus(void) {
        YadiskToken *token = NULL;

        CHECK_INT(yadisk_token_get(NULL, 0, &token), YADISK_TOKEN_NO_DAEMON);
        CHECK_INT(yadisk_token_get("\xff", 0, &token), -EINVAL);
        CHECK(!token);
        yadisk_token_free(NULL);
}

/* A program that was built for another version of the library. */
static void the_library_takes_options_of_other_sizes(void) {
        struct {
                YadiskTokenOptions known;
                char later[3];
        } options = { .known.size = sizeof(YadiskTokenOptions) };
        YadiskToken *token = NULL;

        CHECK_INT(yadisk_token_get_full(&options.known, &token), YADISK_TOKEN_NO_DAEMON);
        options.known.size += sizeof(options.later);
        CHECK_INT(yadisk_token_get_full(&options.known, &token), YADISK_TOKEN_NO_DAEMON);
        options.later[2] = 1;
        CHECK_INT(yadisk_token_get_full(&options.known, &token), -E2BIG);
        options.known.size--;
        CHECK_INT(yadisk_token_get_full(&options.known, &token), YADISK_TOKEN_NO_DAEMON);
        options.known.size = sizeof(YadiskTokenOptions) - 1;
        CHECK_INT(yadisk_token_get_full(&options.known, &token), -EINVAL);
        options.known.size = 0;
        CHECK_INT(yadisk_token_get_full(&options.known, &token), -EINVAL);
        CHECK(!token);
}

static void *read_directory(void *expected) {
        for (int i = 0; i < 1000000; i++)
                if (!streq(session_bus_directory(), expected))
                        return expected;
        return NULL;
}

/* Any thread may call at any time, also if no variable names a bus. */
static void the_library_shares_nothing_between_threads(void) {
        _cleanup_free_ char *expected = strdup(session_bus_directory());
        void *failed_here, *failed_there;
        pthread_t thread;

        CHECK_INT(pthread_create(&thread, NULL, read_directory, expected), 0);
        failed_here = read_directory(expected);
        CHECK_INT(pthread_join(thread, &failed_there), 0);
        CHECK(!failed_here && !failed_there);
}

int main(void) {
        know_the_names();
        each_condition_has_its_exit_status();
        an_absent_daemon_has_its_own();
        the_rest_is_a_failure();
        the_library_has_values();
        the_library_has_words();
        the_library_does_without_a_bus();
        the_library_takes_options_of_other_sizes();
        the_library_shares_nothing_between_threads();
        return EXIT_SUCCESS;
}
