/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of the test's own: made, started, asked, ended by its pid, removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "gate/gate.h"
#include "house.h"
#include "queue/queue.h"

#define START_MS 20000
#define END_MS 30000

uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void
nap(unsigned ms)
{
	nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

static void
copy_file(const char *from, const char *to)
{
	char buf[8192];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		assert_int_equal(fwrite(buf, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void
copy_pack(const struct house *h)
{
	static const char *const files[] = {"pack.yaml", "model.yaml", "rules/birds.yaml"};
	const char *src = getenv("srcdir");
	char from[1024], to[256];
	size_t i;

	snprintf(to, sizeof(to), "%s/rules", h->pack);
	assert_int_equal(mkdir(h->pack, 0755), 0);
	assert_int_equal(mkdir(to, 0755), 0);
	for (i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "%s/tests/integration/pack/birds/%s",
		    src != NULL ? src : "..", files[i]);
		snprintf(to, sizeof(to), "%s/%s", h->pack, files[i]);
		copy_file(from, to);
	}
}

void
house_make(struct house *h, const char *extra, const struct house *like)
{
	FILE *f;

	memset(h, 0, sizeof(*h));
	snprintf(h->dir, sizeof(h->dir), "/tmp/lapwing-test-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->config, sizeof(h->config), "%s/lapwing.yaml", h->dir);
	snprintf(h->socket, sizeof(h->socket), "%s/plugin.sock", h->dir);
	snprintf(h->control, sizeof(h->control), "%s/control.sock", h->dir);
	snprintf(h->log, sizeof(h->log), "%s/log", h->dir);
	snprintf(h->key, sizeof(h->key), "%s/key", h->dir);
	snprintf(h->state, sizeof(h->state), "%s/state", h->dir);
	snprintf(h->pack, sizeof(h->pack), "%s/birds", h->dir);
	copy_pack(h);
	if (like != NULL) {
		copy_file(like->key, h->key);
		assert_int_equal(chmod(h->key, 0600), 0);
	} else {
		assert_int_equal(lw_seal_new_file(h->key), 0);
	}
	assert_int_equal(mkdir(h->state, 0700), 0);
	f = fopen(h->config, "w");
	assert_non_null(f);
	fprintf(f,
	    "socket: '%s'\ncontrol: '%s'\nstate_dir: '%s'\nkey_file: '%s'\n"
	    "packs: ['%s']\n%s",
	    h->socket, h->control, h->state, h->key, h->pack, extra);
	assert_int_equal(fclose(f), 0);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
house_clear(struct house *h)
{
	if (h->pid > 0)
		house_end(h, SIGKILL);
	nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
spawn(struct house *h)
{
	const char *program = getenv("LAPWINGD");
	pid_t parent = getpid();
	int fd;

	h->pid = fork();
	assert_true(h->pid >= 0);
	if (h->pid != 0)
		return;
	/* must not outlive a test that was killed */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	fd = open(h->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (program == NULL)
		program = "./lapwingd";
	execl(program, "lapwingd", "--config", h->config, (char *)NULL);
	_exit(127);
}

static int
exit_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static json_t *
status_of(struct house *h)
{
	struct lw_buf body;
	json_t *v = NULL;
	bool ok = false;

	lw_buf_init(&body, 1u << 20);
	if (lw_control_call(
		h->control, lw_str("status"), lw_str(""), 5000, &ok, &body) == 0 &&
	    ok)
		v = json_loadb((char *)body.data, body.len, 0, NULL);
	lw_buf_clear(&body);
	return v;
}

int
house_try(struct house *h)
{
	uint64_t until = now_ms() + START_MS;
	json_t *v;
	int status;

	spawn(h);
	while (now_ms() < until) {
		if (waitpid(h->pid, &status, WNOHANG) == h->pid) {
			h->pid = 0;
			return exit_of(status);
		}
		v = status_of(h);
		json_decref(v);
		if (v != NULL)
			return -1;
		nap(5);
	}
	fail_msg("the daemon neither serves nor ends");
	return -1;
}

void
house_start(struct house *h)
{
	int code = house_try(h);

	if (code != -1) {
		house_print_log(h);
		fail_msg("the daemon ended with %d", code);
	}
}

int
house_end(struct house *h, int sig)
{
	uint64_t until = now_ms() + END_MS;
	int status;

	assert_true(h->pid > 0);
	kill(h->pid, sig);
	while (waitpid(h->pid, &status, WNOHANG) != h->pid) {
		if (now_ms() > until) {
			kill(h->pid, SIGKILL);
			waitpid(h->pid, &status, 0);
			h->pid = 0;
			house_print_log(h);
			fail_msg("the daemon did not end");
		}
		nap(2);
	}
	h->pid = 0;
	return exit_of(status);
}

static json_t *
dig(json_t *v, const char *name)
{
	char part[64];
	const char *dot;

	while ((dot = strchr(name, '.')) != NULL) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		v = json_object_get(v, part);
		name = dot + 1;
	}
	return json_object_get(v, name);
}

uint64_t
house_number(struct house *h, const char *name)
{
	json_t *v = status_of(h);
	uint64_t n;

	assert_non_null(v);
	assert_true(json_is_integer(dig(v, name)));
	n = (uint64_t)json_integer_value(dig(v, name));
	json_decref(v);
	return n;
}

char *
house_text(struct house *h, const char *name)
{
	json_t *v = status_of(h);
	const char *s;
	char *copy;

	assert_non_null(v);
	s = json_string_value(dig(v, name));
	copy = strdup(s != NULL ? s : "");
	json_decref(v);
	return copy;
}

char *
house_flags(const struct house *h, size_t *n)
{
	char path[128], *text = NULL;
	size_t size = 0;
	sqlite3_stmt *st;
	sqlite3 *db;
	FILE *f = open_memstream(&text, &size);
	int rc;

	*n = 0;
	snprintf(path, sizeof(path), "%s/queue.db", h->state);
	assert_int_equal(
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT hex(f.id),c.id,f.kind,f.band,f.risk,f.categories,f.message,"
		"f.contributions,(SELECT group_concat(e.rule||'@'||e.message||e.spans||"
		"(e.text IS NULL),' ') FROM (SELECT * FROM flag_evidence l JOIN evidence e2"
		" ON e2.n=l.evidence_n WHERE l.flag_n=f.n ORDER BY e2.message,e2.rule) e)"
		" FROM flags f JOIN cases c ON c.n=f.case_n ORDER BY f.id",
		-1, &st, NULL),
	    SQLITE_OK);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < 9; i++) {
			const char *s = (const char *)sqlite3_column_text(st, i);

			fprintf(f, "%s|", s != NULL ? s : "-");
		}
		fputc('\n', f);
		(*n)++;
	}
	assert_int_equal(rc, SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
	fclose(f);
	return text;
}

void
house_same_flags(const char *want, const char *got)
{
	size_t n, m;

	while (*want != '\0' || *got != '\0') {
		n = strcspn(want, "\n");
		m = strcspn(got, "\n");
		if (n != m || memcmp(want, got, n) != 0)
			fail_msg("flags differ:\n want %.*s\n got  %.*s", (int)n, want,
			    (int)m, got);
		want += n + (want[n] != '\0');
		got += m + (got[m] != '\0');
	}
}

bool
house_log_has(const struct house *h, const char *what)
{
	char line[2048];
	FILE *f = fopen(h->log, "r");
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, what) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

void
house_print_log(const struct house *h)
{
	char line[2048];
	FILE *f = fopen(h->log, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		print_message("  %s", line);
	if (f != NULL)
		fclose(f);
}

/* ---- plugins ---- */

struct lw_client *
house_plugin(struct house *h, const char *instance, uint32_t batch)
{
	struct lw_client_options o = lw_client_options_init();
	struct lw_client *c = NULL;

	o.socket = h->socket;
	o.plugin = "test";
	o.instance = instance;
	o.batch = batch;
	o.spool_bytes = (size_t)256 << 20;
	o.spool_events = 1000000;
	assert_int_equal(lw_client_new(&c, &o), 0);
	return c;
}

void
plugins_turn(struct lw_client **c, size_t n, unsigned ms)
{
	uint64_t until = now_ms() + ms, now;
	struct pollfd p[8];
	int wait, t;
	size_t i;

	assert_true(n <= 8);
	do {
		now = now_ms();
		wait = now < until ? (int)(until - now) : 0;
		for (i = 0; i < n; i++) {
			p[i] = (struct pollfd){.fd = lw_client_fd(c[i]),
			    .events =
				(short)(POLLIN |
					(lw_client_wants_write(c[i]) ? POLLOUT : 0))};
			t = lw_client_timeout_ms(c[i], 0);
			if (t >= 0 && t < wait)
				wait = t;
		}
		poll(p, (nfds_t)n, wait);
		for (i = 0; i < n; i++)
			lw_client_step(c[i], (p[i].revents & ~POLLOUT) != 0,
			    (p[i].revents & POLLOUT) != 0, 0);
	} while (now_ms() < until);
}

bool
plugins_flush(struct lw_client **c, size_t n, unsigned ms)
{
	uint64_t until = now_ms() + ms;
	struct lw_client_stats s;
	size_t i, open;

	do {
		plugins_turn(c, n, 2);
		for (open = 0, i = 0; i < n; i++) {
			lw_client_stats(c[i], &s);
			open += s.spooled > 0;
		}
	} while (open > 0 && now_ms() < until);
	return open == 0;
}
