/* SPDX-License-Identifier: MIT */

/* Shows what the daemon would know of a process: ask-process PID UID PIDFD BUS-FD HEARD-AT. */

#include "common/util.h"
#include "platform/process.h"

static void show(const char *name, const char *value) {
        if (value)
                printf("%s=%s\n", name, value);
}

int main(int argc, char *argv[]) {
        _cleanup_(process_info_done) ProcessInfo info = {};
        ProcessClaim claim;

        if (argc != 6)
                return 2;

        claim = (ProcessClaim){ .pid = atoi(argv[1]),
                                .uid = (uid_t) strtoul(argv[2], NULL, 10),
                                .pidfd = atoi(argv[3]),
                                .bus_fd = atoi(argv[4]),
                                .heard_at_usec = strtoull(argv[5], NULL, 10) };
        if (process_info_read(&claim, &info) < 0)
                return 1;

        printf("pid=%i\n", (int) info.pid);
        printf("host=%s\n", info.is_host ? "yes" : "no");
        show("app", info.app);
        show("unit", info.unit);
        show("executable", info.executable);
        return 0;
}
