/* SPDX-License-Identifier: MIT */

#include "api/api.h"

#include "api/disk.h"
#include "api/input.h"
#include "api/pages.h"
#include "common/i18n.h"
#include "yadiskctl/terminal/text.h"

/* The API takes descriptions of resources, which are short. The content of files goes elsewhere. */
#define BODY_MAX ((size_t) 16 * 1024 * 1024)

#define CONTENT_TYPE "application/json"

typedef struct Api {
        Disk *disk;
        bool include;      /* the head of the answer is shown, too */
        char character[5]; /* for the terminal: its bytes so far */
        size_t n_bytes;
        bool has_line; /* a line on the terminal has not ended */
} Api;

static ExitStatus api_on_begin(const AnswerHead *head, void *userdata) {
        Api *a = userdata;

        if (a->include)
                disk_print_head(a->disk, stdout);
        return output_flush();
}

/* The first byte of a character in UTF-8 tells how many it has. */
static size_t api_length_of(char first) {
        unsigned char c = (unsigned char) first;

        return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Shows text without what could act on the terminal: other people choose names of files, too. */
static ExitStatus api_show(Api *a, const char *data, size_t size) {
        for (const char *end = data + size; data < end; data++) {
                a->character[a->n_bytes++] = *data;
                if (a->n_bytes < api_length_of(a->character[0]))
                        continue;

                a->character[a->n_bytes] = '\0';
                if (*data == '\n')
                        fputc('\n', stdout);
                else
                        text_print(stdout, a->character);
                a->has_line = *data != '\n';
                a->n_bytes = 0;
        }
        return output_flush();
}

static ExitStatus api_on_body(const char *data, size_t size, void *userdata) {
        return isatty(STDOUT_FILENO) ? api_show(userdata, data, size) : output_write(data, size);
}

static ExitStatus api_read_body(const char *path, char **ret, size_t *ret_size) {
        int r = streq(path, "-") ? input_read(stdin, BODY_MAX, ret, ret_size)
                                 : input_read_file(path, BODY_MAX, ret, ret_size);

        if (r == -EFBIG)
                return fail_usage("\"%s\" is larger than 16 MiB, which no body for the Disk is; to "
                                  "transfer files use rclone, see yadiskctl(1).",
                                  path);
        return r < 0 ? fail(EXIT_STATUS_FAILURE, "Cannot read \"%s\": %s.", path, strerror(-r))
                     : EXIT_STATUS_OK;
}

/* A line break would begin a header line of its own. */
static bool api_is_header_value(const char *s) {
        for (const char *c = s; *c; c++)
                if (*c < ' ' || *c > '~')
                        return false;
        return *s != '\0';
}

static ExitStatus api_check_target(const Target *t) {
        const char *culprit = t->path, *mistake = target_path_mistake(culprit);

        for (size_t i = 0; !mistake && i < t->n_query; i++) {
                culprit = t->query[i];
                mistake = target_query_mistake(culprit);
        }
        return mistake ? fail_usage("%s \"%s\".", _(mistake), culprit) : EXIT_STATUS_OK;
}

static ExitStatus api_check_options(const Command *c, const HttpMethod *method) {
        const char *type = command_option(c, "content-type");

        if (!method)
                return fail_usage("\"%s\" is not a method of the Disk; these are GET, HEAD, POST, "
                                  "PUT, PATCH and DELETE.",
                                  command_argument(c, 0));
        if (command_option(c, "input") && !method->has_body && !streq(method->name, "DELETE"))
                return fail_usage("%s sends no body; leave out --input.", method->name);
        if (type && !command_option(c, "input"))
                return fail_usage("--content-type is that of --input, which is missing.");
        if (type && !api_is_header_value(type))
                return fail_usage("\"%s\" is not a content type; one is application/json.", type);
        if (command_option(c, "paginate") && !streq(method->name, "GET"))
                return fail_usage("--paginate is for lists, which only GET gives; leave it out.");
        if (command_option(c, "paginate") && command_option(c, "include"))
                return fail_usage(
                        "--paginate and --include exclude each other; leave one of them out.");
        return EXIT_STATUS_OK;
}

static ExitStatus api_call(const Command *c, Disk *disk, const HttpMethod *method,
                           const Target *target, const Body *body) {
        Api a = {
                .disk = disk,
                .include = command_option(c, "include") || streq(method->name, "HEAD"),
        };
        ExitStatus s;

        if (command_option(c, "paginate"))
                return pages_print(disk, target);
        s = disk_call(disk, &(DiskCall){
                                    .method = method,
                                    .target = *target,
                                    .body = body->data ? body : NULL,
                                    .receiver = { api_on_begin, api_on_body, &a },
                            });
        if (a.has_line)
                fputc('\n', stdout);
        return s;
}

ExitStatus api_run(const Command *c) {
        const HttpMethod *method = http_method_find(command_argument(c, 0));
        Target target = {
                .path = command_argument(c, 1),
                .query = (const char *const *) c->arguments + 2,
                .n_query = (size_t) c->n_arguments - 2,
        };
        const char *input = command_option(c, "input");
        Body body = { .type = command_option(c, "content-type") ?: CONTENT_TYPE };
        _cleanup_(disk_freep) Disk *disk = NULL;
        _cleanup_free_ char *data = NULL;
        ExitStatus s;

        s = api_check_options(c, method);
        if (s == EXIT_STATUS_OK)
                s = api_check_target(&target);
        if (s == EXIT_STATUS_OK && input)
                s = api_read_body(input, &data, &body.size);
        if (s == EXIT_STATUS_OK)
                s = disk_open(command_option(c, "account"), &disk);
        if (s != EXIT_STATUS_OK)
                return s;

        body.data = data;
        return api_call(c, disk, method, &target, &body);
}
