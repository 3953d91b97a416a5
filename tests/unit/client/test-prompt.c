/* SPDX-License-Identifier: MIT */

/* What the user is told to do at a sign-in, without a terminal. What is drawn on one is shown end
 * to end. */

#include "yadiskctl/sign-in/prompt.h"

#include "check.h"
#include "yadiskctl/terminal/duration.h"

#define PAGE "https://ya.ru/device"

static PromptView view;

static const char *shown(Prompt p, bool as_json) {
        Capture *out = capture(STDOUT_FILENO);

        CHECK_INT(prompt_show(&p, as_json, true, &view), EXIT_STATUS_OK);
        return captured(out);
}

static void a_code_is_entered_on_the_page(void) {
        Prompt p = { .url = PAGE, .user_code = "jnjxzc9r" };

        CHECK_STR(shown(p, false), "Open this page and sign in there:\n\n    " PAGE "\n\n"
                                   "Then enter this code:\n\n    jnjxzc9r\n\n"
                                   "Waiting for you; Ctrl-C cancels.\n");
        CHECK(!view.can_count_down && !view.is_tight);

        p.expires_at = time_now() + 300;
        CHECK(strstr(shown(p, false), "\n\nThe code is valid for 5 minutes. Waiting for you; "));
}

static void a_code_is_brought_from_the_page(void) {
        Prompt p = { .url = PAGE };

        CHECK_STR(shown(p, false), "Open this page, sign in there and allow access:\n\n    " PAGE
                                   "\n\nIt then shows a code. Ctrl-C cancels.\n\n");
        CHECK(!view.can_count_down);

        p.expires_at = time_now() + 600;
        CHECK(strstr(shown(p, false), "You have 10 minutes for that; Ctrl-C cancels.\n\n"));
}

static void programs_get_an_event(void) {
        Prompt p = { .url = PAGE, .user_code = "jnjxzc9r" };

        CHECK(strstr(shown(p, true), "\"event\":\"prompt\",\"verification_url\":\"" PAGE "\","
                                     "\"user_code\":\"jnjxzc9r\",\"expires_at\":null}"));
        p.user_code = NULL;
        p.expires_at = 1;
        CHECK(strstr(shown(p, true), "\"event\":\"prompt\",\"authorization_url\":\"" PAGE "\","
                                     "\"expires_at\":1"));
}

static void what_cannot_be_a_code_is_not_sent(void) {
        CHECK(!prompt_find_fault("1234567"));
        CHECK(!prompt_find_fault("https://oauth.yandex.ru/verification_code?code=1234567"));
        CHECK_STR(prompt_find_fault(NULL), "That is too long for a code; copy it again.");
        CHECK(strstr(prompt_find_fault(""), "A code is needed;"));
        CHECK(strstr(prompt_find_fault("12\xff"), "characters that no code has;"));
}

int main(void) {
        a_code_is_entered_on_the_page();
        a_code_is_brought_from_the_page();
        programs_get_an_event();
        what_cannot_be_a_code_is_not_sent();
        return EXIT_SUCCESS;
}
