/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A sign-in by authorization code with PKCE (Yandex ID docs, code flow; RFC 7636): the user opens an
 * address in a browser, and brings back the code that Yandex's page shows, or the whole address the
 * browser ended at. The code is exchanged for tokens once.
 */

#include "keeper/sign-in/flow.h"

typedef struct CodeFlow CodeFlow;

/* What may be submitted, in bytes. */
#define CODE_TEXT_MAX 4096

/* There is a prompt from the start; on_prompt never runs. The events must outlive it. 0 or a negative
 * errno. */
int code_flow_start(const FlowRequest *request, const FlowEvents *events, void *userdata,
                    CodeFlow **ret);

/* Cancels. Takes NULL, returns NULL. */
CodeFlow *code_flow_free(CodeFlow *f);
DEFINE_CLEANUP(CodeFlow *, code_flow_free)

const SignInPrompt *code_flow_prompt(const CodeFlow *f);

/* Takes what the user brought back; how that ends comes with on_end. 0; or, where the flow goes on waiting,
 * CONDITION_INVALID_ARGS or _ACCESS_DENIED with a static sentence, or a negative errno. */
int code_flow_submit(CodeFlow *f, const char *text, const char **ret_sentence);
