/* SPDX-License-Identifier: MIT */

/* Which pages a person may be sent to. */

#include "check.h"
#include "common/address.h"

static bool is_of_yandex(const char *url) {
        return address_is_of_server(url, "https://oauth.yandex.ru");
}

static void pages_of_yandex(void) {
        static const char *const pages[] = {
                "https://ya.ru",
                "https://ya.ru/",
                "https://ya.ru/device",
                "https://yandex.ru",
                "https://yandex.com/a",
                "https://oauth.yandex.ru/authorize?response_type=code&client_id=1&state=a%2Fb#c",
                "https://oauth.yandex.com?a=b",
                "https://a.b-c.d.ya.ru#x",
                "https://yandex.ru:443",
                "https://yandex.ru:8443/a:b@c",
                "https://YA.ru/Device",
                "https://ya.ru/?next=https://evil.com/@ya.ru",
                "https://xn--80ak6aa92e.yandex.ru/", /* whatever it looks like, it is theirs */
        };

        for (size_t i = 0; i < ELEMENTSOF(pages); i++)
                check_str(is_of_yandex(pages[i]) ? "theirs" : pages[i], "theirs");
}

static const char *const on_loopback[] = {
        "https://localhost:4430/device", "https://LOCALHOST",
        "https://127.0.0.1:1/",          "https://[::1]",
        "https://[::1]:4430/device",
};

/* What a program of this machine or a device of the network listens on, however it is written. */
static const char *const near[] = {
        "https://localhost.",
        "https://localhost.localdomain",
        "https://ya.ru.localhost",
        "https://router.local",
        "https://router",
        "https://127.0.0.2",
        "https://127.1",
        "https://127.0.1",
        "https://127.0.0.01",
        "https://0",
        "https://0.0.0.0",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://0177.0.0.1",
        "https://017700000001",
        "https://[::]",
        "https://[::2]",
        "https://[0:0:0:0:0:0:0:1]",
        "https://[::0001]",
        "https://[::127.0.0.1]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:7f00:1]",
        "https://[fe80::1]",
        "https://[::1%25lo]",
        "https://10.0.0.1",
        "https://192.168.1.1/setup",
        "https://169.254.169.254/latest/meta-data",
        "https://172.16.0.1",
};

/* Neither by its name nor because it is Yandex that we ask. */
static void what_is_near_is_no_page_of_yandex(void) {
        for (size_t i = 0; i < ELEMENTSOF(on_loopback); i++) {
                check(!is_of_yandex(on_loopback[i]));
                check(!address_is_of_server(on_loopback[i], NULL));
        }
        for (size_t i = 0; i < ELEMENTSOF(near); i++) {
                check_str(is_of_yandex(near[i]) ? near[i] : "refused", "refused");
                /* Nor if it is in the place of Yandex, since there is no need for that. */
                check(!address_is_of_server(near[i], near[i]));
                check(!address_may_be_opened(near[i]));
        }
}

/* A simulator that is in the place of Yandex has pages of its own. */
static void pages_of_a_server_on_the_loopback(void) {
        static const char base[] = "https://localhost:4430/path";

        check(address_is_of_server("https://localhost:4430/device", base));
        check(address_is_of_server("https://LOCALHOST:4430", base));
        check(address_is_of_server("https://[::1]:4430/device", "https://[::1]:4430"));
        check(address_is_of_server("https://ya.ru/device", base));

        check(!address_is_of_server("https://localhost/device", base));
        check(!address_is_of_server("https://localhost:4431/device", base));
        check(!address_is_of_server("https://localhost:443/device", base));
        check(!address_is_of_server("https://localhost:44300/device", base));
        check(!address_is_of_server("https://127.0.0.1:4430/device", base));
        check(!address_is_of_server("https://[::1]:4430/device", base));
        check(!address_is_of_server("http://localhost:4430/device", base));
        check(!address_is_of_server("https://a@localhost:4430/device", base));
        check(!address_is_of_server("https://evil.com/device", base));
        check(!address_is_of_server("https://evil.com/device", "https://evil.com"));
        check(!address_is_of_server("https://localhost:0", "https://localhost:0"));
        check(!address_is_of_server(NULL, base));
}

/* Those who do not know the configuration trust the daemon, which does. */
static void pages_that_the_daemon_hands_over(void) {
        for (size_t i = 0; i < ELEMENTSOF(on_loopback); i++)
                check(address_may_be_opened(on_loopback[i]));
        check(address_may_be_opened("https://ya.ru/device"));
        check(!address_may_be_opened("https://evil.com"));
        check(!address_may_be_opened("https://localhost:0/"));
        check(!address_may_be_opened("https://localhost:65536/"));
        check(!address_may_be_opened(NULL));
}

static void other_hosts(void) {
        static const char *const pages[] = {
                "https://evil.com",
                "https://evil.com/ya.ru",
                "https://evil.com/.ya.ru",
                "https://evil.com?.ya.ru",
                "https://evil.com#.ya.ru",
                "https://ya.ru.evil.com",
                "https://ya.ru.",
                "https://yandex.ru./",
                "https://evilya.ru",
                "https://evil-ya.ru",
                "https://notyandex.com",
                "https://yandex.org",
                "https://yandex.ru.com",
                "https://ya",
                "https://ru",
                "https://xn--y-7sb.ru/", /* a Cyrillic letter among Latin ones */
                "https://xn--ya-ru.com",
                "https://localhost.evil.com",
                "https://evil.localhost",
                "https://127.0.0.1.evil.com",
        };

        for (size_t i = 0; i < ELEMENTSOF(pages); i++)
                check_str(is_of_yandex(pages[i]) ? pages[i] : "refused", "refused");
}

static void addresses_with_two_readings(void) {
        static const char *const pages[] = {
                "https://ya.ru@evil.com",
                "https://ya.ru:443@evil.com",
                "https://ya.ru:pass@evil.com/",
                "https://evil.com@ya.ru",
                "https://evil.com@a.ya.ru",
                "https://:pw@ya.ru",
                "https://@ya.ru",
                "https://evil.com\\.ya.ru",
                "https://evil.com\\@ya.ru",
                "https://ya.ru\\@evil.com",
                "https://ya.ru/\\evil.com",
                "https://evil.com%2f.ya.ru",
                "https://evil.com%00.ya.ru",
                "https://ya%2eru",
                "https://%79a.ru",
                "https://evil.com;.ya.ru",
                "https://evil_com.ya.ru",
                "https://.ya.ru",
                "https://a..ya.ru",
                "https://-",
                "https:///ya.ru",
                "https:////ya.ru",
                "https://?ya.ru",
                "https://#ya.ru",
                "https:ya.ru",
                "https:/ya.ru",
        };

        for (size_t i = 0; i < ELEMENTSOF(pages); i++)
                check_str(is_of_yandex(pages[i]) ? pages[i] : "refused", "refused");
}

static void ports(void) {
        check(!is_of_yandex("https://ya.ru:"));
        check(!is_of_yandex("https://ya.ru:/"));
        check(!is_of_yandex("https://ya.ru:a"));
        check(!is_of_yandex("https://ya.ru:44a/"));
        check(!is_of_yandex("https://ya.ru:443:443"));
        check(!is_of_yandex("https://ya.ru:-1"));
        check(!is_of_yandex("https://ya.ru:+1"));
        check(!is_of_yandex("https://ya.ru:0"));
        check(!is_of_yandex("https://ya.ru:00000/"));
        check(!is_of_yandex("https://ya.ru:0x1bb"));
        check(!is_of_yandex("https://ya.ru:65536"));
        check(!is_of_yandex("https://ya.ru:99999/"));
        check(!is_of_yandex("https://ya.ru:18446744073709551617"));
        check(is_of_yandex("https://ya.ru:1/"));
        check(is_of_yandex("https://ya.ru:65535"));
        check(!is_of_yandex("https://ya.ru:100000"));
        check(!is_of_yandex("https://:443"));
}

static void ipv6(void) {
        check(!is_of_yandex("https://[::1].ya.ru"));
        check(!is_of_yandex("https://[::1]evil.com"));
        check(!is_of_yandex("https://[::1]@evil.com"));
        check(!is_of_yandex("https://[::1"));
        check(!is_of_yandex("https://["));
        check(!is_of_yandex("https://[/]"));
        check(!is_of_yandex("https://[]"));
        check(!is_of_yandex("https://::1"));
        check(!is_of_yandex("https://[ya.ru]"));
}

static void other_schemes(void) {
        static const char *const pages[] = {
                "",
                "ya.ru",
                "//ya.ru",
                "http://ya.ru",
                "HTTPS://ya.ru", /* not every program knows it in this form */
                "httpsx://ya.ru",
                "https",
                "https://",
                "ftp://ya.ru",
                "file:///etc/passwd",
                "javascript:alert(1)//https://ya.ru",
                "--help",
                " https://ya.ru",
                "view-source:https://ya.ru",
        };

        for (size_t i = 0; i < ELEMENTSOF(pages); i++)
                check_str(is_of_yandex(pages[i]) ? pages[i] : "refused", "refused");
        check(!is_of_yandex(NULL));
}

static void what_a_terminal_or_a_shell_could_act_on(void) {
        static const char *const pages[] = {
                "https://ya.ru/ device",      "https://ya.ru/\ndevice", "https://ya.ru\t",
                "https://ya.ru/\033[2J",      "https://ya.ru/\x7f",     "https://ya.ru/\xc2\x9b[2J",
                "https://ya.ru/\xe2\x80\xae", "https://\xd1\x8f.ru/",   "https://ya.ru/\"x",
                "https://ya.ru/`id`",         "https://ya.ru/<b>",      "https://ya.ru/{a,b}",
                "https://ya.ru/a|b",          "https://ya.ru/a^b",      "https://ya.ru/\xff",
        };

        for (size_t i = 0; i < ELEMENTSOF(pages); i++)
                check_str(is_of_yandex(pages[i]) ? pages[i] : "refused", "refused");
}

static void the_length_has_an_end(void) {
        char url[2050] = "https://ya.ru/";
        char host[400] = "https://";

        memset(url + strlen(url), 'a', 2048 - strlen(url));
        check_int(strlen(url), 2048);
        check(is_of_yandex(url));
        url[2048] = 'a';
        check(!is_of_yandex(url));

        memset(host + strlen(host), 'a', 300);
        strcat(host, ".ya.ru");
        check(!is_of_yandex(host));
}

TEST_MAIN(TEST(pages_of_yandex), TEST(what_is_near_is_no_page_of_yandex),
          TEST(pages_of_a_server_on_the_loopback), TEST(pages_that_the_daemon_hands_over),
          TEST(other_hosts), TEST(addresses_with_two_readings), TEST(ports), TEST(ipv6),
          TEST(other_schemes), TEST(what_a_terminal_or_a_shell_could_act_on),
          TEST(the_length_has_an_end))
