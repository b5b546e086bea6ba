/* SPDX-License-Identifier: Apache-2.0 */
/* One sender, many people: when that is a flag, and when it is a chatty player. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

static int
setup(void **state)
{
	static struct world w;

	world_init(&w);
	w.rs.model.bias = -40; /* no pair is flagged of itself */
	w.policy.fanout_targets = 4;
	w.policy.fanout_categories = 2;
	w.policy.fanout_window_ms = DAY;
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	world_clear(*state);
	return 0;
}

static const struct lw_flag *
fan(const struct world *w)
{
	return w->nflags > 0 && w->flags[w->nflags - 1]->kind == LW_FLAG_FANOUT
		   ? w->flags[w->nflags - 1]
		   : NULL;
}

/* To n people, one a minute; the flag that came, if any. */
static const struct lw_flag *
tour(struct world *w, const char *from, int first, int n, const char *text, uint64_t at)
{
	for (int i = 0; i < n; i++) {
		char to[16];

		snprintf(to, sizeof(to), "t%d", first + i);
		(void)say(w, from, to, text, at + (uint64_t)i * MINUTE);
		if (fan(w) != NULL)
			return fan(w);
	}
	return NULL;
}

static void
many_targets_flag_once(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	assert_null(tour(w, "a", 0, 3, "secrecy meeting", T0));
	assert_null(tour(w, "a", 0, 3, "secrecy meeting", T0 + HOUR)); /* the same people */
	f = tour(w, "a", 3, 1, "secrecy", T0 + 2 * HOUR);
	assert_non_null(f);
	assert_true(lw_str_is(f->from, "a"));
	assert_int_equal(f->to.n, 0);
	assert_int_equal(f->band, LW_BAND_MEDIUM);
	assert_int_equal(f->categories, 1u << LW_CAT_SECRECY | 1u << LW_CAT_MEETING);
	assert_string_equal(f->contributions[0].name, "one_to_many");
	assert_true(f->contributions[0].evidence == 4);
	assert_true(fabs(f->contributions[0].value - f->log_odds) < 1e-12);
	assert_null(tour(w, "a", 4, 4, "secrecy meeting", T0 + 3 * HOUR));
	/* In the next window again. */
	assert_non_null(tour(w, "a", 8, 4, "secrecy meeting", T0 + 30 * HOUR));
}

static void
window_slides(void **state)
{
	struct world *w = *state;

	assert_null(tour(w, "a", 0, 3, "secrecy meeting", T0));
	assert_null(tour(w, "a", 3, 3, "secrecy meeting", T0 + 25 * HOUR));
}

static void
chatty_players_do_not(void **state)
{
	struct world *w = *state;
	struct lw_event ev = event(LW_EV_USER, "m", NULL, T0);

	assert_null(tour(w, "a", 0, 20, "rapport personal_info relationship_probe", T0));
	/* One category to many is a habit. */
	assert_null(tour(w, "b", 0, 20, "platform_shift rapport", T0));
	assert_null(tour(w, "c", 0, 20, "age_disclosure refusal", T0));
	/* Staff is not followed. */
	ev.user.role = LW_STR("admin");
	assert_null(feed(w, ev));
	assert_null(tour(w, "m", 0, 20, "secrecy meeting", T0));
	w->policy.fanout_targets = 0;
	assert_null(tour(w, "d", 0, 20, "secrecy meeting", T0));
}

static void
more_than_it_keeps(void **state)
{
	struct world *w = *state;

	w->policy.fanout_targets = 33; /* one more than are kept: never reached */
	assert_null(tour(w, "a", 0, 100, "secrecy meeting", T0));
	w->policy.fanout_targets = 32;
	assert_non_null(tour(w, "a", 100, 1, "secrecy meeting", T0 + 2 * HOUR));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(many_targets_flag_once),
	    T(window_slides),
	    T(chatty_players_do_not),
	    T(more_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
