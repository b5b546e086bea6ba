/* SPDX-License-Identifier: Apache-2.0 */
/* Sums that decay and notes that are bounded. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "window/evidence.h"

#define DAY UINT64_C(86400000)

static struct lw_hit
hit(uint32_t rule, uint32_t start, uint32_t end)
{
	struct lw_hit h;

	memset(&h, 0, sizeof(h));
	h.rule = rule;
	h.category = LW_CAT_SECRECY;
	h.weight = 1.5f;
	h.nspans = 1;
	h.spans[0] = (struct lw_span){start, end};
	return h;
}

static void
note(struct lw_trace *t, const char *id, struct lw_str text, const struct lw_hit *h,
    size_t n, size_t *bytes)
{
	const struct lw_hit *ptr[64];
	uint32_t rev[64] = {0};
	struct lw_note_in in = {.id = lw_str(id),
	    .conv = LW_STR("conv"),
	    .text = text,
	    .ts_ms = 7,
	    .hit = ptr,
	    .rev = rev,
	    .nhit = n};

	for (size_t i = 0; i < n; i++)
		ptr[i] = &h[i];
	assert_int_equal(lw_trace_note(t, &in, bytes), 0);
}

static void
half_lives(void **state)
{
	(void)state;
	assert_true(lw_decay(0, DAY) == 1);
	assert_true(lw_decay(DAY, DAY) == 0.5);
	assert_true(lw_decay(3 * DAY, DAY) == 0.125);
	assert_true(lw_decay(1000 * DAY, 0) == 1);
	assert_true(lw_decay(UINT64_MAX, DAY) == 0);
}

static void
sums_decay(void **state)
{
	size_t bytes = 0;
	struct lw_trace *t = lw_trace_new(&bytes);
	struct lw_hit h = hit(1, 0, 1);

	(void)state;
	assert_int_equal(lw_trace_sum(t, &h, 1.0, 10 * DAY, 2 * DAY, &bytes), 0);
	assert_int_equal(lw_trace_sum(t, &h, 0.8, 12 * DAY, 2 * DAY, &bytes), 0);
	assert_int_equal(t->nsum, 1);
	assert_true(fabs(t->sum[0].e - 1.3) < 1e-12);
	assert_int_equal(t->sum[0].n, 2);
	assert_true(t->sum[0].last_ms == 12 * DAY);
	lw_trace_free(t, &bytes);
	assert_int_equal(bytes, 0);
}

static void
rules_are_bounded(void **state)
{
	size_t bytes = 0;
	struct lw_trace *t = lw_trace_new(&bytes);

	(void)state;
	for (uint32_t i = 1; i <= LW_SUMS_MAX + 10; i++) {
		struct lw_hit h = hit(i, 0, 1);

		assert_int_equal(lw_trace_sum(t, &h, 1, i, 0, &bytes), 0);
	}
	assert_int_equal(t->nsum, LW_SUMS_MAX);
	for (unsigned i = 0; i < t->nsum; i++)
		assert_true(t->sum[i].rule > 10 && t->sum[i].n == 1);
	lw_trace_free(t, &bytes);
	assert_int_equal(bytes, 0);
}

static void
notes_are_bounded(void **state)
{
	size_t bytes = 0;
	struct lw_trace *t = lw_trace_new(&bytes);
	struct lw_hit h[30];
	char id[8];

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		h[i] = hit(i + 1, i, i + 1);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "m%u", i);
		note(t, id, LW_STR("some text of a message, as it is"), h, 2, &bytes);
	}
	assert_int_equal(t->nhits, 24);
	assert_true(lw_str_is(lw_note_id(t->first), "m8"));
	assert_true(lw_str_is(lw_note_id(t->last), "m19"));
	assert_true(lw_str_is(lw_note_conv(t->last), "conv"));
	assert_true(lw_str_is(lw_note_text(t->last), "some text of a message, as it is"));
	/* One message with more hits than are kept. */
	note(t, "big", LW_STR("some text of a message, as it is"), h, 30, &bytes);
	assert_int_equal(t->nhits, 24);
	assert_ptr_equal(t->first, t->last);
	while (lw_trace_drop(t, &bytes))
		;
	assert_int_equal(t->nhits, 0);
	assert_null(t->last);
	lw_trace_free(t, &bytes);
	assert_int_equal(bytes, 0);
}

static void
long_texts_are_cut(void **state)
{
	size_t bytes = 0;
	struct lw_trace *t = lw_trace_new(&bytes);
	char text[4000];
	struct lw_hit h = hit(1, 2001, 2007);
	struct lw_str kept;
	struct lw_span s;

	(void)state;
	/* Two-byte letters everywhere: a cut must not fall into one. */
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[2000] = ' ';
	memcpy(text + 2001, "needle", 6);
	text[2007] = ' ';
	note(t, "m", (struct lw_str){text, sizeof(text)}, &h, 1, &bytes);
	kept = lw_note_text(t->last);
	assert_in_range(kept.n, LW_NOTE_TEXT_CUT - 4, LW_NOTE_TEXT_CUT);
	assert_int_equal((unsigned char)kept.p[0], 0xc3);
	assert_int_equal((unsigned char)kept.p[kept.n - 1], 0xa9);
	s = lw_note_spans(t->last)[0];
	assert_memory_equal(kept.p + s.start, "needle", s.end - s.start);
	assert_int_equal(s.end - s.start, 6);
	/* At the very end, and of a text that is kept whole. */
	h = hit(1, 3996, 4000);
	note(t, "m", (struct lw_str){text, sizeof(text)}, &h, 1, &bytes);
	s = lw_note_spans(t->last)[0];
	assert_int_equal(s.end, lw_note_text(t->last).n);
	h = hit(1, 1000, 1024);
	note(t, "m", (struct lw_str){text, LW_NOTE_TEXT_WHOLE}, &h, 1, &bytes);
	assert_int_equal(lw_note_text(t->last).n, LW_NOTE_TEXT_WHOLE);
	/* Spans wider than what is kept are clipped to it. */
	h = hit(1, 100, 3900);
	note(t, "m", (struct lw_str){text, sizeof(text)}, &h, 1, &bytes);
	s = lw_note_spans(t->last)[0];
	assert_int_equal(s.start, 0);
	assert_int_equal(s.end, lw_note_text(t->last).n);
	/* Of spans far apart, those of the heaviest hit are what is kept. */
	{
		struct lw_hit far[3] = {
		    hit(1, 10, 20), hit(2, 2001, 2007), hit(3, 3990, 3996)};

		far[1].weight = 2;
		note(t, "m", (struct lw_str){text, sizeof(text)}, far, 3, &bytes);
		assert_int_equal(lw_note_hits(t->last)[0].nspans, 0);
		assert_int_equal(lw_note_hits(t->last)[1].nspans, 1);
		assert_int_equal(lw_note_hits(t->last)[2].nspans, 0);
		s = lw_note_spans(t->last)[0];
		assert_memory_equal(lw_note_text(t->last).p + s.start, "needle", 6);
	}
	/* A record without its text keeps its spans. */
	h = hit(1, 5, 9);
	note(t, "m", (struct lw_str){NULL, 0}, &h, 1, &bytes);
	assert_null(lw_note_text(t->last).p);
	assert_int_equal(lw_note_spans(t->last)[0].end, 9);
	lw_trace_free(t, &bytes);
	assert_int_equal(bytes, 0);
}

static void
deleted_by_id(void **state)
{
	size_t bytes = 0;
	struct lw_trace *t = lw_trace_new(&bytes);
	struct lw_hit h = hit(1, 0, 1);

	(void)state;
	note(t, "m1", LW_STR("a"), &h, 1, &bytes);
	note(t, "", LW_STR("a"), &h, 1, &bytes);
	note(t, "m1", LW_STR("b"), &h, 1, &bytes);
	lw_trace_delete(t, LW_STR(""));
	assert_false(t->first->next->deleted);
	lw_trace_delete(t, LW_STR("m1"));
	assert_true(t->first->deleted && t->last->deleted);
	assert_false(t->first->next->deleted);
	lw_trace_free(t, &bytes);
}

static void
saved_and_loaded(void **state)
{
	size_t bytes = 0, loaded = 0;
	struct lw_trace *t = lw_trace_new(&bytes), *u;
	struct lw_hit h[3] = {hit(1, 0, 1), hit(2, 1, 3), hit(9, 2, 4)};
	struct lw_buf a, b;
	struct lw_dec d;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(lw_trace_sum(t, &h[i], 0.9, 5 + i, 3, &bytes), 0);
	note(t, "m1", LW_STR("some text"), h, 3, &bytes);
	note(t, "m2", (struct lw_str){NULL, 0}, h, 1, &bytes);
	t->last->deleted = t->last->from_target = true;
	t->decision = -2;
	t->closed = true;
	t->risk = 0.25;
	t->flagged_ms = 77;
	lw_buf_init(&a, 1 << 16);
	lw_buf_init(&b, 1 << 16);
	lw_trace_save(t, &a);
	lw_dec_init(&d, (struct lw_str){(const char *)a.data, a.len});
	assert_int_equal(lw_trace_load(&u, &d, &loaded), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(loaded, bytes);
	lw_trace_save(u, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(u->decision, -2);
	for (size_t n = 0; n < a.len; n++) {
		struct lw_trace *v;
		size_t none = 0;

		lw_dec_init(&d, (struct lw_str){(const char *)a.data, n});
		assert_int_equal(lw_trace_load(&v, &d, &none), LW_EINVAL);
		assert_int_equal(none, 0);
	}
	lw_trace_free(t, &bytes);
	lw_trace_free(u, &loaded);
	lw_buf_clear(&a);
	lw_buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(half_lives),
	    cmocka_unit_test(sums_decay),
	    cmocka_unit_test(rules_are_bounded),
	    cmocka_unit_test(notes_are_bounded),
	    cmocka_unit_test(long_texts_are_cut),
	    cmocka_unit_test(deleted_by_id),
	    cmocka_unit_test(saved_and_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
