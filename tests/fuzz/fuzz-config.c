/* SPDX-License-Identifier: MIT */

/* The configuration file, in a file of the memory that is written anew each time. */

#include <strings.h>
#include <sys/mman.h>

#include <glib.h>

#include "common/condition.h"
#include "common/log.h"
#include "fuzz.h"
#include "platform/config.h"

static char path[64];
static int fd;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        log_set_max_level(LOG_EMERG);
        fd = memfd_create("config", MFD_CLOEXEC);
        check(fd >= 0);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%i", fd);
        return 0;
}

static void check_url(const char *url) {
        check(strncasecmp(url, "https://", 8) == 0);
        check(url[8] != '\0');
        check(url[strlen(url) - 1] != '/');
        check(!strpbrk(url, " \t\r\n?#"));
        check(!memchr(url + 8, '@', strcspn(url + 8, "/")));
}

static void check_config(const Config *c) {
        check_url(c->oauth_url);
        check_url(c->login_url);
        check_url(c->disk_url);
        check(!c->ca_file || c->ca_file[0] == '/');
        check(c->device_name && g_utf8_strlen(c->device_name, -1) <= 100);
        for (const char *s = c->device_name; *s; s++)
                check((unsigned char) *s >= ' ' && *s != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Config c;
        int r;

        check_int(pwrite(fd, data, size, 0), size);
        check_int(ftruncate(fd, (off_t) size), 0);
        fuzz_fill(&c, sizeof(c));
        r = config_load_file(path, &c);
        if (r != 0) {
                check_int(r, CONDITION_INVALID_ARGS);
                check(fuzz_is_untouched(&c, sizeof(c)));
                return 0;
        }
        check_config(&c);
        config_done(&c);
        return 0;
}
