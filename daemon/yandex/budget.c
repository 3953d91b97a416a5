/* SPDX-License-Identifier: MIT */

#include "yandex/budget.h"

Budget budget_new(uint64_t interval_usec) {
        return (Budget){ .interval_usec = interval_usec };
}

uint64_t budget_next(const Budget *b, bool due) {
        uint64_t most = (due ? BUDGET_BURST : BUDGET_BURST - BUDGET_KEPT) * b->interval_usec;
        uint64_t full_then = b->full_at + b->interval_usec;

        return full_then > most ? full_then - most : 0;
}

bool budget_take(Budget *b, uint64_t now, bool due) {
        if (budget_next(b, due) > now)
                return false;

        b->full_at = (b->full_at > now ? b->full_at : now) + b->interval_usec;
        return true;
}
