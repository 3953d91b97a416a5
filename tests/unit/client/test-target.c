/* SPDX-License-Identifier: MIT */

/* No path leads to another host, and a query arrives as it was given. */

#include "api/target.h"

#include "check.h"

static void path_is_good(const char *path) {
        CHECK(!target_path_mistake(path));
}

static void path_is_bad(const char *path) {
        CHECK(target_path_mistake(path));
}

static void becomes(const char *disk, const char *path, const char *const *query, size_t n_query,
                    const char *expected) {
        Target t = { path, query, n_query };
        _cleanup_free_ char *url = NULL;

        CHECK_INT(target_url(&t, disk, &url), 0);
        CHECK_STR(url, expected);
}

static void needs(const char *method, const char *path, const char *word, const char *expected) {
        const char *query[] = { word };

        CHECK_STR(target_permission(&(Target){ path, query, 1 }, method), expected);
}

static void test_paths(void) {
        path_is_good("/");
        path_is_good("/v1/disk");
        path_is_good("/v1/disk/operations/3f8a%20-._~");
        path_is_good("/v1/../v1//disk/@x:y");

        path_is_bad("");
        path_is_bad("v1/disk");
        path_is_bad("//evil.example");
        path_is_bad("///evil.example");
        path_is_bad("@evil.example");
        path_is_bad(":443@evil.example/");
        path_is_bad(".evil.example/");
        path_is_bad("\\\\evil.example");
        path_is_bad("/\\evil.example");
        path_is_bad("https://evil.example/");
        path_is_bad("/v1#@evil.example");
        path_is_bad("/v1?x=@evil.example");
        path_is_bad("/v1 /disk");
        path_is_bad("/v1\t");
        path_is_bad("/v1\r\nHost: evil.example");
        path_is_bad("/диск");
        for (char c = 1; c <= ' '; c++)
                path_is_bad((char[]){ '/', c, '\0' });
}

static void test_words(void) {
        CHECK(!target_query_mistake("limit=20"));
        CHECK(!target_query_mistake("path="));
        CHECK(!target_query_mistake("fields=_embedded.items=&?#"));
        CHECK(target_query_mistake(""));
        CHECK(target_query_mistake("limit"));
        CHECK(target_query_mistake("=20"));
        CHECK(target_query_mistake("li mit=20"));
        CHECK(target_query_mistake("a&b=20"));
        CHECK(target_query_mistake("a#=20"));
}

static void test_urls(void) {
        const char *query[] = { "path=disk:/a&b=c#d?e +%41/\xd0\xaf\\", "limit=20",
                                "x=", "y=-._~Az09" };

        becomes("https://disk.example", "/v1", NULL, 0, "https://disk.example/v1");
        becomes("https://disk.example/base", "/v1", query, 1,
                "https://disk.example/base/v1"
                "?path=disk%3A%2Fa%26b%3Dc%23d%3Fe%20%2B%2541%2F%D0%AF%5C");
        becomes("https://disk.example", "/v1", query + 1, 3,
                "https://disk.example/v1?limit=20&x=&y=-._~Az09");
}

static void test_values(void) {
        const char *query[] = { "limit=20", "limits=1", "limit=", "path=a=b" };
        Target t = { "/", query, ELEMENTSOF(query) };

        CHECK_STR(target_value(&t, "limit"), "");
        CHECK_STR(target_value(&t, "path"), "a=b");
        CHECK(!target_value(&t, "lim"));
        CHECK(!target_value(&(Target){ "/", NULL, 0 }, "limit"));
}

static void test_permissions(void) {
        needs("GET", "/v1/disk", "fields=user", "cloud_api:disk.info");
        needs("GET", "/v1/disk/resources", "path=disk:/app:/x", "cloud_api:disk.read");
        needs("GET", "/v1/disk/resources", "path=app:/x", "cloud_api:disk.app_folder");
        needs("GET", "/v1/disk/resources/upload", "path=/x", "cloud_api:disk.write");
        needs("PUT", "/v1/disk/resources", "path=app:/x", "cloud_api:disk.app_folder");
        needs("DELETE", "/v1/disk/resources", "path=/x", "cloud_api:disk.write");
}

int main(void) {
        test_paths();
        test_words();
        test_urls();
        test_values();
        test_permissions();
        return EXIT_SUCCESS;
}
