/* SPDX-License-Identifier: MIT */

#include "yadiskctl/choice.h"

#include <stdlib.h>

#include "common/util.h"
#include "yadiskctl/output.h"
#include "yadiskctl/secret.h"
#include "yadiskctl/terminal.h"

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

int choice_number(const char *question, size_t n, size_t *ret) {
        for (;;) {
                _cleanup_(secret_freep) char *answer = NULL;
                size_t number;
                int r;

                r = ask(question, &answer);
                if (r < 0)
                        return r;

                number = *answer ? (size_t) (*answer - '0') : 1;
                if (number >= 1 && number <= n && (!*answer || !answer[1])) {
                        *ret = number;
                        return 0;
                }
                remark("Answer with a number from 1 to %zu; Enter alone means 1.", n);
        }
}
