/* SPDX-License-Identifier: MIT */

/*
 * How long whole commands take, from their start to their end: runs each in turn, a block of runs
 * at a time, so that each mostly comes after itself and finds in the processor's caches what it has
 * left there. Writes a line for each, how long the faster ones take, in nanoseconds. What they
 * print is thrown away. Ends with 1 if one of them fails. The commands are separated by "--".
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

#define BLOCK 10
#define MOST  8

/* The child shares our memory until it becomes the program, so our size costs it nothing. */
static int64_t run(char *argv[]) {
        int64_t start = now_nsec();
        pid_t pid;
        int status;

        if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
                errx(EXIT_FAILURE, "cannot start %s", argv[0]);
        if (waitpid(pid, &status, 0) < 0 || status != 0)
                errx(EXIT_FAILURE, "%s has failed", argv[0]);
        return now_nsec() - start;
}

/* Cuts the arguments into commands, each of which ends with NULL. */
static int split(char *argv[], char **commands[]) {
        int n = 0;

        for (char **arg = argv; *arg; arg++)
                if (strcmp(*arg, "--") == 0 && n < MOST) {
                        *arg = NULL;
                        commands[n++] = arg + 1;
                }
        return n;
}

int main(int argc, char *argv[]) {
        size_t n_runs = argc > 1 ? strtoul(argv[1], NULL, 10) / BLOCK * BLOCK : 0;
        char **commands[MOST];
        int64_t *samples[MOST];
        int n_commands = split(argv, commands);
        int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);

        if (n_runs == 0 || n_commands == 0)
                errx(EXIT_FAILURE, "usage: whole RUNS { -- COMMAND... }...");
        if (out < 0 || dup2(null, STDOUT_FILENO) < 0)
                err(EXIT_FAILURE, "no output");
        (void) fcntl(out, F_SETFD, FD_CLOEXEC);

        for (int i = 0; i < n_commands; i++)
                samples[i] = samples_new(n_runs);
        for (size_t at = 0; at < n_runs; at += BLOCK)
                for (int i = 0; i < n_commands; i++) {
                        int turn = turn_of(i, at / BLOCK, n_commands);

                        for (size_t n = 0; n < BLOCK; n++)
                                samples[turn][at + n] = run(commands[turn]);
                }

        for (int i = 0; i < n_commands; i++) {
                dprintf(out, "%lli\n", (long long) samples_undisturbed(samples[i], n_runs));
                free(samples[i]);
        }
        return EXIT_SUCCESS;
}
