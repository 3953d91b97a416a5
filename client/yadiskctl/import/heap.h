/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What libraries free after secrets went through them. GLib and json-c copy what they read and free the
 * copies as they are; these two together see that nothing of it stays in our memory.
 */

/* From now on free() overwrites. To be called before a library meets a secret. */
void heap_perturb(void);

/* Overwrites what free() has set aside unchanged since then. To be called when the library has freed all. */
void heap_scrub(void);
