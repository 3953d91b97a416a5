/* SPDX-License-Identifier: MIT */

#include "api/refusal.h"

#include "api/document.h"
#include "common/i18n.h"

static ExitStatus refusal_tell_denied(const Refusal *r, const char *error) {
        if (streq(error, "DiskUnsupportedUserAccountTypeError"))
                return fail(EXIT_STATUS_DENIED, "%s %s",
                            _("The account has no Disk that programs can use."),
                            _("Sign in with another Yandex account; one without Yandex Mail, such "
                              "as one made through a social network, has no Disk for programs."));
        return fail(EXIT_STATUS_DENIED,
                    "The Disk denies this, probably because the application lacks the permission "
                    "%s; tick it at https://oauth.yandex.ru, then run \"yadiskctl login\".",
                    r->permission);
}

/* For an error that is about this call. */
static ExitStatus refusal_tell_words(const Refusal *r, Document *document, const char *error) {
        /* The Disk says it twice. Translators: put "message" here, in which the Disk speaks
         * Russian, if that is your language. */
        const char *own = document_string(document, _("description")),
                   *english = document_string(document, "description");

        if (!str_is_empty(own) || !str_is_empty(english))
                return fail(EXIT_STATUS_FAILURE, "The Disk refuses (%ld %s): %s", r->status, error,
                            str_is_empty(own) ? english : own);
        return fail(EXIT_STATUS_FAILURE,
                    "The Disk refuses with status %ld; check the method, the path and the query.",
                    r->status);
}

ExitStatus refusal_tell(const Refusal *r) {
        _cleanup_(document_freep) Document *document = NULL;
        const char *error;

        (void) document_parse(r->body, strlen(r->body), &document);
        error = str_or_empty(document_string(document, "error"));

        switch (r->status) {
        case 401:
                return fail(EXIT_STATUS_SIGN_IN_NEEDED,
                            "The Disk refuses the token, also after it was checked; run "
                            "\"yadiskctl refresh\" for a new one, and \"yadiskctl login\" if that "
                            "fails.");
        case 403:
                return refusal_tell_denied(r, error);
        case 429:
                if (r->retry_after > 0)
                        return fail(EXIT_STATUS_TRY_LATER,
                                    "The Disk asks for a pause; try again in %lld s.",
                                    (long long) r->retry_after);
                return fail(EXIT_STATUS_TRY_LATER, "The Disk asks for a pause; try again later.");
        case 423: /* locked by another operation, or by its maintenance */
        case 500:
        case 502:
        case 503:
        case 504:
                return fail(EXIT_STATUS_TRY_LATER,
                            "The Disk cannot do that now (%ld %s); try again later.", r->status,
                            error);
        default:
                return refusal_tell_words(r, document, error);
        }
}
