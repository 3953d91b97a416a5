/* SPDX-License-Identifier: MIT */

#include "yadiskctl/feed/token-request.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/deadlines.h"
#include "common/json-text.h"
#include "shared/json-library.h"
#include "shared/sealed.h"
#include "yadiskctl/terminal/duration.h"

#define ANSWER_MAX_BYTES ((size_t) 65536)
#define END_OF_HEAD      "\r\n\r\n"

static void object_put(json_object *o) {
        (void) json.object_put(o);
}

DEFINE_CLEANUP(json_object *, object_put)

static int token_request_connect(uint16_t port, int *ret) {
        const struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons(port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        _cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;

        *ret = TAKE_FD(fd);
        return 0;
}

static int token_request_send(int fd, uint16_t port, const char *handle) {
        static const char form[] = "grant_type=refresh_token&refresh_token=";
        _cleanup_(secret_freep) char *text = NULL;
        const char *next;
        int r;

        r = str_format(&text,
                       "POST /token HTTP/1.1\r\n"
                       "Host: 127.0.0.1:%u\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\n"
                       "Content-Length: %zu\r\n"
                       "Connection: close\r\n"
                       "\r\n"
                       "%s%s",
                       port, strlen(form) + strlen(handle), form, handle);
        if (r < 0)
                return r;

        for (next = text; *next;) {
                ssize_t n = send(fd, next, strlen(next), MSG_NOSIGNAL);

                if (n < 0 && errno != EINTR)
                        return -errno;
                next += MAX_OF(n, 0);
        }
        return 0;
}

/* Reads up to the end of the connection. */
static int token_request_receive(int fd, char buffer[static ANSWER_MAX_BYTES]) {
        uint64_t now, end = monotonic_usec() + DEADLINE_CLIENT_MS * UINT64_C(1000);
        size_t used = 0;

        while ((now = monotonic_usec()) < end && used < ANSWER_MAX_BYTES - 1) {
                struct pollfd ready = { .fd = fd, .events = POLLIN };
                ssize_t n = 0;

                if (poll(&ready, 1, (int) ((end - now) / 1000) + 1) > 0)
                        n = recv(fd, buffer + used, ANSWER_MAX_BYTES - 1 - used, 0);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0 && ready.revents) {
                        buffer[used] = '\0';
                        return 0;
                }
                used += (size_t) MAX_OF(n, 0);
        }
        return now < end ? -EMSGSIZE : -ETIMEDOUT;
}

static int endpoint_answer_parse_body(const char *body, EndpointAnswer *a) {
        _cleanup_(object_putp) json_object *o = NULL;
        json_object *sentence = NULL;
        int r;

        r = json_load();
        if (r < 0)
                return r;
        if (json_text_is_valid(body))
                o = json.tokener_parse(body);
        if (!json.object_is_type(o, json_type_object) ||
            !json.object_object_get_ex(o, "error_description", &sentence))
                return 0;
        return str_replace(&a->sentence, json.object_get_string(sentence));
}

/* The body of an answer that brings the token is not read. */
int endpoint_answer_parse(const char *text, EndpointAnswer *ret) {
        const char *body = strstr(text, END_OF_HEAD);
        EndpointAnswer a = {};
        int r = 0;

        if (sscanf(text, "HTTP/1.%*1[01] %3u", &a.status) != 1 || a.status < 100 || !body)
                return -EBADMSG;
        if (a.status != 200)
                r = endpoint_answer_parse_body(body + strlen(END_OF_HEAD), &a);
        if (r >= 0)
                *ret = a;
        return r;
}

int token_request_make(uint16_t port, const char *handle, EndpointAnswer *ret) {
        _cleanup_fd_ int fd = -EBADF;
        char buffer[ANSWER_MAX_BYTES];
        int r;

        r = token_request_connect(port, &fd);
        if (r >= 0)
                r = token_request_send(fd, port, handle);
        if (r >= 0)
                r = token_request_receive(fd, buffer);
        if (r >= 0)
                r = endpoint_answer_parse(buffer, ret);
        explicit_bzero(buffer, sizeof(buffer));
        return r;
}

void endpoint_answer_done(EndpointAnswer *a) {
        free(a->sentence);
        *a = (EndpointAnswer){};
}
