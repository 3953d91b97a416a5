/* SPDX-License-Identifier: MIT */

/*
 * A folder is {"_embedded": {"items": […], "limit": L, "offset": O, "total": T}}; a flat list, such
 * as that of all files, is {"items": […], "limit": L, "offset": O}. Some lists cannot be continued:
 * their answer has no offset, and the Disk gives the same to whatever offset it is asked for.
 */

#include "api/pages.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/text.h"

/* The Disk takes long for pages of a thousand, and other programs ask for 200 to 500. */
#define LIMIT_DEFAULT INT64_C(200)

typedef struct Pages {
        Disk *disk;
        Target target; /* with a query of our own: the user's, then limit and offset */
        const char **query;
        char limit_word[32], offset_word[32];
        int64_t limit, offset; /* those of the next request */
} Pages;

static ExitStatus pages_ask(Pages *p, Document **ret) {
        (void) snprintf(p->limit_word, sizeof(p->limit_word), "limit=%lld", (long long) p->limit);
        (void) snprintf(p->offset_word, sizeof(p->offset_word), "offset=%lld",
                        (long long) p->offset);
        return disk_get(p->disk, &p->target, ret);
}

/* Decides whether there is another page. An answer without an offset does not tell whether the Disk
 * has heeded ours, so such a list is complete only if it is shorter than what was asked for. */
static ExitStatus pages_go_on(Pages *p, Document *list, size_t n, bool *ret_more) {
        int64_t offset = document_number(list, "offset"), total = document_number(list, "total");

        *ret_more = false;
        if (n == 0 || (offset < 0 && n < (size_t) p->limit))
                return EXIT_STATUS_OK;
        if (offset != p->offset)
                return fail(EXIT_STATUS_FAILURE,
                            "The Disk does not tell where in the list this page is, so there may "
                            "be more than these; ask for more at once with a larger limit, and "
                            "name the offset if the query has \"fields\".");

        p->offset += (int64_t) n;
        *ret_more = total < 0 || p->offset < total;
        return EXIT_STATUS_OK;
}

/* At a terminal nothing that stands in a name may act on it. */
static void pages_print_item(const char *text) {
        if (isatty(STDOUT_FILENO))
                text_print(stdout, text);
        else
                fputs(text, stdout);
        fputc('\n', stdout);
}

static ExitStatus pages_print_next(Pages *p, bool *ret_more) {
        _cleanup_(document_freep) Document *document = NULL;
        Document *list, *items;
        ExitStatus s;
        size_t n;

        s = pages_ask(p, &document);
        if (s != EXIT_STATUS_OK)
                return s;

        list = document_object(document, "_embedded") ?: document;
        items = document_array(list, "items");
        if (!items)
                return fail(EXIT_STATUS_FAILURE,
                            "The answer of the Disk is not a list; leave out --paginate.");

        n = document_length(items);
        for (size_t i = 0; i < n; i++)
                pages_print_item(document_text(document_at(items, i)));
        return pages_go_on(p, list, n, ret_more);
}

/* Reads limit or offset of the user's query. */
static ExitStatus pages_read_number(const Target *t, const char *key, int64_t fallback,
                                    int64_t *ret) {
        const char *value = target_value(t, key);
        char *end;

        if (!value) {
                *ret = fallback;
                return EXIT_STATUS_OK;
        }
        errno = 0;
        *ret = strtoll(value, &end, 10);
        if (*value >= '0' && *value <= '9' && *end == '\0' && errno == 0 && *ret <= INT32_MAX)
                return EXIT_STATUS_OK;
        return fail_usage("\"%s\" is not a number; with --paginate, %s has to be one.", value, key);
}

static ExitStatus pages_prepare(Pages *p, const Target *target) {
        ExitStatus s;

        s = pages_read_number(target, "limit", LIMIT_DEFAULT, &p->limit);
        if (s == EXIT_STATUS_OK)
                s = pages_read_number(target, "offset", 0, &p->offset);
        if (s != EXIT_STATUS_OK)
                return s;

        p->query = calloc(target->n_query + 2, sizeof(char *));
        if (!p->query)
                return fail_errno(-ENOMEM, "ask the Disk");

        p->target = (Target){ .path = target->path, .query = p->query };
        for (size_t i = 0; i < target->n_query; i++)
                if (strncmp(target->query[i], "limit=", 6) != 0 &&
                    strncmp(target->query[i], "offset=", 7) != 0)
                        p->query[p->target.n_query++] = target->query[i];
        p->query[p->target.n_query++] = p->limit_word;
        p->query[p->target.n_query++] = p->offset_word;
        return EXIT_STATUS_OK;
}

ExitStatus pages_print(Disk *d, const Target *target) {
        Pages p = { .disk = d };
        bool more = true;
        ExitStatus s;

        s = pages_prepare(&p, target);
        while (s == EXIT_STATUS_OK && more) {
                s = pages_print_next(&p, &more);
                if (s == EXIT_STATUS_OK)
                        s = output_flush();
        }
        free(p.query);
        return s;
}
