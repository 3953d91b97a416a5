/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Time, replaced at link time: defines every symbol of platform/clock.h. It stands still until the
 * test lets it pass; alarms then ring in order, each at its own moment, and whatever a ring sets
 * off in the loop has come to rest before the next.
 *
 * An alarm that rings again and again without time passing ends the test.
 */

#include "platform/clock.h"

/* Starts over at that time. No alarm and no watch may be left. */
void fake_clock_reset(int64_t now);

/* Runs the loop until nothing is left to do now. */
void fake_clock_run(sd_event *event);

/* Lets time pass, both clocks alike. */
void fake_clock_pass(sd_event *event, int64_t seconds);
void fake_clock_pass_ms(sd_event *event, int64_t ms);

/* The same while the loop is busy: nothing rings yet, and the loop does not run. */
void fake_clock_pass_unseen_ms(int64_t ms);

/* Somebody sets the wall clock by so many seconds; those who watch it are told when the loop
 * runs. */
void fake_clock_step(int64_t seconds);

/* Alarms that are set. */
unsigned fake_clock_n_armed(void);
