/* SPDX-License-Identifier: MIT */

/*
 *     running ──another generation──> token asked for ──it is there──> ending
 *      │   ^                            │                               │
 *      │   ├─────────it cannot be had───┘                               │
 *      │   └────────────────the program ended, and is started again─────┤
 *      └──────the program ended──> end <──we were told to end meanwhile─┘
 *
 * The program is in our process group, so that the terminal treats it as if we were not there: keys
 * reach it by themselves. What other processes send to us alone is passed on. When the terminal
 * stops the program, we stop as well, so that the shell sees its job stop.
 *
 * The daemon is never started by us. While it is away, or cannot give the token, the program goes
 * on with what it has.
 */

#include "yadiskctl/exec/supervisor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "common/names.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/terminal/duration.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* How long a program may take to end after SIGTERM; yadiskctl(1) says so. */
#define GRACE_SECONDS 10

#define RETRY_USEC (60 * USEC_PER_SEC)

/* What programs react to. SIGCHLD is ours, and sd-event wants it to be blocked. */
static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                               SIGALRM, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

typedef struct Supervisor {
        Program *program;
        sd_bus *bus;
        sd_event *event;
        sigset_t mask; /* as the program is to have it */

        pid_t pid;
        sd_event_source *child;
        int killed_by; /* the signal that ended the program, or 0 */

        /* While the program is being ended. */
        bool ending;
        Lent next; /* what it is started with again; nothing if we were told to end */

        /* While the generation or the token is asked for. */
        sd_bus_slot *look;

        sd_event_source *timer; /* the end of the grace, or another look */
} Supervisor;

static void supervisor_done(Supervisor *s) {
        lent_done(&s->next);
        sd_bus_slot_unref(s->look);
        sd_event_source_disable_unref(s->timer);
        sd_event_source_disable_unref(s->child);
        sd_bus_detach_event(s->bus);
        sd_event_unref(s->event);
}

/* Without memory for a timer there is none, as if the time were never over. */
static void supervisor_set_timer(Supervisor *s, uint64_t usec, sd_event_time_handler_t handler) {
        s->timer = sd_event_source_disable_unref(s->timer);
        (void) sd_event_add_time_relative(s->event, &s->timer, CLOCK_MONOTONIC, usec, 0, handler,
                                          s);
}

static int supervisor_on_grace_over(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        remark("\"%s\" did not end within %i seconds, and is killed.",
               command_argument(s->program->command, 0), GRACE_SECONDS);
        (void) kill(s->pid, SIGKILL);
        return 0;
}

/* We may not end a program of another user, such as sudo. Says so once for each token. */
static void supervisor_leave_program(Supervisor *s) {
        remark("The token was renewed, but \"%s\" runs as another user, so it cannot be started "
               "again and keeps the old one; run yadiskctl as that user instead.",
               command_argument(s->program->command, 0));
        s->program->lent.generation = s->next.generation;
        lent_done(&s->next);
}

/* The program is also continued, since it could not end while it is stopped. */
static void supervisor_end_program(Supervisor *s) {
        if (kill(s->pid, SIGTERM) < 0 && errno == EPERM) {
                supervisor_leave_program(s);
                return;
        }

        s->ending = true;
        (void) kill(s->pid, SIGCONT);
        supervisor_set_timer(s, GRACE_SECONDS * USEC_PER_SEC, supervisor_on_grace_over);
}

static void supervisor_look(Supervisor *s);

static int supervisor_on_retry(sd_event_source *source, uint64_t usec, void *userdata) {
        supervisor_look(userdata);
        return 0;
}

/* Looks again after a while. Mostly a signal comes before that. */
static void supervisor_look_later(Supervisor *s) {
        supervisor_set_timer(s, RETRY_USEC, supervisor_on_retry);
}

static int supervisor_on_token(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Supervisor *s = userdata;

        s->look = sd_bus_slot_unref(s->look);
        if (sd_bus_message_is_method_error(m, NULL) || lent_read(m, &s->next) < 0)
                supervisor_look_later(s);
        else if (s->next.generation != s->program->lent.generation)
                supervisor_end_program(s);
        else
                lent_done(&s->next);
        return 0;
}

/* The daemon may not prompt for a password, which the user would not expect while the program
 * runs. */
static int supervisor_ask_token(Supervisor *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        if (program_new_call(s->program, s->bus, &call) != EXIT_STATUS_OK)
                return -ENOMEM;

        r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(call, false);
        if (r >= 0)
                r = sd_bus_call_async(s->bus, &s->look, call, supervisor_on_token, s, 0);
        return r;
}

static int supervisor_on_generation(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        uint32_t generation = 0;
        Supervisor *s = userdata;
        int r;

        s->look = sd_bus_slot_unref(s->look);
        r = sd_bus_message_is_method_error(m, NULL) ? -EIO
                                                    : sd_bus_message_read(m, "v", "u", &generation);
        if (r >= 0 && generation != s->program->lent.generation)
                r = supervisor_ask_token(s);
        if (r < 0)
                supervisor_look_later(s);
        return 0;
}

static int supervisor_ask_generation(Supervisor *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(s->bus, &call, TOKENS_BUS_NAME, s->program->account,
                                           PROPERTIES, "Get");
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", TOKENS_ACCOUNT_INTERFACE, "Generation");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_call_async(s->bus, &s->look, call, supervisor_on_generation, s, 0);
        return r;
}

/* Finds out whether the program has the newest token. What is announced while we ask is in the
 * answer. While the program is being ended there is no need to: we look when it was started
 * again. */
static void supervisor_look(Supervisor *s) {
        if (s->look || s->ending || sd_bus_is_open(s->bus) <= 0)
                return;
        if (supervisor_ask_generation(s) < 0)
                supervisor_look_later(s);
}

/* Any program may send us such a signal; we only look. */
static int supervisor_on_change(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        supervisor_look(userdata);
        return 0;
}

static int supervisor_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        remark("The session bus has gone; the program goes on, but is not started again.");
        return 0;
}

static ExitStatus supervisor_listen(Supervisor *s) {
        int r;

        r = sd_bus_match_signal(s->bus, NULL, TOKENS_BUS_NAME, s->program->account, PROPERTIES,
                                "PropertiesChanged", supervisor_on_change, s);
        if (r >= 0)
                r = sd_bus_match_signal(s->bus, NULL, TOKENS_BUS_NAME, TOKENS_PATH,
                                        "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                                        supervisor_on_change, s);
        if (r >= 0)
                r = sd_bus_add_match(s->bus, NULL,
                                     "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME
                                     "',member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'",
                                     supervisor_on_change, s);
        if (r >= 0)
                r = sd_bus_match_signal(s->bus, NULL, NULL, NULL, DBUS_NAME ".Local",
                                        "Disconnected", supervisor_on_disconnected, s);
        if (r < 0)
                return fail(EXIT_STATUS_NO_DAEMON,
                            "The session bus cannot be listened to (%s); try again.", strerror(-r));
        return EXIT_STATUS_OK;
}

/* If we are killed, the kernel tells the program to end, since nothing would start it again with
 * the next token. */
static _Noreturn void supervisor_become_program(const Supervisor *s, pid_t parent) {
        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(EXIT_STATUS_FAILURE);
        (void) sigprocmask(SIG_SETMASK, &s->mask, NULL);
        _exit((int) program_run(s->program));
}

static int supervisor_on_child(sd_event_source *source, const siginfo_t *info, void *userdata);

static ExitStatus supervisor_start_program(Supervisor *s) {
        pid_t parent = getpid();
        int r;

        s->pid = fork();
        if (s->pid < 0)
                return fail_errno(errno, "start the program");
        if (s->pid == 0)
                supervisor_become_program(s, parent);

        lent_done(&s->program->lent);
        r = sd_event_add_child(s->event, &s->child, s->pid, WEXITED | WSTOPPED, supervisor_on_child,
                               s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->child, SD_EVENT_ON);
        return r < 0 ? fail_errno(r, "start the program") : EXIT_STATUS_OK;
}

static int supervisor_restart_program(Supervisor *s) {
        ExitStatus status;

        remark("The token was renewed, so \"%s\" is started again.",
               command_argument(s->program->command, 0));
        s->ending = false;
        s->timer = sd_event_source_disable_unref(s->timer);
        s->child = sd_event_source_disable_unref(s->child);
        s->program->lent = s->next;
        s->next = (Lent){};

        status = supervisor_start_program(s);
        if (status != EXIT_STATUS_OK)
                return sd_event_exit(s->event, status);
        supervisor_look(s);
        return 0;
}

/* Stops us as the terminal has stopped the program, until SIGCONT, so that the shell sees its job
 * stop. Of SIGSTOP, by which any process may have stopped the program alone, the shell knows
 * nothing, and would not continue us. */
static void supervisor_stop(int number) {
        sigset_t set;

        if (number == SIGSTOP)
                return;
        (void) sigemptyset(&set);
        (void) sigaddset(&set, number);
        (void) raise(number);
        (void) sigprocmask(SIG_UNBLOCK, &set, NULL);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
}

static int supervisor_on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Supervisor *s = userdata;

        if (info->si_code == CLD_STOPPED) {
                supervisor_stop(info->si_status);
                return 0;
        }
        if (s->next.token)
                return supervisor_restart_program(s);

        s->killed_by = info->si_code == CLD_EXITED ? 0 : info->si_status;
        return sd_event_exit(s->event, info->si_status);
}

static bool supervisor_was_continued(const Supervisor *s) {
        siginfo_t info = {};

        return waitid(P_PID, (id_t) s->pid, &info, WCONTINUED | WNOHANG) == 0 &&
               info.si_pid == s->pid;
}

/* The terminal sends to all of its foreground group, but when it hangs up, only to the leader of
 * the session. A shell continues all of its job. And what the program sends to its own group need
 * not come back to it. */
static bool supervisor_program_has_it(const Supervisor *s, const struct signalfd_siginfo *info) {
        bool hangup = info->ssi_signo == SIGHUP || info->ssi_signo == SIGCONT;

        if (info->ssi_signo == SIGCONT && supervisor_was_continued(s))
                return true;
        if (info->ssi_code == SI_KERNEL)
                return !hangup || getsid(0) != getpid();
        return (pid_t) info->ssi_pid == s->pid;
}

static int supervisor_on_signal(sd_event_source *source, const struct signalfd_siginfo *info,
                                void *userdata) {
        Supervisor *s = userdata;
        int number = (int) info->ssi_signo;

        if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT)
                lent_done(&s->next); /* a program that is told to end is not started again */
        if (number == SIGTERM) { /* it may take long to end, and after the others it may go on */
                s->ending = true;
                s->look = sd_bus_slot_unref(s->look);
        }
        if (!supervisor_program_has_it(s, info))
                (void) kill(s->pid, number);
        return 0;
}

static ExitStatus supervisor_prepare_loop(Supervisor *s) {
        sigset_t ours;
        int r;

        (void) signal(SIGCHLD, SIG_DFL); /* if it is ignored, no child's end is told */
        (void) sigemptyset(&ours);
        (void) sigaddset(&ours, SIGCHLD);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void) sigaddset(&ours, signals[i]);
        (void) sigprocmask(SIG_BLOCK, &ours, &s->mask);

        r = sd_event_new(&s->event);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(signals); i++)
                r = sd_event_add_signal(s->event, NULL, signals[i], supervisor_on_signal, s);
        if (r >= 0)
                r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? fail_errno(r, "start the program") : EXIT_STATUS_OK;
}

/* Ends us by the signal that has ended the program, so that our parent learns the same. The core,
 * if there is to be one, has been written by the program. */
static ExitStatus supervisor_end_by(int number) {
        sigset_t set;

        (void) prctl(PR_SET_DUMPABLE, 0);
        (void) sigemptyset(&set);
        (void) sigaddset(&set, number);
        (void) signal(number, SIG_DFL);
        (void) raise(number);
        (void) sigprocmask(SIG_UNBLOCK, &set, NULL);
        return (ExitStatus) (128 + number);
}

ExitStatus supervise(sd_bus *bus, Program *p) {
        _cleanup_(supervisor_done) Supervisor s = { .program = p, .bus = bus };
        ExitStatus status;
        int r;

        status = supervisor_listen(&s);
        if (status == EXIT_STATUS_OK)
                status = supervisor_prepare_loop(&s);
        if (status == EXIT_STATUS_OK)
                status = supervisor_start_program(&s);
        if (status != EXIT_STATUS_OK)
                return status;

        supervisor_look(&s); /* what happened before we listened */
        r = sd_event_loop(s.event);
        if (r < 0)
                return fail_errno(r, "wait for the program");
        return s.killed_by != 0 ? supervisor_end_by(s.killed_by) : (ExitStatus) r;
}
