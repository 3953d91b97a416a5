/* SPDX-License-Identifier: MIT */

/*
 * A renewal with libcurl and nothing around it: posts each line that it reads, which is a form, and
 * writes the status of the answer and the processor time that it took, in nanoseconds. As the
 * daemon does, it has parsed the authorities once, the machine's and those of a file, and makes a
 * new connection for each request, which resumes no session.
 *
 * With a third argument it also keeps each answer, see answer-store.h.
 */

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "answer-store.h"
#include "samples.h"

#define ANSWER_MAX 4096

typedef struct Answer {
        char bytes[ANSWER_MAX];
        size_t size;
} Answer;

static X509_STORE *authorities;

static int64_t spent_nsec(void) {
        struct timespec spent;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
        return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}

static CURLcode on_context(CURL *easy, void *context, void *userdata) {
        SSL_CTX_set1_cert_store(context, authorities);
        return CURLE_OK;
}

static size_t on_data(char *data, size_t size, size_t n, void *userdata) {
        Answer *answer = userdata;

        if (n > sizeof(answer->bytes) - answer->size)
                return 0;

        memcpy(answer->bytes + answer->size, data, n);
        answer->size += n;
        return n;
}

static void parse_authorities(CURL *easy, const char *file) {
        const char *bundle = NULL;

        curl_easy_getinfo(easy, CURLINFO_CAINFO, &bundle);
        authorities = X509_STORE_new();
        if (!authorities || (bundle && X509_STORE_load_file(authorities, bundle) != 1) ||
            X509_STORE_load_file(authorities, file) != 1)
                errx(EXIT_FAILURE, "the authorities cannot be read");
}

static CURL *easy_new(const char *url) {
        CURL *easy = curl_easy_init();

        if (!easy)
                errx(EXIT_FAILURE, "no libcurl");

        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
        curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
        return easy;
}

static void post(CURL *easy, const char *form, const AnswerStore *store) {
        int64_t start = spent_nsec();
        Answer answer = {};
        CURLcode code;
        long status = 0;

        if (store)
                answer_store_look(store);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
        code = curl_easy_perform(easy);
        if (code != CURLE_OK)
                errx(EXIT_FAILURE, "no answer: %s", curl_easy_strerror(code));

        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (store)
                answer_store_keep(store, answer.bytes, answer.size);
        printf("%li %lli\n", status, (long long) (spent_nsec() - start));
        (void) fflush(stdout);
}

int main(int argc, char *argv[]) {
        AnswerStore *store = NULL;
        char form[4096];
        CURL *easy;

        if (argc != 3 && argc != 4)
                errx(EXIT_FAILURE, "usage: bare-curl URL AUTHORITIES [once|looking]");

        easy = easy_new(argv[1]);
        parse_authorities(easy, argv[2]);
        if (argc == 4)
                store = answer_store_new(argv[3]);
        while (fgets(form, sizeof(form), stdin)) {
                form[strcspn(form, "\n")] = '\0';
                post(easy, form, store);
        }
        if (store)
                answer_store_free(store);
        curl_easy_cleanup(easy);
        X509_STORE_free(authorities);
        return EXIT_SUCCESS;
}
