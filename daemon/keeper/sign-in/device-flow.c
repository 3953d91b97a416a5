/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/device-flow.h"

#include "common/condition.h"
#include "platform/clock.h"

/* Yandex documents no slow_down; RFC 8628 section 3.5 says five seconds more. */
#define SLOW_DOWN_STEP 5

/* How often in a row the server may be in trouble before a sign-in that the user is waiting for
 * gives up. */
#define TROUBLES_MAX 3

#define MSEC_PER_SEC 1000

struct DeviceFlow {
        const FlowEvents *events;
        void *userdata;
        World *world;
        SignInDetails *details;

        OauthCall *call;
        World *held; /* during a poll: its answer may be the tokens */
        Alarm *poll_alarm;
        Alarm *deadline;

        Secret *device_code;
        char *user_code;
        char *verification_url;
        SignInPrompt prompt;
        unsigned troubles;
        FlowResult last; /* of the last poll, if it failed; r = 0: it did not */
        bool last_lost;
        bool overdue; /* the code's time is up, but an answer is awaited */
};

/* In on_end the completion of the tokens takes its own hold on the world, before this one ends. f
 * may be gone then. */
static void device_flow_end(DeviceFlow *f, FlowResult result) {
        World *held = TAKE_PTR(f->held);

        alarm_off(f->poll_alarm);
        alarm_off(f->deadline);
        f->events->on_end(&result, f->userdata);
        world_release(held);
}

/* If it is not known whether the user has confirmed, the user is not to blame. */
static void device_flow_expire(DeviceFlow *f) {
        device_flow_end(f, f->last.r != 0 ? f->last
                                          : (FlowResult){ .r = CONDITION_EXPIRED,
                                                          .reason = "the code was not confirmed in "
                                                                    "time" });
}

/* The answer before may have been the tokens. */
static FlowResult device_flow_take_answer(DeviceFlow *f, const OauthAnswer *answer) {
        FlowResult result = flow_take_answer(f->details, answer);

        if (answer->used_up || (answer->r == CONDITION_EXPIRED && f->last_lost)) {
                result.r = CONDITION_SERVER_TROUBLE;
                result.sentence = flow_lost_code_sentence();
        }
        return result;
}

/* What may pass while the code still lives. */
static bool device_flow_keeps_polling(DeviceFlow *f, const OauthAnswer *answer) {
        if (answer->r == CONDITION_PENDING) {
                f->troubles = 0;
                if (answer->slow_down)
                        f->prompt.interval += SLOW_DOWN_STEP;
                return true;
        }

        if (answer->r == CONDITION_OFFLINE || answer->r == CONDITION_RATE_LIMITED ||
            flow_turns_to_previous_secret(f->world, f->details, answer))
                return true;
        return answer->r == CONDITION_SERVER_TROUBLE && !answer->used_up &&
               ++f->troubles < TROUBLES_MAX;
}

static void device_flow_on_polled(const OauthAnswer *answer, void *userdata) {
        DeviceFlow *f = userdata;
        int64_t delay;

        f->call = oauth_call_free(f->call);
        if (answer->r == 0 || !device_flow_keeps_polling(f, answer))
                return device_flow_end(f, device_flow_take_answer(f, answer));

        f->last = answer->r == CONDITION_PENDING ? (FlowResult){}
                                                 : flow_take_answer(f->details, answer);
        f->last_lost = answer->lost;
        if (f->overdue)
                return device_flow_expire(f);

        f->held = world_release(f->held);
        delay = MAX_OF(f->prompt.interval, answer->retry_after);
        (void) alarm_set_after(f->poll_alarm, (uint64_t) delay * MSEC_PER_SEC);
}

static void device_flow_on_poll_alarm(void *userdata) {
        DeviceFlow *f = userdata;
        OauthClient client = sign_in_details_client(f->details);
        int r;

        r = oauth_token_by_device_code(f->world->oauth, &client, f->device_code,
                                       sign_in_details_lend_answer(f->details),
                                       device_flow_on_polled, f, &f->call);
        if (r < 0)
                return device_flow_end(f, (FlowResult){ .r = r });

        f->held = world_hold(f->world);
}

/* The answer to the last poll is awaited: it may be the tokens. */
static void device_flow_on_deadline(void *userdata) {
        DeviceFlow *f = userdata;

        f->overdue = true;
        if (!f->call)
                device_flow_expire(f);
}

static int device_flow_take_code(DeviceFlow *f, const OauthDeviceCode *code) {
        int r;

        f->device_code = secret_ref(code->device_code);
        r = str_replace(&f->user_code, code->user_code);
        if (r == 0)
                r = str_replace(&f->verification_url, code->verification_url);
        if (r < 0)
                return r;

        f->prompt = (SignInPrompt){
                .verification_url = f->verification_url,
                .user_code = f->user_code,
                .expires_at = clock_now() + code->expires_in,
                .interval = code->interval,
        };

        r = alarm_set_after(f->deadline, (uint64_t) code->expires_in * MSEC_PER_SEC);
        return r < 0 ? r : alarm_set_after(f->poll_alarm, (uint64_t) code->interval * MSEC_PER_SEC);
}

static void device_flow_on_code(const OauthAnswer *answer, void *userdata) {
        DeviceFlow *f = userdata;
        int r;

        f->call = oauth_call_free(f->call);
        world_reached(f->world, answer->r != CONDITION_OFFLINE);
        if (answer->r != 0)
                return device_flow_end(f, flow_take_answer(f->details, answer));

        r = device_flow_take_code(f, answer->device_code);
        if (r < 0)
                return device_flow_end(f, (FlowResult){ .r = r });

        f->events->on_prompt(f->userdata);
}

int device_flow_start(World *world, SignInDetails *details, const FlowEvents *events,
                      void *userdata, DeviceFlow **ret) {
        _cleanup_(device_flow_freep) DeviceFlow *f = NULL;
        int r;

        f = malloc(sizeof(DeviceFlow));
        if (!f)
                return -ENOMEM;

        *f = (DeviceFlow){
                .events = events,
                .userdata = userdata,
                .world = world,
                .details = sign_in_details_ref(details),
        };

        r = alarm_new(world->event, "device-flow-poll", device_flow_on_poll_alarm, f,
                      &f->poll_alarm);
        if (r == 0)
                r = alarm_new(world->event, "device-flow-deadline", device_flow_on_deadline, f,
                              &f->deadline);
        if (r == 0)
                r = oauth_device_code(world->oauth, details->client_id, details->scopes,
                                      device_flow_on_code, f, &f->call);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

DeviceFlow *device_flow_free(DeviceFlow *f) {
        if (!f)
                return NULL;

        alarm_free(f->deadline);
        alarm_free(f->poll_alarm);
        world_release(f->held);
        oauth_call_free(f->call);
        free(f->verification_url);
        free(f->user_code);
        secret_unref(f->device_code);
        sign_in_details_unref(f->details);
        free(f);
        return NULL;
}

const SignInPrompt *device_flow_prompt(const DeviceFlow *f) {
        return f->user_code ? &f->prompt : NULL;
}
