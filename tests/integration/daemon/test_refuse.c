/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon refuses to start with, how it leaves, and what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "house.h"
#include "queue/queue.h"

static const char settings[] = "workers: 1\n";

static int
run(const char *arguments)
{
	const char *program = getenv("LAPWINGD");
	char command[512];
	int status;

	snprintf(command, sizeof(command), "%s %s >/dev/null 2>&1",
	    program != NULL ? program : "./lapwingd", arguments);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
rewrite(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
command_line(void **state)
{
	char args[256];
	struct house h;

	(void)state;
	house_make(&h, settings, NULL);
	assert_int_equal(run("--help"), 0);
	assert_int_equal(run("--version"), 0);
	assert_int_equal(run("--verbose"), 2);
	assert_int_equal(run("--config"), 2);
	assert_int_equal(run("--config /nonexistent/lapwing.yaml"), 4);
	snprintf(args, sizeof(args), "--check-config --config %s", h.config);
	assert_int_equal(run(args), 0);
	/* the check touches nothing */
	assert_int_equal(rmdir(h.state), 0);
	snprintf(args, sizeof(args), "--check-config --config=%s", h.config);
	assert_int_equal(run(args), 0);
	rewrite(h.config, "sockets: 'x'\n");
	assert_int_equal(run(args), 3);
	house_clear(&h);
}

static void
broken_packs(void **state)
{
	char path[192];
	struct house h;

	(void)state;
	house_make(&h, settings, NULL);
	snprintf(path, sizeof(path), "%s/rules/birds.yaml", h.pack);
	rewrite(path, "- id: en.secrecy.plover\n  rev: none\n");
	assert_int_equal(house_try(&h), 3);
	assert_true(house_log_has(&h, "birds.yaml:2:"));
	house_clear(&h);
}

static void
keys(void **state)
{
	char inside[128], config[1024];
	struct house h;

	(void)state;
	house_make(&h, settings, NULL);
	assert_int_equal(chmod(h.key, 0640), 0);
	assert_int_equal(house_try(&h), 5);
	assert_true(house_log_has(&h, "others can read the key file"));
	assert_int_equal(chmod(h.key, 0600), 0);
	assert_int_equal(chmod(h.state, 0770), 0);
	assert_int_equal(house_try(&h), 5);
	assert_true(house_log_has(&h, "others can write in the state folder"));
	assert_int_equal(chmod(h.state, 0700), 0);
	unlink(h.key);
	assert_int_equal(house_try(&h), 4);
	assert_true(house_log_has(&h, "there is no key file"));
	snprintf(inside, sizeof(inside), "%s/key", h.state);
	assert_int_equal(lw_seal_new_file(inside), 0);
	snprintf(config, sizeof(config),
	    "socket: '%s'\ncontrol: '%s'\nstate_dir: '%s'\nkey_file: '%s'\n"
	    "packs: ['%s']\n",
	    h.socket, h.control, h.state, inside, h.pack);
	rewrite(h.config, config);
	assert_int_equal(house_try(&h), 3);
	assert_true(house_log_has(&h, "key_file lies inside state_dir"));
	/* nor by way of a link */
	snprintf(config, sizeof(config), "ln -s %s %s", inside, h.key);
	assert_int_equal(system(config), 0);
	snprintf(config, sizeof(config),
	    "socket: '%s'\ncontrol: '%s'\nstate_dir: '%s'\nkey_file: '%s'\n"
	    "packs: ['%s']\n",
	    h.socket, h.control, h.state, h.key, h.pack);
	rewrite(h.config, config);
	assert_int_equal(house_try(&h), 5);
	assert_true(house_log_has(&h, "lies in the state folder"));
	house_clear(&h);
}

static void
another_key(void **state)
{
	struct house h;

	(void)state;
	house_make(&h, settings, NULL);
	house_start(&h);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	unlink(h.key);
	assert_int_equal(lw_seal_new_file(h.key), 0);
	assert_int_equal(house_try(&h), 5);
	assert_true(house_log_has(&h, "was made with another key file"));
	house_clear(&h);
}

static void
a_second_daemon(void **state)
{
	struct house h, second;

	(void)state;
	house_make(&h, settings, NULL);
	house_start(&h);
	second = h;
	second.pid = 0;
	snprintf(second.control, sizeof(second.control), "%s/none.sock", h.dir);
	assert_int_equal(house_try(&second), 5);
	assert_true(house_log_has(&h, "another daemon holds the state folder"));
	/* and the first one is none the worse */
	assert_int_equal(house_number(&h, "sessions"), 0);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	house_clear(&h);
}

/* The name of the first file in a folder that ends so. */
static void
find(char *to, size_t size, const char *dir, const char *end)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t n;

	assert_non_null(d);
	to[0] = '\0';
	while ((e = readdir(d)) != NULL) {
		n = strlen(e->d_name);
		if (n > strlen(end) && strcmp(e->d_name + n - strlen(end), end) == 0)
			snprintf(to, size, "%s/%s", dir, e->d_name);
	}
	closedir(d);
	assert_true(to[0] != '\0');
}

static void
flip(const char *path, long at)
{
	FILE *f = fopen(path, "r+b");
	int c;

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	c = fgetc(f);
	assert_true(c != EOF);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	fputc(c ^ 1, f);
	assert_int_equal(fclose(f), 0);
}

static void
damage(void **state)
{
	char dir[160], path[512];
	struct lw_client *c;
	struct house h;
	struct talk t;
	size_t i;

	(void)state;
	house_make(&h, settings, NULL);
	house_start(&h);
	c = house_plugin(&h, "one", 10);
	talk_make(&t, "a", 100, 1);
	for (i = 0; i < t.n; i++) {
		lw_client_observe(c, &t.ev[i]);
		if (i % 20 == 19)
			assert_true(plugins_flush(&c, 1, 10000));
	}
	lw_client_free(c);
	talk_clear(&t);
	/* killed, so that the journal is needed */
	assert_int_equal(house_end(&h, SIGKILL), -SIGKILL);
	snprintf(dir, sizeof(dir), "%s/journal", h.state);
	find(path, sizeof(path), dir, ".lwj");
	flip(path, 2000);
	assert_int_equal(house_try(&h), 3);
	assert_true(house_log_has(&h, "is damaged at byte"));
	flip(path, 2000);
	house_start(&h);
	assert_int_equal(house_number(&h, "durable"), 100);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	/* now the journal begins later than at 1 */
	house_start(&h);
	assert_int_equal(house_number(&h, "journal.segments"), 1);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	/* a snapshot that does not open, and one that is gone */
	snprintf(path, sizeof(path), "%s/snap/shard-007.snap", h.state);
	flip(path, 30);
	assert_int_equal(house_try(&h), 5);
	assert_true(house_log_has(&h, "snapshot shard-007"));
	unlink(path);
	assert_int_equal(house_try(&h), 3);
	assert_true(house_log_has(&h, "snapshot shard-007 is missing"));
	house_clear(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(command_line),
	    cmocka_unit_test(broken_packs),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(another_key),
	    cmocka_unit_test(a_second_daemon),
	    cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
