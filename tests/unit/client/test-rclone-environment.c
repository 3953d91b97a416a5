/* SPDX-License-Identifier: MIT */

/* A remote of rclone in the environment: what it may be called, and what its variables say. */

#include "yadiskctl/exec/rclone-environment.h"

#include "check.h"

static void names_that_a_variable_can_have(void) {
        CHECK(rclone_remote_is_valid("disk"));
        CHECK(rclone_remote_is_valid("My_Disk-2"));
        CHECK(rclone_remote_is_valid("2"));
        CHECK(rclone_remote_is_valid("_"));
        CHECK(!rclone_remote_is_valid(""));
        CHECK(!rclone_remote_is_valid("-disk")); /* rclone would take it for an option */
        CHECK(!rclone_remote_is_valid("disk:"));
        CHECK(!rclone_remote_is_valid("a b"));
        CHECK(!rclone_remote_is_valid("a.b"));
        CHECK(!rclone_remote_is_valid("a=b"));
        CHECK(!rclone_remote_is_valid("Диск"));
}

/* How rclone finds the variable of a remote. */
static void the_name_of_a_variable(void) {
        CHECK_INT(rclone_environment_set_token("My_disk-2", "y0_token", 0), 0);
        CHECK_STR(getenv("RCLONE_CONFIG_MY_DISK_2_TYPE"), "yandex");
        CHECK(strstr(getenv("RCLONE_CONFIG_MY_DISK_2_TOKEN"), "\"y0_token\""));
}

static void a_token_for_its_life(void) {
        (void) setenv("RCLONE_CONFIG_DISK_TOKEN_URL", "http://127.0.0.1:1/of-another-time", 1);
        CHECK_INT(rclone_environment_set_token("disk", "y0_token", 1800000000), 0);
        CHECK_STR(getenv("RCLONE_CONFIG_DISK_TOKEN"),
                  "{\"access_token\":\"y0_token\",\"token_type\":\"OAuth\",\"refresh_token\":"
                  "\"none\",\"expiry\":\"2027-01-15T08:00:00Z\"}");
        CHECK(!getenv("RCLONE_CONFIG_DISK_TOKEN_URL"));
}

static void check_expiry(uint64_t expires_at, const char *expected) {
        const char *at;

        CHECK_INT(rclone_environment_set_token("disk", "t", expires_at), 0);
        at = strstr(getenv("RCLONE_CONFIG_DISK_TOKEN"), "\"expiry\":");
        CHECK(at);
        CHECK_STR(at, expected);
}

/* Go refuses a year of five digits; its zero is a token that does not expire. */
static void odd_ends(void) {
        check_expiry(0, "\"expiry\":\"0001-01-01T00:00:00Z\"}");
        check_expiry(1, "\"expiry\":\"1970-01-01T00:00:01Z\"}");
        check_expiry(UINT64_C(253402300800), "\"expiry\":\"9999-12-31T23:59:59Z\"}");
        check_expiry(UINT64_MAX, "\"expiry\":\"9999-12-31T23:59:59Z\"}");
}

static void a_token_may_be_any_visible_text(void) {
        CHECK_INT(rclone_environment_set_token("disk", "a\"b\\c", 0), 0);
        CHECK(strstr(getenv("RCLONE_CONFIG_DISK_TOKEN"), "{\"access_token\":\"a\\\"b\\\\c\","));
}

static void a_feed(void) {
        CHECK_INT(rclone_environment_set_feed("disk", "yadisk-feed-0", 23456), 0);
        CHECK_STR(getenv("RCLONE_CONFIG_DISK_TYPE"), "yandex");
        CHECK_STR(getenv("RCLONE_CONFIG_DISK_TOKEN"),
                  "{\"access_token\":\"-\",\"token_type\":\"OAuth\",\"refresh_token\":"
                  "\"yadisk-feed-0\",\"expiry\":\"2000-01-01T00:00:00Z\"}");
        CHECK_STR(getenv("RCLONE_CONFIG_DISK_TOKEN_URL"), "http://127.0.0.1:23456/token");
}

static void a_file_only_if_it_is_named(void) {
        (void) unsetenv("RCLONE_CONFIG");
        CHECK_INT(rclone_environment_set_token("disk", "t", 0), 0);
        CHECK_STR(getenv("RCLONE_CONFIG"), "");

        (void) setenv("RCLONE_CONFIG", "/home/ivan/rclone.conf", 1);
        CHECK_INT(rclone_environment_set_feed("disk", "h", 1), 0);
        CHECK_STR(getenv("RCLONE_CONFIG"), "/home/ivan/rclone.conf");
}

int main(void) {
        names_that_a_variable_can_have();
        the_name_of_a_variable();
        a_token_for_its_life();
        odd_ends();
        a_token_may_be_any_visible_text();
        a_feed();
        a_file_only_if_it_is_named();
        return EXIT_SUCCESS;
}
