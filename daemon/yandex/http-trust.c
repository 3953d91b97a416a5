/* SPDX-License-Identifier: MIT */

#include "yandex/http-trust.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "common/util.h"

#define TRUST_FILE_MAX (4 * 1024 * 1024)

static int read_bytes(int fd, char *bytes, size_t size) {
        for (size_t n = 0; n < size;) {
                ssize_t k = read(fd, bytes + n, size - n);

                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        return -EIO; /* it shrinks as we read */
                if (k > 0)
                        n += (size_t) k;
        }
        return 0;
}

static int read_text(const char *path, char **ret) {
        _cleanup_free_ char *text = NULL;
        _cleanup_fd_ int fd = -EBADF;
        struct stat st;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (st.st_size > TRUST_FILE_MAX)
                return -EFBIG;

        text = calloc(1, (size_t) st.st_size + 1);
        if (!text)
                return -ENOMEM;

        r = read_bytes(fd, text, (size_t) st.st_size);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}

int http_trust_read(const char *path, char **ret_pem) {
        _cleanup_free_ char *pem = NULL;
        const char *begin;
        int r;

        r = read_text(path, &pem);
        if (r < 0)
                return r;

        begin = strstr(pem, "-----BEGIN CERTIFICATE-----");
        if (!begin || !strstr(begin, "-----END CERTIFICATE-----"))
                return -EBADMSG;

        *ret_pem = TAKE_PTR(pem);
        return 0;
}

int http_trust_apply(CURL *easy, const char *system_bundle, const char *pem) {
        _cleanup_free_ char *system_pem = NULL, *both = NULL;
        struct curl_blob blob;
        CURLcode code;
        int r;

        if (!system_bundle)
                (void) curl_easy_getinfo(easy, CURLINFO_CAINFO, &system_bundle);
        /* A system may do with a directory alone, which is not touched here. */
        if (system_bundle)
                (void) http_trust_read(system_bundle, &system_pem);

        r = str_format(&both, "%s\n%s", str_or_empty(system_pem), pem);
        if (r < 0)
                return r;

        blob = (struct curl_blob){ both, strlen(both), CURL_BLOB_COPY };
        code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
        return code == CURLE_OK ? 0 : code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -ENOTSUP;
}
