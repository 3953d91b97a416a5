/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/choice.h"

#include <stdlib.h>

#include "common/util.h"
#include "yadiskctl/terminal/output.h"
#include "yadiskctl/terminal/secret.h"
#include "yadiskctl/terminal/terminal.h"

/* What cannot be read as a line is no answer to any question. */
static int ask(const char *question, char **ret) {
        int r = terminal_ask(question, false, ret);

        if (r == -EMSGSIZE || r == -EBADMSG)
                return str_replace(ret, "?");
        return r;
}

int choice_confirm(const char *question, bool *ret) {
        for (;;) {
                _cleanup_(secret_freep) char *answer = NULL;
                int r, verdict;

                r = ask(question, &answer);
                if (r < 0)
                        return r;

                verdict = *answer ? rpmatch(answer) : 1;
                if (verdict >= 0) {
                        *ret = verdict > 0;
                        return 0;
                }
                remark("Answer with y or n; Enter alone means y.");
        }
}

/* 0 where it is no number from 1 to n. */
static size_t read_number(const char *answer, size_t n) {
        char *end;
        unsigned long number;

        if (*answer < '0' || *answer > '9')
                return 0;
        errno = 0;
        number = strtoul(answer, &end, 10);
        return *end || errno || number > n ? 0 : number;
}

static int ask_number(const char *question, size_t n, bool enter_is_one, size_t *ret) {
        for (;;) {
                _cleanup_(secret_freep) char *answer = NULL;
                size_t number;
                int r;

                r = ask(question, &answer);
                if (r < 0)
                        return r;

                number = read_number(answer, n);
                if (number > 0 || !*answer) {
                        *ret = number > 0 ? number : enter_is_one;
                        return 0;
                }
                if (enter_is_one)
                        remark("Answer with a number from 1 to %zu; Enter alone means 1.", n);
                else
                        remark("Answer with a number from 1 to %zu; Enter alone means none.", n);
        }
}

int choice_number(const char *question, size_t n, size_t *ret) {
        return ask_number(question, n, true, ret);
}

int choice_number_or_none(const char *question, size_t n, size_t *ret) {
        return ask_number(question, n, false, ret);
}
