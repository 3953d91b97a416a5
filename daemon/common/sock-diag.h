/* SPDX-License-Identifier: MIT */
#pragma once

/* Questions to the kernel about one socket of our network namespace (sock_diag(7)). */

#include <linux/netlink.h>
#include <stddef.h>

typedef union SockDiagAnswer {
        struct nlmsghdr header; /* the answer is NLMSG_DATA() of it */
        char bytes[8192];
} SockDiagAnswer;

/* Returns a socket to ask through, or a negative errno. */
int sock_diag_open(void);

/* Asks a question, such as a unix_diag_req. The answer has answer_size bytes at least. Returns 0 or
 * a negative errno: -ENOENT if there is no such socket. */
int sock_diag_ask(int fd, const void *question, size_t size, size_t answer_size,
                  SockDiagAnswer *ret);
