/* SPDX-License-Identifier: MIT */

#include "common/sock-diag.h"

#include <linux/sock_diag.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/util.h"

int sock_diag_open(void) {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

        return fd < 0 ? -errno : fd;
}

static int sock_diag_send(int fd, const void *question, size_t size) {
        struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        struct nlmsghdr header = {
                .nlmsg_len = (uint32_t) NLMSG_LENGTH(size),
                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST,
        };
        struct iovec parts[] = {
                { &header, sizeof(header) },
                { (void *) question, size },
        };
        const struct msghdr request = {
                .msg_name = &kernel,
                .msg_namelen = sizeof(kernel),
                .msg_iov = parts,
                .msg_iovlen = ELEMENTSOF(parts),
        };

        return sendmsg(fd, &request, 0) < 0 ? -errno : 0;
}

/* The kernel knows the answer when the request has been sent. */
int sock_diag_ask(int fd, const void *question, size_t size, size_t answer_size,
                  SockDiagAnswer *ret) {
        ssize_t n;
        int r;

        r = sock_diag_send(fd, question, size);
        if (r < 0)
                return r;
        n = recv(fd, ret, sizeof(*ret), MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        if (!NLMSG_OK(&ret->header, (size_t) n))
                return -EBADMSG;
        if (ret->header.nlmsg_type == NLMSG_ERROR &&
            ret->header.nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
                return ((struct nlmsgerr *) NLMSG_DATA(&ret->header))->error ?: -EBADMSG;
        if (ret->header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
            ret->header.nlmsg_len < NLMSG_LENGTH(answer_size))
                return -EBADMSG;
        return 0;
}
