/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A sign-in by authorization code with PKCE (Yandex ID docs, code flow; RFC 7636): the user opens
 * an address in a browser and brings back the code that Yandex's page shows, or the whole address
 * that the browser ended at. The code is exchanged for tokens once.
 */

#include "keeper/sign-in/flow.h"

typedef struct CodeFlow CodeFlow;

/* The longest text that may be submitted, in bytes. */
#define CODE_TEXT_MAX 4096

/* There is a prompt from the start, so on_prompt never runs. The events must outlive the flow.
 * Returns 0 or a negative errno. */
int code_flow_start(World *world, SignInDetails *details, const FlowEvents *events, void *userdata,
                    CodeFlow **ret);

/* Cancels. Accepts NULL, returns NULL. */
CodeFlow *code_flow_free(CodeFlow *f);
DEFINE_CLEANUP(CodeFlow *, code_flow_free)

const SignInPrompt *code_flow_prompt(const CodeFlow *f);

/* Takes what the user brought back; on_end tells how that ends. Returns 0; or
 * CONDITION_INVALID_ARGS or CONDITION_ACCESS_DENIED with a static sentence, or a negative errno, in
 * which cases the flow goes on waiting. */
int code_flow_submit(CodeFlow *f, const char *text, const char **ret_sentence);
