/* SPDX-License-Identifier: MIT */

/*
 * A program of somebody else's that uses the library. It obeys each line of its standard input and
 * answers with one line: what the library returned, and after "get" and "force", which may be
 * followed by a name, the token, its account and its generation.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yadisk-token.h"

static YadiskToken *token;

static void get(const char *name, int force) {
        const YadiskTokenOptions options = {
                .size = sizeof(options),
                .account = name,
                .force = force,
        };
        int r;

        yadisk_token_free(token);
        token = NULL;
        r = force ? yadisk_token_get_full(&options, &token) : yadisk_token_get(name, 0, &token);
        if (r == 0)
                printf("0 %s %s %u\n", yadisk_token_value(token), yadisk_token_account(token),
                       yadisk_token_generation(token));
        else
                printf("%d\n", r);
}

int main(void) {
        char line[512];

        while (fgets(line, sizeof(line), stdin)) {
                const char *verb = strtok(line, " \n"), *name = strtok(NULL, "\n");

                if (strcmp(verb, "refused") != 0)
                        get(name, strcmp(verb, "force") == 0);
                else if (token)
                        printf("%d\n", yadisk_token_report_refused(token));
                else
                        puts("-");
                if (fflush(stdout) != 0)
                        return EXIT_FAILURE;
        }
        yadisk_token_free(token);
        return EXIT_SUCCESS;
}
