/* SPDX-License-Identifier: Apache-2.0 */
/* The store: idempotence, the queue's order, what is shown and what is sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "sample.h"

#define NOW UINT64_C(1700000100000)
#define HOUR UINT64_C(3600000)

struct fixture {
	const char *dir;
	char path[128];
	struct lw_seal seal;
	struct lw_queue *q;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = sample_dir();
	sample_path(f->path, sizeof(f->path), f->dir, "queue.db");
	sample_seal(&f->seal, 9);
	*state = f;
	return lw_queue_open(&f->q, f->path, &f->seal, false);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	lw_queue_close(f->q);
	sample_remove(f->dir);
	free(f);
	return 0;
}

static int
put(struct lw_queue *q, const struct lw_flag *f, uint64_t now)
{
	return lw_queue_put(q, &f, 1, now);
}

static json_t *
parse(struct lw_buf *b)
{
	json_t *j = json_loadb((char *)b->data, b->len, 0, NULL);

	assert_non_null(j);
	lw_buf_clear(b);
	return j;
}

static json_t *
list(struct lw_queue *q, struct lw_queue_filter filter)
{
	struct lw_buf b;
	struct lw_json j;

	lw_buf_init(&b, 1u << 20);
	lw_json_init(&j, &b, 0);
	assert_int_equal(lw_queue_list(q, &filter, &j), 0);
	return parse(&b);
}

static json_t *
show(struct lw_queue *q, const char *id, bool show_text)
{
	struct lw_buf b;
	struct lw_json j;

	lw_buf_init(&b, 1u << 20);
	lw_json_init(&j, &b, 2);
	assert_int_equal(lw_queue_show(q, lw_str(id), show_text, &j), 0);
	return parse(&b);
}

static int
show_err(struct lw_queue *q, const char *id, bool show_text)
{
	struct lw_buf b;
	struct lw_json j;
	int err;

	lw_buf_init(&b, 1u << 20);
	lw_json_init(&j, &b, 0);
	err = lw_queue_show(q, lw_str(id), show_text, &j);
	lw_buf_clear(&b);
	return err;
}

static const char *
text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int64_t
number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static void
a_flag_twice_is_one(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a, b;
	const struct lw_flag *both[2] = {&a, &b};
	struct lw_queue_stats s;
	json_t *before, *after;

	sample_flag(&a, 1, 10, LW_BAND_MEDIUM, 0.5);
	sample_flag(&b, 1, 11, LW_BAND_HIGH, 0.8);
	b.message = b.evidence[0].message = LW_STR("m2");
	assert_int_equal(lw_queue_put(f->q, both, 2, NOW), 0);
	before = show(f->q, "000000000000000100", true);
	assert_int_equal(lw_queue_put(f->q, both, 2, NOW + 5000), 0);
	assert_int_equal(put(f->q, &a, NOW + 9000), 0);
	after = show(f->q, "000000000000000100", true);
	assert_true(json_equal(before, after));
	assert_int_equal(lw_queue_stats(f->q, &s), 0);
	assert_int_equal(s.cases, 1);
	assert_int_equal(s.open, 1);
	assert_int_equal(s.flags, 2);
	assert_int_equal(number(after, "flags"), 2);
	assert_int_equal(number(after, "version"), 2);
	json_decref(before);
	json_decref(after);
}

static void
shows_all_of_a_case(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;
	json_t *c, *flag, *ev, *span;

	sample_flag(&a, 1, 10, LW_BAND_MEDIUM, 0.5);
	assert_int_equal(put(f->q, &a, NOW), 0);
	c = show(f->q, "00000000000000010000000000002222", false);
	assert_string_equal(text(c, "state"), "open");
	assert_string_equal(text(c, "kind"), "risk");
	assert_string_equal(text(c, "band"), "medium");
	assert_string_equal(text(c, "from"), "sender");
	assert_string_equal(text(c, "to"), "target");
	assert_string_equal(text(c, "tenant"), "default");
	assert_int_equal(json_array_size(json_object_get(c, "categories")), 2);
	assert_int_equal(number(c, "opened_ms"), NOW);
	assert_int_equal(number(c, "due_ms"), NOW + 24 * HOUR);
	flag = json_array_get(json_object_get(c, "flag_list"), 0);
	assert_string_equal(text(flag, "id"), "0000000000001111000000000000000a");
	assert_int_equal(json_array_size(json_object_get(flag, "contributions")), 2);
	/* doubles survive to the last bit */
	assert_true(json_real_value(json_object_get(
			json_array_get(json_object_get(flag, "contributions"), 1),
			"value")) == 0.1);
	ev = json_array_get(json_object_get(c, "evidence"), 0);
	assert_int_equal(number(ev, "n"),
	    json_integer_value(json_array_get(json_object_get(flag, "evidence"), 0)));
	assert_string_equal(text(ev, "rule"), "en.secrecy.sample");
	assert_string_equal(text(ev, "category"), "secrecy");
	assert_int_equal(number(ev, "rev"), 3);
	span = json_array_get(json_object_get(ev, "spans"), 1);
	assert_int_equal(json_integer_value(json_array_get(span, 0)), 9);
	assert_int_equal(json_integer_value(json_array_get(span, 1)), 15);
	assert_true(json_is_true(json_object_get(ev, "has_text")));
	assert_null(json_object_get(ev, "text"));
	json_decref(c);
	c = show(f->q, "00000000000000010", true);
	ev = json_array_get(json_object_get(c, "evidence"), 0);
	assert_string_equal(text(ev, "text"), SAMPLE_TEXT);
	json_decref(c);
}

static void
finds_by_prefix(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;

	sample_flag(&a, 0xabcdef0000000001, 1, LW_BAND_LOW, 0.2);
	put(f->q, &a, NOW);
	sample_flag(&a, 0xabcdef0000000002, 2, LW_BAND_LOW, 0.2);
	put(f->q, &a, NOW);
	assert_int_equal(show_err(f->q, "abcdef", false), LW_EINVAL);
	assert_int_equal(show_err(f->q, "abcdef0000000001", false), 0);
	assert_int_equal(show_err(f->q, "abcde", false), LW_EINVAL);
	assert_int_equal(show_err(f->q, "abcdeg", false), LW_EINVAL);
	assert_int_equal(show_err(f->q, "abcdee", false), LW_ENOENT);
	assert_int_equal(show_err(f->q, "", false), LW_EINVAL);
	assert_int_equal(
	    show_err(f->q, "abcdef0000000001abcdef0000000001a", false), LW_EINVAL);
}

static void
orders_by_band_due_score_age(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint64_t pair, now;
		enum lw_band band;
		double risk;
	} in[] = {
	    {6, NOW, LW_BAND_LOW, 0.9},
	    {1, NOW + 9, LW_BAND_CRITICAL, 0.95},
	    {5, NOW + 3, LW_BAND_MEDIUM, 0.5},
	    {4, NOW + 2, LW_BAND_MEDIUM, 0.5},
	    {3, NOW + 2, LW_BAND_MEDIUM, 0.6},
	    {2, NOW + 7, LW_BAND_HIGH, 0.7},
	};
	struct lw_flag a;
	json_t *l;
	size_t i;
	char want[33];

	for (i = 0; i < 6; i++) {
		sample_flag(&a, in[i].pair, i + 1, in[i].band, in[i].risk);
		if (in[i].pair == 5)
			a.tenant = LW_STR("other");
		assert_int_equal(put(f->q, &a, in[i].now), 0);
	}
	l = list(f->q, (struct lw_queue_filter){.state = "open"});
	assert_int_equal(json_array_size(l), 6);
	for (i = 0; i < 6; i++) {
		snprintf(want, sizeof(want), "%016x%016x", (unsigned)i + 1, 0x2222u);
		assert_string_equal(text(json_array_get(l, i), "id"), want);
		assert_null(json_object_get(json_array_get(l, i), "evidence"));
	}
	json_decref(l);
	l = list(f->q, (struct lw_queue_filter){.min_band = LW_BAND_HIGH});
	assert_int_equal(json_array_size(l), 2);
	json_decref(l);
	l = list(f->q, (struct lw_queue_filter){.limit = 3});
	assert_int_equal(json_array_size(l), 3);
	json_decref(l);
	l = list(f->q, (struct lw_queue_filter){.tenant = LW_STR("other")});
	assert_int_equal(json_array_size(l), 1);
	json_decref(l);
	l = list(f->q, (struct lw_queue_filter){.state = "closed"});
	assert_int_equal(json_array_size(l), 0);
	json_decref(l);
}

static void
a_case_shows_the_most(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;
	json_t *c;

	sample_flag(&a, 1, 10, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW);
	sample_flag(&a, 1, 12, LW_BAND_CRITICAL, 0.97);
	a.categories = 1u << LW_CAT_COERCION;
	a.kind = LW_FLAG_WELFARE;
	put(f->q, &a, NOW + 1000);
	sample_flag(&a, 1, 11, LW_BAND_LOW, 0.3);
	put(f->q, &a, NOW + 2000);
	c = show(f->q, "000000000000000100", false);
	assert_string_equal(text(c, "band"), "critical");
	assert_true(json_real_value(json_object_get(c, "risk")) == 0.97);
	assert_string_equal(text(c, "kind"), "welfare"); /* of the latest in sequence */
	assert_int_equal(json_array_size(json_object_get(c, "categories")), 3);
	assert_int_equal(number(c, "opened_ms"), NOW);
	assert_int_equal(number(c, "updated_ms"), NOW + 2000);
	assert_int_equal(number(c, "due_ms"), NOW + 1000 + HOUR);
	json_decref(c);
}

static void
sql(const char *path, const char *statement)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
a_closed_case_opens_on_a_new_category(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;
	json_t *c;

	sample_flag(&a, 1, 10, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW);
	sql(f->path, "UPDATE cases SET state='closed',closed_ms=5,"
		     "categories_closed=categories");
	sample_flag(&a, 1, 11, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW + 1);
	c = show(f->q, "000000000000000100", false);
	assert_string_equal(text(c, "state"), "closed");
	assert_int_equal(number(c, "flags"), 2);
	json_decref(c);
	sample_flag(&a, 1, 12, LW_BAND_MEDIUM, 0.5);
	a.categories |= 1u << LW_CAT_GIFT;
	put(f->q, &a, NOW + 2);
	c = show(f->q, "000000000000000100", false);
	assert_string_equal(text(c, "state"), "open");
	assert_string_equal(text(c, "band"), "medium");
	assert_int_equal(number(c, "due_ms"), NOW + 2 + 24 * HOUR);
	assert_true(json_is_null(json_object_get(c, "closed_ms")));
	json_decref(c);
}

static bool
file_holds(const char *dir, const char *name, const char *what)
{
	char path[256], *data;
	bool found;
	FILE *fp;
	long n;

	sample_path(path, sizeof(path), dir, name);
	fp = fopen(path, "rb");
	if (fp == NULL)
		return false;
	fseek(fp, 0, SEEK_END);
	n = ftell(fp);
	rewind(fp);
	data = malloc((size_t)n + 1);
	assert_int_equal(fread(data, 1, (size_t)n, fp), n);
	found = memmem(data, (size_t)n, what, strlen(what)) != NULL;
	free(data);
	fclose(fp);
	return found;
}

static void
text_is_sealed_on_disk(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;
	struct stat st;

	sample_flag(&a, 1, 10, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW);
	assert_true(file_holds(f->dir, "queue.db-wal", "en.secrecy.sample"));
	assert_false(file_holds(f->dir, "queue.db-wal", "marked"));
	lw_queue_close(f->q);
	f->q = NULL;
	assert_true(file_holds(f->dir, "queue.db", "en.secrecy.sample"));
	assert_false(file_holds(f->dir, "queue.db", "marked"));
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_wrong_key_opens_no_text(void **state)
{
	struct fixture *f = *state;
	struct lw_seal other;
	struct lw_queue *r;
	struct lw_flag a;
	const char *id = "00000000000000010000000000002222";

	sample_flag(&a, 1, 10, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW);
	sample_seal(&other, 10);
	assert_int_equal(lw_queue_open(&r, f->path, &other, true), 0);
	assert_int_equal(show_err(r, id, false), 0);
	assert_int_equal(show_err(r, id, true), LW_ECRYPT);
	assert_int_equal(put(r, &a, NOW), LW_EREFUSED);
	lw_queue_close(r);
	assert_int_equal(lw_queue_open(&r, f->path, &other, false), LW_ECRYPT);
	assert_int_equal(lw_queue_open(&r, f->path, NULL, true), 0);
	assert_int_equal(show_err(r, id, false), 0);
	assert_int_equal(show_err(r, id, true), LW_EREFUSED);
	lw_queue_close(r);
	/* a box moved to another row does not open there */
	sample_flag(&a, 1, 11, LW_BAND_HIGH, 0.8);
	a.evidence[0].message = LW_STR("m2");
	put(f->q, &a, NOW);
	assert_int_equal(show_err(f->q, id, true), 0);
	sql(f->path, "UPDATE evidence SET text=(SELECT text FROM evidence WHERE "
		     "message='m1') WHERE message='m2'");
	assert_int_equal(show_err(f->q, id, true), LW_ECRYPT);
}

static void
survives_reopening(void **state)
{
	struct fixture *f = *state;
	struct lw_flag a;
	struct lw_queue *r;
	json_t *c;

	sample_flag(&a, 1, 10, LW_BAND_HIGH, 0.8);
	a.evidence[0].text = (struct lw_str){NULL, 0};
	a.to = (struct lw_str){NULL, 0};
	put(f->q, &a, NOW);
	/* a reader sees what was committed while the writer has it open */
	assert_int_equal(lw_queue_open(&r, f->path, &f->seal, true), 0);
	c = show(r, "000000000000000100", true);
	assert_true(json_is_null(json_object_get(c, "to")));
	assert_true(json_is_null(
	    json_object_get(json_array_get(json_object_get(c, "evidence"), 0), "text")));
	json_decref(c);
	lw_queue_close(r);
	lw_queue_close(f->q);
	assert_int_equal(lw_queue_open(&f->q, f->path, &f->seal, false), 0);
	/* text that was not there is filled in; a deletion is kept */
	sample_flag(&a, 1, 11, LW_BAND_HIGH, 0.8);
	a.evidence[0].deleted = true;
	put(f->q, &a, NOW);
	sample_flag(&a, 1, 12, LW_BAND_HIGH, 0.8);
	put(f->q, &a, NOW);
	c = show(f->q, "000000000000000100", true);
	assert_int_equal(json_array_size(json_object_get(c, "evidence")), 1);
	assert_string_equal(
	    text(json_array_get(json_object_get(c, "evidence"), 0), "text"), SAMPLE_TEXT);
	assert_true(json_is_true(json_object_get(
	    json_array_get(json_object_get(c, "evidence"), 0), "deleted")));
	json_decref(c);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lw_queue *r = NULL;
	char path[128];

	sql(f->path, "PRAGMA user_version=99");
	assert_int_equal(lw_queue_open(&r, f->path, &f->seal, false), LW_EINVAL);
	assert_int_equal(lw_queue_open(&r, f->path, &f->seal, true), LW_EINVAL);
	sample_path(path, sizeof(path), f->dir, "missing.db");
	assert_int_equal(lw_queue_open(&r, path, &f->seal, true), LW_ENOENT);
	sample_path(path, sizeof(path), f->dir, "no/such.db");
	assert_int_equal(lw_queue_open(&r, path, &f->seal, false), LW_ENOENT);
	assert_null(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_flag_twice_is_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(shows_all_of_a_case, setup, teardown),
	    cmocka_unit_test_setup_teardown(finds_by_prefix, setup, teardown),
	    cmocka_unit_test_setup_teardown(orders_by_band_due_score_age, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_case_shows_the_most, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_closed_case_opens_on_a_new_category, setup, teardown),
	    cmocka_unit_test_setup_teardown(text_is_sealed_on_disk, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_wrong_key_opens_no_text, setup, teardown),
	    cmocka_unit_test_setup_teardown(survives_reopening, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
