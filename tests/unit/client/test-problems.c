/* SPDX-License-Identifier: MIT */

/* What is said of a bus and a daemon that do not answer, and that each cure is one there is. */

#include <sys/stat.h>

#include "check.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"

static Problem problem;

/* Every problem has two sentences, and a status to exit with. */
static void check_complete(ExitStatus status) {
        CHECK_INT(problem.status, status);
        CHECK(*problem.message && *problem.advice);
        CHECK(problem.message[strlen(problem.message) - 1] == '.');
        CHECK(problem.advice[strlen(problem.advice) - 1] == '.');
}

static void judge_bus(const BusFault *f) {
        problem = (Problem){};
        bus_fault_judge(f, &problem);
        check_complete(EXIT_STATUS_NO_DAEMON);
}

static void no_bus(void) {
        BusFault f = { .error = -ENOMEDIUM, .user = "olga" };

        judge_bus(&f);
        CHECK(!strstr(problem.advice, "loginctl")); /* it belongs to systemd */
        f.has_systemd = true;
        judge_bus(&f);
        CHECK(strstr(problem.message, "olga is not logged in"));
        CHECK(strstr(problem.advice, "\"sudo loginctl enable-linger olga\""));
        f.is_root = true;
        judge_bus(&f);
        CHECK(strstr(problem.message, "as root"));
        CHECK(!strstr(problem.advice, "sudo"));
        f.has_directory = true;
        judge_bus(&f);
        CHECK(strstr(problem.advice, "dbus-user-session"));
}

static void the_bus_of_another_user(void) {
        BusFault f = { .error = -ENOTCONN, .user = "olga", .owner = "ivan" };

        judge_bus(&f);
        CHECK_STR(problem.message,
                  "The environment names the session bus of ivan, and yadiskctl runs as olga.");
        f.error = -EACCES;
        judge_bus(&f);
        CHECK(strstr(problem.advice, "Run it as ivan;"));
}

static void a_bus_that_does_not_talk(void) {
        BusFault f = { .error = -ENOTCONN, .user = "olga" };

        judge_bus(&f);
        CHECK(strstr(problem.advice, "xdg-dbus-proxy"));
        f.error = -ECONNREFUSED;
        judge_bus(&f);
        CHECK_STR(problem.message, "The session bus cannot be reached (Connection refused).");
        f = (BusFault){ .error = -ETIMEDOUT, .user = "olga", .place = "/run/user/1000/bus" };
        judge_bus(&f);
        CHECK_STR(problem.message, "The session bus at /run/user/1000/bus does not answer.");
        CHECK(!strstr(problem.advice, "proxy"));
        f.is_shadowed = true;
        judge_bus(&f);
        CHECK(strstr(problem.advice, "\"unset DBUS_SESSION_BUS_ADDRESS\""));
}

static void judge_daemon(const DaemonFindings *f, ExitStatus status) {
        problem = (Problem){};
        daemon_findings_judge(f, &problem);
        check_complete(status);
}

static DaemonFindings with_unit(DaemonState state) {
        DaemonFindings f = DAEMON_FINDINGS_INIT;

        f.state = state;
        f.unit.has_manager = true;
        f.unit.load_state = "loaded";
        f.unit.active_state = "inactive";
        return f;
}

static void a_unit_that_is_broken(void) {
        DaemonFindings f = with_unit(DAEMON_NOT_STARTED);

        f.unit.active_state = "failed";
        f.unit.result = "exit-code";
        f.unit.exec_status = 78;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.message, "configuration is wrong"));
        f.unit.result = "signal"; /* its number, then */
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK_STR(problem.message, "yadisk-tokend.service has failed.");
        f.unit.was_refused = true;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "reset-failed"));
        f.unit.active_state = "inactive";
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "systemctl --user start"));

        f = with_unit(DAEMON_NOT_STARTED);
        f.unit.active_state = "activating";
        f.unit.was_given_up = true;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.message, "ends as soon as it is started"));
        f.unit.load_state = "masked";
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "unmask"));
        f.unit.load_state = "bad-setting";
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.message, "cannot be read"));
        f.state = DAEMON_ABSENT;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.message, "cannot be read"));
}

static void a_daemon_that_did_not_start(void) {
        char said[] = "Process io.github.yadiskctl.Tokens1 exited with status 78",
             program[] = "/opt/libexec/yadisk-tokend";
        DaemonFindings f = with_unit(DAEMON_NOT_STARTED);

        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "systemctl --user status"));
        f.unit = UNIT_INIT;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(!strstr(problem.advice, "systemctl")); /* there is none */
        f.program = program;
        f.error = said;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.message, "configuration is wrong"));
}

static void a_daemon_that_nobody_starts(void) {
        char program[] = "/opt/libexec/yadisk-tokend";
        DaemonFindings f = with_unit(DAEMON_ABSENT);

        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "systemctl --user start"));
        f.unit.load_state = "not-found";
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(!strstr(problem.advice, "systemctl"));
        f.program = program;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK_STR(problem.advice, "Run \"/opt/libexec/yadisk-tokend\".");
}

static void a_daemon_that_is_silent(void) {
        DaemonFindings f = with_unit(DAEMON_SILENT);

        f.pid = 42;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "systemctl --user restart"));
        f.unit = UNIT_INIT;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(problem.advice, "\"kill -KILL 42\""));
        f.pid = 0;
        judge_daemon(&f, EXIT_STATUS_NO_DAEMON);
        CHECK(!strstr(problem.advice, "kill"));
}

static void a_daemon_out_of_reach(void) {
        DaemonFindings f = with_unit(DAEMON_FORBIDDEN);

        judge_daemon(&f, EXIT_STATUS_DENIED);
        f.state = DAEMON_HIDDEN;
        judge_daemon(&f, EXIT_STATUS_DENIED);
        f.state = DAEMON_SANDBOXED;
        judge_daemon(&f, EXIT_STATUS_DENIED);
        f.state = DAEMON_ODD;
        judge_daemon(&f, EXIT_STATUS_FAILURE);
}

/* doctor, and a line of any other verb. */
static void it_is_said_in_one_line(void) {
        BusFault f = { .error = -ENOMEDIUM, .user = "a\033[2Jb" };
        Capture *err;

        f.has_systemd = true;
        judge_bus(&f);
        err = capture(STDERR_FILENO);
        CHECK_INT(problem_tell(&problem), EXIT_STATUS_NO_DAEMON);
        CHECK(strstr(captured(err),
                     "yadiskctl: There is no session bus here, as a\xef\xbf\xbd[2Jb is "
                     "not logged in. Log in as a"));
}

static void write_file(const char *path) {
        FILE *f = fopen(path, "w");

        CHECK(f);
        CHECK(fclose(f) == 0);
}

static void where_the_configuration_is(void) {
        char directory[] = "/tmp/yadisk-XXXXXX", own[64], other[64], list[128];

        CHECK(mkdtemp(directory));
        CHECK(chdir(directory) == 0);
        CHECK(mkdir("yadisk-tokend", 0700) == 0 && mkdir("x", 0700) == 0 &&
              mkdir("x/yadisk-tokend", 0700) == 0);
        (void) snprintf(own, sizeof(own), "%s/yadisk-tokend/yadisk-tokend.conf", directory);
        (void) snprintf(other, sizeof(other), "%s/x/yadisk-tokend/yadisk-tokend.conf", directory);
        (void) snprintf(list, sizeof(list), "x:/nonexistent::%s/x", directory);
        CHECK(setenv("XDG_CONFIG_HOME", directory, 1) == 0);
        CHECK(setenv("XDG_CONFIG_DIRS", list, 1) == 0);

        CHECK(!configuration_path());
        write_file(other);
        CHECK_STR(configuration_path(), other);
        write_file(own);
        CHECK_STR(configuration_path(), own);
        CHECK(setenv("XDG_CONFIG_HOME", "", 1) == 0 && setenv("HOME", directory, 1) == 0);
        CHECK_STR(configuration_path(), other);
        CHECK(mkdir(".config", 0700) == 0 && rename("yadisk-tokend", ".config/yadisk-tokend") == 0);
        (void) snprintf(own, sizeof(own), "%s/.config/yadisk-tokend/yadisk-tokend.conf", directory);
        CHECK_STR(configuration_path(), own);

        CHECK(unlink(own) == 0 && unlink(other) == 0);
        CHECK(rmdir(".config/yadisk-tokend") == 0 && rmdir(".config") == 0);
        CHECK(rmdir("x/yadisk-tokend") == 0 && rmdir("x") == 0 && rmdir(directory) == 0);
}

int main(void) {
        no_bus();
        the_bus_of_another_user();
        a_bus_that_does_not_talk();
        a_unit_that_is_broken();
        a_daemon_that_did_not_start();
        a_daemon_that_nobody_starts();
        a_daemon_that_is_silent();
        a_daemon_out_of_reach();
        it_is_said_in_one_line();
        where_the_configuration_is();
        return EXIT_SUCCESS;
}
