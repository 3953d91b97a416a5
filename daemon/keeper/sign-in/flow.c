/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/flow.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "keeper/account/application.h"
#include "platform/clock.h"

/* For a reason of Yandex that the user can do something about. */
static const char *flow_sentence(const OauthAnswer *answer) {
        if (streq(answer->error, "invalid_scope"))
                return N_("The application does not have all the permissions that were asked for; "
                          "tick them at https://oauth.yandex.ru, or ask for fewer.");
        return NULL;
}

const char *flow_lost_code_sentence(void) {
        return N_("No answer came from Yandex that can be used, and a code is good for one try; "
                  "start the sign-in again.");
}

bool flow_turns_to_previous_secret(World *w, SignInDetails *details, const OauthAnswer *answer) {
        Secret *previous = applications_previous_secret(w->applications, details->client_id);

        if (answer->r != CONDITION_APP_REFUSED || details->client_secret || !previous ||
            details->refused_secret)
                return false;

        /* The copy in the descriptor store has the refused one. */
        sign_in_details_drop_answer(details);
        details->refused_secret = TAKE_PTR(details->used_secret);
        details->used_secret = secret_ref(previous);
        return true;
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
