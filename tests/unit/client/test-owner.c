/* SPDX-License-Identifier: MIT */

/* In which unit a process is, and whether the daemon is started as that. */

#include "yadiskctl/setup/owner.h"

#include "check.h"
#include "common/util.h"

#define SLICE "/user.slice/user-1000.slice/user@1000.service/app.slice/"

static void is_in(const char *cgroups, const char *expected) {
        _cleanup_free_ char *unit = owner_find_unit(cgroups);

        CHECK_STR(str_or_empty(unit), expected);
}

int main(void) {
        is_in("0::" SLICE "yadisk-tokend.service\n", "yadisk-tokend.service");
        is_in("0::" SLICE "app-org.gnome.Terminal.slice/vte-spawn-1.scope\n", "vte-spawn-1.scope");
        is_in("12:cpu,cpuacct:/a.service\n1:name=systemd:" SLICE "b.service\n0::/\n", "b.service");
        is_in("0::/\n", "");
        is_in("0::\n", "");
        is_in("", "");

        CHECK(owner_is_expected_unit("yadisk-tokend.service"));
        CHECK(owner_is_expected_unit("dbus-:1.2-io.github.yadiskctl.Tokens1@0.service"));
        CHECK(!owner_is_expected_unit("dbus-:1.2-io.github.yadiskctl.Tokens1@0.service.scope"));
        CHECK(!owner_is_expected_unit("dbus-:1.2-org.example.Other@0.service"));
        CHECK(!owner_is_expected_unit("app-io.github.yadiskctl.Tokens1@0.service"));
        CHECK(!owner_is_expected_unit("yadisk-tokend.service.scope"));
        CHECK(!owner_is_expected_unit("my-yadisk-tokend.service"));
        CHECK(!owner_is_expected_unit("dbus.service"));
        CHECK(!owner_is_expected_unit(""));
        return 0;
}
