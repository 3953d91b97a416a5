/* SPDX-License-Identifier: MIT */

/* What is sent: address, fields, header; and what is not. */

#include "oauth-rig.h"

#define SECRETIVE "s:e/c r&e=t+%"

static void device_code(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        char *scopes[] = { (char *) "cloud_api:disk.read", (char *) "login:info", NULL };

        check_int(oauth_device_code(rig.oauth, "client 1", scopes, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_url(), "https://oauth.test/device/code");
        check_str(fake_http_form(), "client_id=client%201&device_id=11111111-2222&device_name=my%20"
                                    "host&scope=cloud_api%3Adisk.read%20login%3Ainfo");
        check_str(fake_http_authorization(), NULL);
}

static void device_code_for_all_scopes(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        char *none[] = { NULL };

        check_int(oauth_device_code(rig.oauth, "c", NULL, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_field("scope"), NULL);
        rig.call = oauth_call_free(rig.call);

        check_int(oauth_device_code(rig.oauth, "c", none, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_field("scope"), NULL);
}

static void token_by_device_code(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *code = secret("d:1");

        check_int(oauth_token_by_device_code(rig.oauth, &rig.client, code, NULL, on_answer, &rig,
                                             &rig.call),
                  0);
        check_str(fake_http_url(), "https://oauth.test/token");
        check_str(fake_http_form(), "grant_type=device_code&code=d%3A1&client_id=c-1&client_secret="
                                    "s%3Ae%2Fc%20r%26e%3Dt%2B%25");
        check_str(fake_http_field("client_secret"), SECRETIVE);
        check_str(fake_http_field("device_code"), NULL);
        check_str(fake_http_authorization(), NULL);
}

static void token_by_code(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *code = secret("1234567");

        check_int(oauth_token_by_code(rig.oauth, &rig.client, code, NULL, NULL, on_answer, &rig,
                                      &rig.call),
                  0);
        check_str(fake_http_url(), "https://oauth.test/token");
        check_str(fake_http_field("grant_type"), "authorization_code");
        check_str(fake_http_field("code"), "1234567");
        check_str(fake_http_field("client_id"), "c-1");
        check_str(fake_http_field("client_secret"), SECRETIVE);
        check_str(fake_http_field("code_verifier"), NULL);
        check_str(fake_http_authorization(), NULL);
}

static void token_by_code_without_a_client_secret(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *code = secret("1234567"), *verifier = secret("v-v_v~v.v");
        const OauthClient client = { "c-1", NULL };

        check_int(oauth_token_by_code(rig.oauth, &client, code, verifier, NULL, on_answer, &rig,
                                      &rig.call),
                  0);
        check_str(fake_http_form(),
                  "grant_type=authorization_code&code=1234567&client_id=c-1&code_verifier="
                  "v-v_v~v.v");
}

static void token_by_refresh(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("2:a:b:c:d:e");

        check_int(oauth_token_by_refresh(rig.oauth, &rig.client, &(OauthRenewal){ token, true },
                                         NULL, on_answer, &rig, &rig.call),
                  0);
        check(fake_http_is_due());
        check_str(fake_http_url(), "https://oauth.test/token");
        check_str(fake_http_field("grant_type"), "refresh_token");
        check_str(fake_http_field("refresh_token"), "2:a:b:c:d:e");
        check_str(fake_http_field("client_id"), "c-1");
        check_str(fake_http_field("client_secret"), SECRETIVE);
        check_str(fake_http_field("scope"), NULL);
        check_str(fake_http_field("device_id"), NULL);
        check_str(fake_http_authorization(), NULL);
}

static void revocation(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        check_int(oauth_revoke(rig.oauth, &rig.client, token, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_url(), "https://oauth.test/revoke_token");
        check_str(fake_http_form(), "access_token=y0_a&client_id=c-1&client_secret="
                                    "s%3Ae%2Fc%20r%26e%3Dt%2B%25");
        check_str(fake_http_authorization(), NULL);
}

static void identity(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        check_int(oauth_identity(rig.oauth, token, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_url(), "https://login.test/info");
        check_str(fake_http_authorization(), "OAuth y0_a");
        check_str(fake_http_form(), NULL);
}

static void probe(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        check_int(oauth_probe(rig.oauth, token, on_answer, &rig, &rig.call), 0);
        check_str(fake_http_url(), "https://disk.test/v1/disk/operations/0000?fields=status");
        check_str(fake_http_authorization(), "OAuth y0_a");
        check_str(fake_http_form(), NULL);
}

static void disk(void) {
        static const char *const urls[_OAUTH_DISK_PART_MAX] = {
                "https://disk.test/v1/disk?fields=is_paid",
                "https://disk.test/v1/disk/resources?path=%2F&limit=1&fields=type",
                "https://disk.test/v1/disk/resources?path=app%3A%2F&limit=1&fields=type",
        };
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        for (OauthDiskPart part = 0; part < _OAUTH_DISK_PART_MAX; part++) {
                check_int(oauth_disk(rig.oauth, part, token, on_answer, &rig, &rig.call), 0);
                check_str(fake_http_url(), urls[part]);
                check_str(fake_http_authorization(), "OAuth y0_a");
                check_str(fake_http_form(), NULL);
                rig.call = oauth_call_free(rig.call);
        }
}

/* Without the client id Yandex does not learn who asks, and gives out no code. */
static void reaching_a_host_tells_nothing(void) {
        static const char *const urls[_OAUTH_HOST_MAX] = {
                "https://oauth.test/device/code",
                "https://login.test/info",
                "https://disk.test/v1/disk/operations/0000?fields=status",
        };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++) {
                check_int(oauth_reach(rig.oauth, host, on_answer, &rig, &rig.call), 0);
                check_str(fake_http_url(), urls[host]);
                check_str(fake_http_authorization(), NULL);
                check_str(fake_http_form(), host == OAUTH_HOST_OAUTH ? "" : NULL);
                check(strncmp(urls[host], oauth_host_url(rig.oauth, host),
                              strlen(oauth_host_url(rig.oauth, host))) == 0);
                rig.call = oauth_call_free(rig.call);
        }
}

static void having_a_device_id_is_known(void) {
        const OauthOptions without = { "https://a", "https://b", "https://c", NULL, "host" };
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(oauth_freep) Oauth *oauth = NULL;

        check(oauth_has_device_id(rig.oauth));
        check_int(oauth_new(rig.http, &without, &oauth), 0);
        check(!oauth_has_device_id(oauth));
}

/* Leaves the request to be looked at. */
static void send_device_code(Rig *rig, const char *device_id, const char *device_name) {
        const OauthOptions options = {
                "https://a", "https://b", "https://c", device_id, device_name,
        };
        _cleanup_(oauth_freep) Oauth *oauth = NULL;

        check_int(oauth_new(rig->http, &options, &oauth), 0);
        check_int(oauth_device_code(oauth, "c", NULL, on_answer, rig, &rig->call), 0);
        rig->call = oauth_call_free(rig->call);
}

static void the_device_has_a_name_only_with_an_id(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        send_device_code(&rig, NULL, "host");
        check_str(fake_http_form(), "client_id=c");
        send_device_code(&rig, "123456", NULL);
        check_str(fake_http_form(), "client_id=c&device_id=123456");
        send_device_code(&rig, "123456", "");
        check_str(fake_http_form(), "client_id=c&device_id=123456");
}

static void device_names_are_cut_at_a_character(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        char name[301] = "", cut[301] = "";

        for (unsigned i = 0; i < 150; i++)
                strcat(name, "д");
        for (unsigned i = 0; i < 100; i++)
                strcat(cut, "д");
        send_device_code(&rig, "123456", name);
        check_str(fake_http_field("device_name"), cut);

        memset(name, 'x', 101);
        name[101] = '\0';
        send_device_code(&rig, "123456", name);
        check_int((int64_t) strlen(fake_http_field("device_name")), 100);
}

static void device_ids_are_checked(void) {
        static const char *const bad[] = {
                "",
                "12345",
                "12345\n",
                "123456\x7f",
                "идентификатор",
                "012345678901234567890123456789012345678901234567890",
        };
        _cleanup_(rig_done) Rig rig = rig_new();
        OauthOptions options = { "https://a", "https://b", "https://c", NULL, NULL };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                Oauth *oauth = NULL;

                options.device_id = bad[i];
                check_int(oauth_new(rig.http, &options, &oauth), -EINVAL);
                check(!oauth);
        }
}

TEST_MAIN(TEST(device_code), TEST(device_code_for_all_scopes), TEST(token_by_device_code),
          TEST(token_by_code), TEST(token_by_code_without_a_client_secret), TEST(token_by_refresh),
          TEST(revocation), TEST(identity), TEST(probe), TEST(disk),
          TEST(reaching_a_host_tells_nothing), TEST(having_a_device_id_is_known),
          TEST(the_device_has_a_name_only_with_an_id), TEST(device_names_are_cut_at_a_character),
          TEST(device_ids_are_checked))
