/* SPDX-License-Identifier: MIT */

#include "shared/token-answer.h"

static int token_answer_read_details(sd_bus_message *m, TokenAnswer *a) {
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        while (r >= 0 &&
               (r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r < 0)
                        return r;

                if (streq(key, "account"))
                        r = sd_bus_message_read(m, "v", "o", &a->account);
                else if (streq(key, "next_refresh_at"))
                        r = sd_bus_message_read(m, "v", "t", &a->next_refresh_at);
                else
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return MIN_OF(r, 0);
}

int token_answer_read(sd_bus_message *m, const char *prefix, TokenAnswer *ret) {
        TokenAnswer a = { .account = "" };
        int fd, r;

        r = sd_bus_message_read(m, "htu", &fd, &a.expires_at, &a.generation);
        if (r >= 0)
                r = token_answer_read_details(m, &a);
        if (r >= 0)
                r = sealed_read(fd, prefix, &a.token);
        if (r < 0)
                return r;

        *ret = a;
        return 0;
}
