/* SPDX-License-Identifier: MIT */

#include "yadiskctl/feed/rclone-feed.h"

#include "common/i18n.h"
#include "shared/sealed.h"
#include "yadiskctl/feed/endpoint.h"
#include "yadiskctl/feed/token-request.h"

void rclone_feed_done(RcloneFeed *f) {
        (void) feed_free(f->feed);
        (void) secret_free(f->token);
        *f = (RcloneFeed){};
}

static bool rclone_feed_judge_errno(int r, Problem *p) {
        _cleanup_free_ char *folder = NULL;

        (void) feeds_folder(&folder);
        p->status = EXIT_STATUS_FAILURE;
        problem_set(p, "The feed cannot be kept in %s (%s).", str_or_empty(folder),
                    p->english ? strerrordesc_np(-r) : strerror(-r));
        problem_advise(p, "Make that possible, and try again.");
        return false;
}

/* Describes that the endpoint, or another program on its port, does not answer as it should. */
static bool rclone_feed_judge_silence(uint16_t port, const char *why, Problem *p) {
        p->status = EXIT_STATUS_FAILURE;
        problem_set(p, "The token endpoint at port %u does not work (%s).", port, why);
        problem_advise(p, "Run \"systemctl --user status yadisk-token-feed.service\" to see why.");
        return false;
}

static bool rclone_feed_judge_place(Problem *p) {
        p->status = EXIT_STATUS_FAILURE;
        problem_set(p,
                    "The systemd of this session looks for feeds elsewhere: its XDG_DATA_HOME or "
                    "HOME is not that of this shell.");
        problem_advise(p, "Make both the same, for example with \"systemctl --user "
                          "import-environment XDG_DATA_HOME\", and try again.");
        return false;
}

/* A refusal is about the feed, unless the account explains it. */
static bool rclone_feed_is_refused(sd_bus *bus, const Feed *f) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(snapshot_done) Snapshot s = {};
        bool refused = false;

        if (snapshot_ask(bus, true, &s, &error) < 0)
                return false;
        for (const Account *a = s.accounts; a < s.accounts + s.n_accounts; a++)
                refused = refused || (streq(a->id, f->account) && streq(a->state, "active"));
        return refused;
}

/* Asks as the program will. A token that is only missing for now is no reason to give up. */
static bool rclone_feed_try(sd_bus *bus, const Feed *f, uint16_t port, const char *handle,
                            Problem *p) {
        _cleanup_(endpoint_answer_done) EndpointAnswer answer = {};
        char status[32];
        int r;

        r = token_request_make(port, handle, &answer);
        (void) feed_set_last_use(f, &(FeedUse){}); /* we do not count */
        if (r < 0)
                return rclone_feed_judge_silence(port, strerror(-r), p);
        if (answer.status == 200)
                return true;
        if (answer.status == 400 && rclone_feed_is_refused(bus, f))
                return rclone_feed_judge_place(p);
        if (answer.status != 400 && answer.status != 503) {
                (void) snprintf(status, sizeof(status), "HTTP %u", answer.status);
                return rclone_feed_judge_silence(port, status, p);
        }

        remark("The feed is made, but there is no token for it at present: %s",
               i18n_reason(answer.sentence ?: N_("Run \"yadiskctl status\" to see why.")));
        return true;
}

/* Ends the feeds that the remote had before. */
static void rclone_feed_replace(RcloneFeed *new) {
        Feed **feeds;
        size_t n;

        if (feeds_read(&feeds, &n) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (!feeds[i]->temporary && !streq(feeds[i]->hash, new->feed->hash) &&
                    streq(feeds[i]->program, new->feed->program) &&
                    streq(feeds[i]->remote, new->feed->remote) && feed_remove(feeds[i]) >= 0)
                        new->is_replacement = true;
        feeds_free(feeds, n);
}

static bool rclone_feed_make(sd_bus *bus, const Account *account, const char *remote, RcloneConf *c,
                             RcloneFeed *new, Problem *p) {
        _cleanup_(secret_freep) char *handle = NULL;
        uint16_t port;
        int r;

        if (!endpoint_set_up(bus, &port, p))
                return false;
        r = feed_create(RCLONE_PROGRAM, remote, account->id, &new->feed, &handle);
        if (r >= 0)
                r = rclone_conf_print_token(port, handle, &new->token);
        if (r < 0)
                return rclone_feed_judge_errno(r, p);
        return rclone_feed_try(bus, new->feed, port, handle, p) &&
               (!c || rclone_conf_write(c, remote, new->token, p));
}

bool rclone_feed_add(sd_bus *bus, const Account *account, const char *remote, RcloneConf *c,
                     RcloneFeed *ret, Problem *p) {
        _cleanup_(rclone_feed_done) RcloneFeed new = {};
        _cleanup_fd_ int lock = -EBADF;
        bool had_port;

        endpoint_lock(&lock);
        had_port = endpoint_has_port(bus);
        if (!rclone_feed_make(bus, account, remote, c, &new, p)) {
                if (new.feed)
                        (void) feed_remove(new.feed);
                /* The feeds that need it may be elsewhere. */
                if (!had_port)
                        endpoint_take_down_unless_needed(bus);
                return false;
        }

        rclone_feed_replace(&new);
        *ret = new;
        new = (RcloneFeed){};
        return true;
}

void rclone_feed_say(const RcloneFeed *f) {
        say_to_copy("[%s]", f->feed->remote);
        say_to_copy("type = yandex");
        for (const char *line = f->token; *line; line += strcspn(line, "\n") + 1)
                say_to_copy("%.*s", (int) strcspn(line, "\n"), line);
}
