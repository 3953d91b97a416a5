/* SPDX-License-Identifier: MIT */

/*
 * How long it takes to get what a server gives: connects to each in turn, sends its request if
 * there is one, and reads to the end, so many times, a block at a time. Writes a line for each
 * server, how long the faster ones take, in nanoseconds. A server is two arguments: the path of a
 * socket or a port of the loopback, and a file with the request, or "".
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "samples.h"

#define BLOCK    10
#define MOST     8
#define SERVER   2 /* arguments */
#define FIRST_AT 2

typedef struct Server {
        union {
                struct sockaddr any;
                struct sockaddr_un local;
                struct sockaddr_in internet;
        } address;
        socklen_t address_size;
        char request[4096];
        size_t request_size;
        int64_t *samples;
} Server;

static void server_init(Server *s, char *argv[], size_t n_requests) {
        FILE *file;

        *s = (Server){ .samples = samples_new(n_requests) };
        if (*argv[0] == '/') {
                s->address.local.sun_family = AF_UNIX;
                (void) snprintf(s->address.local.sun_path, sizeof(s->address.local.sun_path), "%s",
                                argv[0]);
                s->address_size = sizeof(s->address.local);
        } else {
                s->address.internet.sin_family = AF_INET;
                s->address.internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                s->address.internet.sin_port = htons((uint16_t) strtoul(argv[0], NULL, 10));
                s->address_size = sizeof(s->address.internet);
        }
        if (!*argv[1])
                return;

        file = fopen(argv[1], "re");
        if (!file)
                err(EXIT_FAILURE, "%s", argv[1]);
        s->request_size = fread(s->request, 1, sizeof(s->request), file);
        (void) fclose(file);
}

static int64_t server_ask(const Server *s) {
        int64_t start = now_nsec();
        int fd = socket(s->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        size_t size = 0;
        char buffer[4096];
        ssize_t n;

        if (fd < 0 || connect(fd, &s->address.any, s->address_size) < 0)
                err(EXIT_FAILURE, "no server");
        if (s->request_size > 0 && send(fd, s->request, s->request_size, 0) < 0)
                err(EXIT_FAILURE, "no request");
        while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
                size += (size_t) n;
        close(fd);
        if (n < 0 || size == 0)
                errx(EXIT_FAILURE, "no answer");
        return now_nsec() - start;
}

int main(int argc, char *argv[]) {
        size_t n_requests = argc > 1 ? strtoul(argv[1], NULL, 10) / BLOCK * BLOCK : 0;
        int n_servers = (argc - FIRST_AT) / SERVER;
        Server servers[MOST];

        if (n_requests == 0 || n_servers < 1 || n_servers > MOST)
                errx(EXIT_FAILURE, "usage: exchange REQUESTS { PATH|PORT REQUEST }...");

        for (int i = 0; i < n_servers; i++) {
                server_init(&servers[i], argv + FIRST_AT + i * SERVER, n_requests);
                (void) server_ask(&servers[i]);
        }
        for (size_t at = 0; at < n_requests; at += BLOCK)
                for (int i = 0; i < n_servers; i++) {
                        Server *s = &servers[turn_of(i, at / BLOCK, n_servers)];

                        for (size_t n = 0; n < BLOCK; n++)
                                s->samples[at + n] = server_ask(s);
                }

        for (int i = 0; i < n_servers; i++) {
                printf("%lli\n", (long long) samples_undisturbed(servers[i].samples, n_requests));
                free(servers[i].samples);
        }
        return EXIT_SUCCESS;
}
