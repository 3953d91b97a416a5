/* SPDX-License-Identifier: MIT */

#include "yandex/http-error.h"

#include "common/condition.h"
#include "common/i18n.h"

/* X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of X509_STORE_CTX_get_error(3). Other TLS
 * libraries give sets of bits, among which these numbers are none. */
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_HAS_EXPIRED   10

typedef struct HttpErrorRow {
        CURLcode code;
        int r;
        const char *reason;
} HttpErrorRow;

/* A server that does not prove who it is counts as server trouble and not as being offline: there
 * is somebody, only not the one we asked for. */
static const HttpErrorRow table[] = {
        { CURLE_OK, 0, NULL },

        { CURLE_COULDNT_RESOLVE_HOST, CONDITION_OFFLINE, N_("the host name cannot be resolved") },
        { CURLE_COULDNT_RESOLVE_PROXY, CONDITION_OFFLINE,
          N_("the proxy's name cannot be resolved") },
        { CURLE_COULDNT_CONNECT, CONDITION_OFFLINE, N_("no connection") },
        { CURLE_PROXY, CONDITION_OFFLINE, N_("the proxy refused") },
        { CURLE_OPERATION_TIMEDOUT, CONDITION_OFFLINE, N_("no answer in time") },
        { CURLE_SEND_ERROR, CONDITION_OFFLINE, N_("the connection broke") },
        { CURLE_RECV_ERROR, CONDITION_OFFLINE, N_("the connection broke") },
        { CURLE_GOT_NOTHING, CONDITION_OFFLINE, N_("the connection was closed without an answer") },
        { CURLE_PARTIAL_FILE, CONDITION_OFFLINE, N_("the answer is cut off") },

        { CURLE_PEER_FAILED_VERIFICATION, CONDITION_SERVER_TROUBLE,
          N_("the server's certificate is not trusted") },
        { CURLE_SSL_CONNECT_ERROR, CONDITION_SERVER_TROUBLE, N_("the TLS handshake failed") },
        { CURLE_SSL_CACERT_BADFILE, CONDITION_SERVER_TROUBLE,
          N_("the trusted certificates cannot be read") },
        { CURLE_WRITE_ERROR, CONDITION_SERVER_TROUBLE, N_("the answer is too long") },
        /* libcurl also says so of a header line beyond its own limit. */
        { CURLE_OUT_OF_MEMORY, CONDITION_SERVER_TROUBLE,
          N_("the answer is too long, or memory is short") },

        { CURLE_URL_MALFORMAT, -EINVAL, N_("the address is not valid") },
};

int http_error(CURLcode code, const char **ret_reason) {
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                if (table[i].code != code)
                        continue;
                *ret_reason = table[i].reason;
                return table[i].r;
        }

        *ret_reason = N_("the answer is not HTTP");
        return CONDITION_SERVER_TROUBLE;
}

const char *http_distrust(long verify_result) {
        switch (verify_result) {
        case VERIFY_NOT_YET_VALID:
                return N_("the server's certificate is not valid yet by the clock of this machine");
        case VERIFY_HAS_EXPIRED:
                return N_(
                        "the server's certificate is no longer valid by the clock of this machine");
        default:
                return N_("the server's certificate is not trusted");
        }
}
