/* SPDX-License-Identifier: MIT */

/* Which pages the service manager is asked to open, and how. Here is a bus with a manager on it. */

#include "bus-rig.h"
#include "platform/opener.h"

#define PAGE "https://ya.ru/device"

static bool refuses;

static unsigned n_asked;
static char unit[128], properties[512], command[512];

static void read_command(sd_bus_message *m) {
        const char *program;
        char **arguments = NULL;
        int ignore_failure;

        check(sd_bus_message_enter_container(m, 'v', "a(sasb)") > 0);
        check(sd_bus_message_enter_container(m, 'a', "(sasb)") > 0);
        check(sd_bus_message_enter_container(m, 'r', "sasb") > 0);
        check(sd_bus_message_read(m, "s", &program) > 0);
        check(sd_bus_message_read_strv(m, &arguments) >= 0);
        check(sd_bus_message_read(m, "b", &ignore_failure) > 0);
        check(!ignore_failure);
        (void) snprintf(command, sizeof(command), "%s:", program);
        for (char **a = arguments; *a; free(*a++))
                (void) snprintf(command + strlen(command), sizeof(command) - strlen(command), " %s",
                                *a);
        free(arguments);
        for (unsigned i = 0; i < 3; i++)
                check(sd_bus_message_exit_container(m) >= 0);
}

static void read_unit(sd_bus_message *m) {
        const char *name, *mode, *property, *value;

        check(sd_bus_message_read(m, "ss", &name, &mode) > 0);
        check(!streq(name, unit));
        check_str(mode, "fail");
        (void) snprintf(unit, sizeof(unit), "%s", name);
        properties[0] = '\0';
        check(sd_bus_message_enter_container(m, 'a', "(sv)") > 0);
        while (sd_bus_message_enter_container(m, 'r', "sv") > 0) {
                check(sd_bus_message_read(m, "s", &property) > 0);
                if (streq(property, "ExecStart"))
                        read_command(m);
                else {
                        check(sd_bus_message_read(m, "v", "s", &value) > 0);
                        (void) snprintf(properties + strlen(properties),
                                        sizeof(properties) - strlen(properties), "%s=%s\n",
                                        property, value);
                }
                check(sd_bus_message_exit_container(m) >= 0);
        }
        check(sd_bus_message_exit_container(m) >= 0);
        check(sd_bus_message_skip(m, "a(sa(sv))") >= 0);
        check(sd_bus_message_at_end(m, true) > 0);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        if (is_hello(m))
                return sd_bus_reply_method_return(m, "s", ":1.1");

        check(sd_bus_message_is_method_call(m, "org.freedesktop.systemd1.Manager",
                                            "StartTransientUnit"));
        check_str(sd_bus_message_get_destination(m), "org.freedesktop.systemd1");
        check_str(sd_bus_message_get_path(m), "/org/freedesktop/systemd1");
        check_int(sd_bus_message_get_auto_start(m), 0);
        read_unit(m);
        n_asked++;
        return refuses ? sd_bus_reply_method_errorf(m, SD_BUS_ERROR_ACCESS_DENIED, "No.")
                       : sd_bus_reply_method_return(m, "o", "/job");
}

static Opener *opener(void) {
        Opener *o;

        n_asked = 0;
        check_int(opener_new(event, &o), 0);
        return o;
}

static void asks_for(const char *url) {
        _cleanup_(opener_freep) Opener *o = opener();
        char expected[256];

        opener_open(o, url);
        accept_connection(on_call);
        run_until_quiet();
        check_int(n_asked, 1);
        (void) snprintf(expected, sizeof(expected), "xdg-open: xdg-open %s", url);
        check_str(command, expected);
        leave();
}

static void does_not_ask_for(const char *url) {
        _cleanup_(opener_freep) Opener *o = opener();

        opener_open(o, url);
        check(!connection_waits());
}

static void pages_of_yandex_only(void) {
        asks_for(PAGE);
        asks_for("https://oauth.yandex.com/authorize?response_type=code");
        asks_for("https://localhost:4430/device");

        does_not_ask_for("http://ya.ru/device");
        does_not_ask_for("https://ya.ru.example.org/device");
        does_not_ask_for("https://ya.ru@example.org/device");
        does_not_ask_for("https://ya.ru\\@example.org/device");
        does_not_ask_for("file:///etc/passwd");
        does_not_ask_for("javascript:alert(1)");
        does_not_ask_for("-version");
        does_not_ask_for("");
}

static void the_browser_outlives_what_starts_it(void) {
        asks_for(PAGE);
        check(strstr(properties, "ExitType=cgroup\n"));
        check(strstr(properties, "CollectMode=inactive-or-failed\n"));
        check(strstr(properties, "Slice=app.slice\n"));
}

/* Over one connection; read_unit() checks that the names differ. */
static void one_page_after_the_other(void) {
        _cleanup_(opener_freep) Opener *o = opener();

        opener_open(o, PAGE);
        accept_connection(on_call);
        run_until_quiet();
        check_int(n_asked, 1);
        opener_open(o, PAGE);
        run_until_quiet();
        check_int(n_asked, 2);
        leave();
}

static void a_manager_that_refuses(void) {
        refuses = true;
        asks_for(PAGE);
        refuses = false;
}

static void a_bus_that_hangs_up(void) {
        _cleanup_(opener_freep) Opener *o = opener();

        opener_open(o, PAGE);
        accept_connection(on_call);
        leave();
        run_until_quiet();
        opener_open(o, PAGE);
}

static void no_bus(void) {
        _cleanup_(opener_freep) Opener *o = opener();

        listener = fd_close(listener);
        opener_open(o, PAGE);
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(pages_of_yandex_only),     TEST(the_browser_outlives_what_starts_it),
                TEST(one_page_after_the_other), TEST(a_manager_that_refuses),
                TEST(a_bus_that_hangs_up),      TEST(no_bus),
        };
        int r;

        listen_as_bus();
        r = run_tests(argc, argv, tests, ELEMENTSOF(tests));
        hang_up();
        return r;
}
