/* SPDX-License-Identifier: MIT */

/* rclone.conf, into which a feed is written: the name of the remote, a NUL, and the file. */

#include "fuzz.h"
#include "yadiskctl/feed/rclone-conf.h"

#define TOKEN "token_url = http://127.0.0.1:1/token\ntoken = {\"access_token\":\"-\"}\n"

static void edit(const char *data, size_t size, const char *remote, char **ret, size_t *ret_size) {
        check_int(rclone_conf_edit(data, size, remote, TOKEN, ret, ret_size), 0);
        check_int((*ret)[*ret_size], 0);
}

/* The first line says how lines end, and may be ours. */
static size_t drop_carriage_returns(char *data, size_t size) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                if (data[i] != '\r')
                        data[n++] = data[i];
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *remote = NULL, *before = NULL, *after = NULL, *again = NULL;
        Input in = { data, size };
        RcloneConf conf = {};
        RcloneRemote found;
        size_t n, m;

        remote = input_take_text(&in);
        before = fuzz_text(in.at, in.left);
        conf = (RcloneConf){ .data = before, .size = in.left };
        (void) rclone_conf_is_encrypted(before, in.left);
        found = rclone_conf_look(&conf, remote);
        if (!rclone_conf_is_remote(remote))
                return 0;

        edit(before, in.left, remote, &after, &n);
        check(memmem(after, n, "token_url", 9));
        conf = (RcloneConf){ .data = after, .size = n };
        check_int(rclone_conf_look(&conf, remote),
                  found == RCLONE_REMOTE_MISSING ? RCLONE_REMOTE_YANDEX : found);

        edit(after, n, remote, &again, &m);
        n = drop_carriage_returns(after, n);
        m = drop_carriage_returns(again, m);
        check_int(m, n);
        check(memcmp(after, again, n) == 0);
        return 0;
}
