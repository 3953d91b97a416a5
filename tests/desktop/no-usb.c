/* SPDX-License-Identifier: MIT */

/* Preloaded into KeePassXC: a machine without USB. For each of its windows that take a password,
 * 2.7.10 has a thread that waits for keys on USB, out of as many threads as the machine has
 * processors. With two of these the second window finds none that would open the database, and
 * waits for ever (keepassxreboot/keepassxc#13458). */

#define LIBUSB_ERROR_NOT_SUPPORTED (-12)

int libusb_init(void **context);

int libusb_init(void **context) {
        (void) context;
        return LIBUSB_ERROR_NOT_SUPPORTED;
}
