/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/flow.h"

#include "common/i18n.h"
#include "platform/clock.h"

/* For a reason of Yandex that the user can do something about. */
static const char *flow_sentence(const OauthAnswer *answer) {
        if (streq(answer->error, "invalid_scope"))
                return N_("The application does not have all the permissions that were asked for; "
                          "tick them at https://oauth.yandex.ru, or ask for fewer.");
        return NULL;
}

FlowResult flow_take_answer(SignInDetails *details, const OauthAnswer *answer) {
        if (answer->r == 0)
                return (FlowResult){
                        .r = sign_in_details_take_token(details, answer->token, clock_now()),
                };

        return (FlowResult){
                .r = answer->r,
                .reason = answer->reason,
                .sentence = flow_sentence(answer),
        };
}
