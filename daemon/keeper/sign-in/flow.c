/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/flow.h"

#include "common/i18n.h"

/* Where Yandex named a reason that the user can do something about. */
static const char *sentence_of(const OauthAnswer *answer) {
        if (streq(answer->error, "invalid_scope"))
                return N_("The application does not have all the permissions that were asked for; "
                          "tick them at https://oauth.yandex.ru, or ask for fewer.");
        return NULL;
}

FlowEnd flow_end_by_answer(const OauthAnswer *answer) {
        return (FlowEnd){
                .r = answer->r,
                .reason = answer->reason,
                .sentence = sentence_of(answer),
        };
}
