/* SPDX-License-Identifier: MIT */

#include "api/info.h"

#include "api/disk.h"
#include "common/i18n.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define SIZE_MAX_BYTES 48
#define BAR_CELLS      40U
#define INDENT         4U

/* In percent: the bar is coloured. */
#define NEARLY_FULL 80
#define FULL        95

/* A size that the Disk does not tell is -1. Strings are "" then, and belong to the document. */
typedef struct Info {
        Document *document;
        const char *login, *name;
        int64_t total, used, trash, largest_file;
} Info;

static ExitStatus info_ask(Disk *disk, Info *ret) {
        Document *document, *user;
        ExitStatus s;

        s = disk_get(disk, &(Target){ .path = "/v1/disk" }, &document);
        if (s != EXIT_STATUS_OK)
                return s;

        user = document_object(document, "user");
        *ret = (Info){
                .document = document,
                .login = str_or_empty(document_string(user, "login")),
                .name = str_or_empty(document_string(user, "display_name")),
                .total = document_number(document, "total_space"),
                .used = document_number(document, "used_space"),
                .trash = document_number(document, "trash_size"),
                .largest_file = document_number(document, document_bool(document, "is_paid")
                                                                  ? "paid_max_file_size"
                                                                  : "max_file_size"),
        };
        return EXIT_STATUS_OK;
}

static void info_done(Info *info) {
        info->document = document_free(info->document);
}

/* A Disk of no size at all tells nothing. */
static bool info_has_total(const Info *info) {
        return info->total > 0 && info->used >= 0;
}

static unsigned info_percent(const Info *info) {
        return (unsigned) MIN_OF(100.0 * (double) info->used / (double) info->total, 999.0);
}

/* As Yandex counts: a kilobyte is 1024 bytes. */
static const char *size_print(int64_t bytes, char ret[static SIZE_MAX_BYTES]) {
        static const char *const units[] = { N_("KB"), N_("MB"), N_("GB"),
                                             N_("TB"), N_("PB"), N_("EB") };
        double size = (double) bytes / 1024;
        unsigned long long tenths;
        size_t unit = 0;

        while (size >= 1023.95 && unit + 1 < ELEMENTSOF(units)) {
                size /= 1024;
                unit++;
        }
        tenths = (unsigned long long) (size * 10 + 0.5);

        if (bytes < 1024)
                (void) snprintf(ret, SIZE_MAX_BYTES, _("%llu bytes"), (unsigned long long) bytes);
        else
                /* Translators: the number may need a comma instead of the point. */
                (void) snprintf(ret, SIZE_MAX_BYTES, _("%llu.%llu %s"), tenths / 10, tenths % 10,
                                _(units[unit]));
        return ret;
}

static const char *const row_labels[] = { N_("Used:"), N_("Trash:"), N_("Largest file:") };

/* Begins a row. The values of all rows stand in one column. */
static void info_begin_row(const char *label) {
        size_t longest = 0;

        for (size_t i = 0; i < ELEMENTSOF(row_labels); i++)
                longest = MAX_OF(longest, text_columns(_(row_labels[i])));
        say_part(COLOUR_PLAIN, "%*s%-*s", (int) INDENT, "", text_padding(label, longest + 1),
                 label);
        say_margin();
}

static void info_print_size(const char *label, int64_t bytes) {
        char size[SIZE_MAX_BYTES];

        if (bytes < 0)
                return;
        info_begin_row(_(label));
        say_part(COLOUR_PLAIN, "%s", size_print(bytes, size));
        say_end();
}

static void info_print_used(const Info *info) {
        char used[SIZE_MAX_BYTES], total[SIZE_MAX_BYTES];

        if (!info_has_total(info))
                return info_print_size(row_labels[0], info->used);

        info_begin_row(_(row_labels[0]));
        say_part(COLOUR_PLAIN, "%s of %s (%u%%)", size_print(info->used, used),
                 size_print(info->total, total), info_percent(info));
        say_end();
}

/* Prints a bar, at a terminal only, as wide as the window allows. */
static void info_print_bar(const Info *info) {
        unsigned percent = info_percent(info), cells, full;
        Window window;

        window_look(&window);
        cells = MIN_OF(BAR_CELLS, window.columns > INDENT + 2 ? window.columns - INDENT - 2 : 1);
        full = MIN_OF((percent * cells + 50) / 100, cells);

        say_part(COLOUR_PLAIN, "%*s[", (int) INDENT, "");
        for (unsigned i = 0; i < cells; i++)
                say_part(i >= full                ? COLOUR_FAINT
                         : percent >= FULL        ? COLOUR_TROUBLE
                         : percent >= NEARLY_FULL ? COLOUR_ATTENTION
                                                  : COLOUR_GOOD,
                         "%s",
                         !window.has_blocks ? i < full ? "#" : "."
                         : i < full         ? "█"
                                            : "░");
        say_part(COLOUR_PLAIN, "]");
        say_end();
}

static void info_print_name(const Info *info) {
        say_part(COLOUR_STRONG, "%s",
                 *info->name    ? info->name
                 : *info->login ? info->login
                                : _("The Disk"));
        if (*info->name && *info->login && !streq(info->name, info->login))
                say_part(COLOUR_PLAIN, " (%s)", info->login);
        say_end();
}

static ExitStatus info_print(const Info *info) {
        info_print_name(info);
        info_print_used(info);
        if (info_has_total(info) && isatty(STDOUT_FILENO))
                info_print_bar(info);
        info_print_size(row_labels[1], info->trash);
        info_print_size(row_labels[2], info->largest_file);
        return EXIT_STATUS_OK;
}

static void info_write_size(Json *j, const char *key, int64_t bytes) {
        if (bytes < 0)
                json_string(j, key, NULL);
        else
                json_unsigned(j, key, (uint64_t) bytes);
}

static ExitStatus info_print_json(const Info *info, const char *account) {
        _cleanup_(json_freep) Json *j = json_new();
        int64_t left = info_has_total(info) ? MAX_OF(info->total - info->used, 0) : -1;

        json_string(j, "account", account);
        json_string(j, "login", info->login);
        json_string(j, "name", info->name);
        info_write_size(j, "total", info->total);
        info_write_size(j, "used", info->used);
        info_write_size(j, "left", left);
        info_write_size(j, "trash", info->trash);
        info_write_size(j, "largest_file", info->largest_file);
        return json_write(j);
}

ExitStatus info_run(const Command *c) {
        _cleanup_(disk_freep) Disk *disk = NULL;
        _cleanup_(info_done) Info info = {};
        ExitStatus s;

        s = disk_open(command_argument(c, 0), &disk);
        if (s == EXIT_STATUS_OK)
                s = info_ask(disk, &info);
        if (s != EXIT_STATUS_OK)
                return s;
        return c->json ? info_print_json(&info, disk_account(disk)) : info_print(&info);
}
