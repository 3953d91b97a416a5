/* SPDX-License-Identifier: MIT */

#include "yandex/http-trust.h"

#include <assert.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "common/condition.h"
#include "yandex/http-library.h"

#define CA_FILE_MAX (4 * 1024 * 1024)
#define KEEP_USEC   (UINT64_C(60) * 1000 * 1000)

#define TEXT_OF(macro) TEXT(macro)
#define TEXT(word)     #word

/* Types of the one library differ between its major versions. */
#define OPENSSL_NAME "OpenSSL/" TEXT_OF(OPENSSL_VERSION_MAJOR) "."

/* clang-format off */
#define LIBSSL_FUNCTIONS(F)                                                                        \
        F(BIO_free) F(BIO_new_mem_buf) F(ERR_clear_error) F(ERR_peek_last_error)                   \
        F(GENERAL_NAMES_free) F(OPENSSL_sk_num) F(OPENSSL_sk_value) F(PEM_read_bio_X509_AUX)       \
        F(SSL_CTX_set1_cert_store) F(SSL_CTX_set_cert_verify_callback) F(X509_free)                \
        F(X509_get_ext_d2i) F(X509_STORE_add_cert) F(X509_STORE_CTX_get0_cert)                     \
        F(X509_STORE_CTX_set_error) F(X509_STORE_free) F(X509_STORE_load_file)                     \
        F(X509_STORE_load_path) F(X509_STORE_new) F(X509_STORE_set_flags) F(X509_verify_cert)
/* clang-format on */

LIBSSL_FUNCTIONS(static SYMBOL_DEFINE)

/* Functions of libcrypto are found by way of libssl, which is linked with it. */
static const DynamicSymbol libssl_symbols[] = { LIBSSL_FUNCTIONS(SYMBOL_ROW){} };

static DynamicLibrary libssl = { "libssl.so." TEXT_OF(OPENSSL_SHLIB_VERSION), "libssl3",
                                 libssl_symbols };

struct HttpTrust {
        sd_event_source *timer;
        uint64_t keep_usec;
        char *extra_pem; /* NULL: the system's certificates alone */
        bool knows_system;
        const char *bundle;
        const char *directory;
        X509_STORE *store; /* NULL while nothing needs it */
        unsigned n_requests;
};

DEFINE_CLEANUP(X509_STORE *, sym_X509_STORE_free)
DEFINE_CLEANUP(X509 *, sym_X509_free)
DEFINE_CLEANUP(BIO *, sym_BIO_free)

static int http_trust_read_file(const char *path, char **ret_pem) {
        _cleanup_free_ char *pem = NULL;
        _cleanup_fd_ int fd = -EBADF;
        const char *begin;
        struct stat st;
        ssize_t n;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
        if (st.st_size > CA_FILE_MAX)
                return -EFBIG;

        pem = calloc(1, (size_t) st.st_size + 1);
        if (!pem)
                return -ENOMEM;
        n = read(fd, pem, (size_t) st.st_size);
        if (n != st.st_size)
                return n < 0 ? -errno : -EIO; /* it was cut while we read */

        begin = strstr(pem, "-----BEGIN CERTIFICATE-----");
        if (!begin || !strstr(begin, "-----END CERTIFICATE-----"))
                return -EBADMSG;

        *ret_pem = TAKE_PTR(pem);
        return 0;
}

/* OpenSSL would ask for a password on the terminal. */
static int http_trust_on_password(char *buffer, int size, int writing, void *userdata) {
        return -1;
}

/* Returns false if any certificate of the file cannot be parsed: it would be missed later. */
static bool http_trust_add_pem(X509_STORE *store, const char *pem) {
        _cleanup_(sym_BIO_freep) BIO *bio = sym_BIO_new_mem_buf(pem, -1);

        if (!bio)
                return false;

        for (unsigned n = 0;; n++) {
                _cleanup_(sym_X509_freep) X509 *certificate = NULL;

                certificate = sym_PEM_read_bio_X509_AUX(bio, NULL, http_trust_on_password, NULL);
                if (!certificate)
                        return n > 0 &&
                               ERR_GET_REASON(sym_ERR_peek_last_error()) == PEM_R_NO_START_LINE;
                if (sym_X509_STORE_add_cert(store, certificate) != 1)
                        return false;
        }
}

/* libcurl sets the same flags. A system may have a folder alone, and no bundle. */
static CURLcode http_trust_make_store(HttpTrust *t) {
        _cleanup_(sym_X509_STORE_freep) X509_STORE *store = sym_X509_STORE_new();
        bool has_bundle;

        if (!store || sym_X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST |
                                                              X509_V_FLAG_PARTIAL_CHAIN) != 1)
                return CURLE_OUT_OF_MEMORY;

        has_bundle = t->bundle && sym_X509_STORE_load_file(store, t->bundle) == 1;
        if (t->directory)
                (void) sym_X509_STORE_load_path(store, t->directory);

        if (t->extra_pem ? !http_trust_add_pem(store, t->extra_pem) : t->bundle && !has_bundle)
                return CURLE_SSL_CACERT_BADFILE;

        t->store = TAKE_PTR(store);
        return CURLE_OK;
}

/* Whether the certificate says in the subjectAltName of which host it is. libcurl looks for the
 * name there and, if there is no name at all, in the subject's common name, where it has not
 * counted for long (RFC 9525, section 2). */
static bool http_trust_names_host(const X509 *certificate) {
        GENERAL_NAMES *names = sym_X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
        bool found = false;

        for (int i = 0; i < sym_OPENSSL_sk_num((const OPENSSL_STACK *) names); i++) {
                const GENERAL_NAME *name = sym_OPENSSL_sk_value((const OPENSSL_STACK *) names, i);

                found = found || name->type == GEN_DNS || name->type == GEN_IPADD;
        }
        sym_GENERAL_NAMES_free(names);
        return found;
}

/* In the place of X509_verify_cert(), during the handshake. */
static int http_trust_on_verify(X509_STORE_CTX *chain, void *userdata) {
        int r = sym_X509_verify_cert(chain);

        if (r != 1 || http_trust_names_host(sym_X509_STORE_CTX_get0_cert(chain)))
                return r;

        sym_X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
        return 0;
}

/* Runs for each connection that begins TLS, also to a proxy. */
static CURLcode http_trust_on_context(CURL *easy, void *context, void *userdata) {
        HttpTrust *t = userdata;
        CURLcode code;

        code = t->store ? CURLE_OK : http_trust_make_store(t);
        sym_ERR_clear_error(); /* libcurl would take what is left for its own */
        if (code != CURLE_OK)
                return code;

        sym_SSL_CTX_set1_cert_store(context, t->store);
        sym_SSL_CTX_set_cert_verify_callback(context, http_trust_on_verify, NULL);
        return CURLE_OK;
}

static int http_trust_on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        HttpTrust *t = userdata;

        sym_X509_STORE_free(TAKE_PTR(t->store));
        (void) malloc_trim(0);
        return 0;
}

/* Where libcurl's builders say that the system keeps its certificates. */
static void http_trust_find_system(HttpTrust *t, CURL *easy) {
        t->knows_system = true;
        (void) sym_curl_easy_getinfo(easy, CURLINFO_CAINFO, &t->bundle);
        (void) sym_curl_easy_getinfo(easy, CURLINFO_CAPATH, &t->directory);
}

/* Each step is skipped if one before it has failed. */
#define SET(option, value)                                                                         \
        do {                                                                                       \
                if (code == CURLE_OK)                                                              \
                        code = easy_setopt(easy, option, value);                                   \
        } while (false)

CURLcode http_trust_begin(HttpTrust *t, CURL *easy) {
        CURLcode code = CURLE_OK;

        SET(CURLOPT_SSL_VERIFYPEER, 1L);
        SET(CURLOPT_SSL_VERIFYHOST, 2L);
        /* libcurl parses nothing itself, and keeps no store of its own. */
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, NULL);
        SET(CURLOPT_PROXY_CAINFO, NULL);
        SET(CURLOPT_PROXY_CAPATH, NULL);
        SET(CURLOPT_CA_CACHE_TIMEOUT, 0L);
        SET(CURLOPT_SSL_CTX_FUNCTION, http_trust_on_context);
        SET(CURLOPT_SSL_CTX_DATA, t);
        /* A session that is resumed is not verified. */
        SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
        if (code != CURLE_OK)
                return code;

        if (!t->knows_system)
                http_trust_find_system(t, easy);
        t->n_requests++;
        (void) sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
        return CURLE_OK;
}

#undef SET

void http_trust_end(HttpTrust *t) {
        assert(t->n_requests > 0);
        t->n_requests--;
        if (t->n_requests > 0 || !t->store)
                return;

        (void) sd_event_source_set_time_relative(t->timer, t->keep_usec);
        (void) sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT);
}

static bool http_trust_is_supported(void) {
        return sym_curl_global_sslset(CURLSSLBACKEND_OPENSSL, NULL, NULL) == CURLSSLSET_OK &&
               strstr(str_or_empty(sym_curl_version_info(CURLVERSION_NOW)->ssl_version),
                      OPENSSL_NAME);
}

int http_trust_open(const char **ret_soname) {
        if (!http_trust_is_supported()) {
                *ret_soname = NULL;
                return CONDITION_LIBRARY_MISSING;
        }
        return http_library_load_as(&libssl, ret_soname);
}

int http_trust_new(sd_event *event, const char *ca_file, HttpTrust **ret) {
        _cleanup_(http_trust_freep) HttpTrust *t = NULL;
        int r;

        t = malloc(sizeof(HttpTrust));
        if (!t)
                return -ENOMEM;

        *t = (HttpTrust){ .keep_usec = KEEP_USEC };
        r = ca_file ? http_trust_read_file(ca_file, &t->extra_pem) : 0;
        if (r == 0)
                r = sd_event_add_time(event, &t->timer, CLOCK_MONOTONIC, 0, 0, http_trust_on_timer,
                                      t);
        if (r < 0)
                return r;

        (void) sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_description(t->timer, "http-trust");
        *ret = TAKE_PTR(t);
        return 0;
}

void http_trust_set_system(HttpTrust *t, const char *bundle, const char *directory) {
        t->knows_system = true;
        t->bundle = bundle;
        t->directory = directory;
}

void http_trust_set_keep(HttpTrust *t, uint64_t usec) {
        t->keep_usec = usec;
}

bool http_trust_is_loaded(const HttpTrust *t) {
        return t->store;
}

HttpTrust *http_trust_free(HttpTrust *t) {
        if (!t)
                return NULL;

        (void) sd_event_source_disable_unref(t->timer);
        if (t->store)
                sym_X509_STORE_free(t->store);
        free(t->extra_pem);
        free(t);
        return NULL;
}
