/* SPDX-License-Identifier: MIT */

/* The answer of the token endpoint, and whatever else may answer at its port. */

#include "yadiskctl/feed/token-request.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "check.h"
#include "feed/socket-owner.h"

static void check_answer(const char *text, unsigned status, const char *sentence) {
        EndpointAnswer a = {};

        CHECK_INT(endpoint_answer_parse(text, &a), 0);
        CHECK_INT(a.status, status);
        CHECK(a.sentence == sentence || streq(a.sentence, sentence));
        endpoint_answer_done(&a);
}

static void answers(void) {
        check_answer("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"access_token\":\"y0_secret\"}", 200, NULL);
        check_answer("HTTP/1.1 503 No\r\n\r\n{\"error_description\":\"The keyring is locked.\"}",
                     503, "The keyring is locked.");
        check_answer("HTTP/1.0 400 Bad Request\r\n\r\n{\"error\":\"invalid_grant\"}", 400, NULL);
        check_answer("HTTP/1.1 404 No\r\n\r\n<html>", 404, NULL);
        check_answer("HTTP/1.1 500 No\r\n\r\n[\"error_description\"]", 500, NULL);
        check_answer("HTTP/1.1 500\r\n\r\n", 500, NULL);
}

static void what_is_no_answer(void) {
        static const char *const others[] = { "", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                                              "HTTP/1.1 2\r\n\r\n", "HTTP/2 200\r\n\r\n" };
        EndpointAnswer a = {};

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                CHECK_INT(endpoint_answer_parse(others[i], &a), -EBADMSG);
        CHECK(a.status == 0 && !a.sentence);
}

static int listen_at(struct sockaddr_in *ret) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(*ret);

        *ret = (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        CHECK(bind(fd, (struct sockaddr *) ret, sizeof(*ret)) == 0);
        CHECK(getsockname(fd, (struct sockaddr *) ret, &size) == 0);
        CHECK(listen(fd, 5) == 0);
        return fd;
}

/* Answers one request, whose text must end like this. */
static pid_t serve(int fd, const char *end, const char *answer) {
        pid_t pid = fork();
        char request[4096];
        size_t n = 0;
        int c;

        CHECK(pid >= 0);
        if (pid > 0)
                return pid;

        c = accept(fd, NULL, NULL);
        while (n < strlen(end) || memcmp(request + n - strlen(end), end, strlen(end)) != 0) {
                ssize_t k = read(c, request + n, sizeof(request) - 1 - n);

                CHECK(k > 0);
                n += (size_t) k;
        }
        request[n] = '\0';
        CHECK(strncmp(request, "POST /token HTTP/1.1\r\nHost: 127.0.0.1:", 38) == 0);
        CHECK(strstr(request, "\r\nContent-Length: 45\r\n"));
        CHECK(write(c, answer, strlen(answer)) == (ssize_t) strlen(answer));
        _exit(EXIT_SUCCESS);
}

static void a_request(void) {
        EndpointAnswer a = {};
        struct sockaddr_in address;
        int fd = listen_at(&address), status;
        uint16_t port = ntohs(address.sin_port);
        pid_t pid;

        pid = serve(fd, "\r\n\r\ngrant_type=refresh_token&refresh_token=abcdef",
                    "HTTP/1.1 503 x\r\n\r\n{\"error_description\":\"Later.\"}");
        CHECK_INT(token_request_make(port, "abcdef", &a), 0);
        CHECK_INT(a.status, 503);
        CHECK_STR(a.sentence, "Later.");
        endpoint_answer_done(&a);
        CHECK(waitpid(pid, &status, 0) == pid && status == 0);

        pid = serve(fd, "refresh_token=abcdef", "220 mail\r\n");
        CHECK_INT(token_request_make(port, "abcdef", &a), -EBADMSG);
        CHECK(waitpid(pid, &status, 0) == pid && status == 0);
        close(fd);
        CHECK_INT(token_request_make(port, "abcdef", &a), -ECONNREFUSED);
}

static void the_owner_of_a_port(void) {
        struct sockaddr_in address;
        SocketOwner owner = {};
        int fd = listen_at(&address);

        CHECK_INT(socket_owner_find_listener(&address, &owner), 0);
        CHECK_INT(owner.uid, geteuid());
        close(fd);
        CHECK_INT(socket_owner_find_listener(&address, &owner), -ENOENT);
}

int main(void) {
        answers();
        what_is_no_answer();
        a_request();
        the_owner_of_a_port();
        return EXIT_SUCCESS;
}
