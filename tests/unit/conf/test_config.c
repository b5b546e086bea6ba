/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: defaults, reading, each refusal, samples that read back. */
#include <sys/stat.h>
#include "helper.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/config.h"

/* Large: not on the stack. */
static struct lw_config conf, other;
static struct lw_diag diag;

static int
read_as(const char *text, struct lw_config *c)
{
	lw_diag_init(&diag);
	return lw_config_read(c, write_temp("a.yaml", text, strlen(text)), &diag);
}

static void
check_refusal(const char *text, const char *want)
{
	char *got, *rest;

	memset(&conf, 0x5a, sizeof(conf));
	memcpy(&other, &conf, sizeof(conf));
	assert_int_equal(read_as(text, &conf), LW_EINVAL);
	assert_memory_equal(&conf, &other, sizeof(conf)); /* only written on success */
	got = diag_text(&diag);
	rest = strchr(got, ':');
	assert_non_null(rest);
	assert_string_equal(rest + 1, want);
	free(got);
	lw_diag_clear(&diag);
}

static void
defaults(void **state)
{
	(void)state;
	lw_config_default(&conf);
	assert_string_equal(conf.socket, LW_RUNDIR "/lapwing.sock");
	assert_string_equal(conf.control, LW_RUNDIR "/control.sock");
	assert_string_equal(conf.state_dir, LW_STATEDIR);
	assert_string_equal(conf.key_file, LW_SYSCONFDIR "/lapwing.key");
	assert_string_equal(conf.policy, "");
	assert_int_equal(conf.npacks, 0);
	assert_int_equal(conf.workers, 0);
	assert_int_equal(conf.max_windows, 2000000);
	assert_true(conf.max_memory == UINT64_C(4) << 30);
	assert_true(conf.idle_ms == UINT64_C(30) * 86400000);
	assert_int_equal(conf.dedupe_events, 1000000);
	assert_int_equal(conf.commit_ms, 5);
	assert_int_equal(conf.snapshot_ms, 600000);
	assert_true(conf.retention_ms == UINT64_C(90) * 86400000);
	assert_int_equal(conf.max_sessions, 64);
	assert_int_equal(conf.window, 16384);
	assert_int_equal(conf.max_frame, 1 << 20);
	assert_int_equal(conf.ntenants, 0);
	assert_int_equal(conf.log_level, LW_LOG_INFO);
	assert_int_equal(read_as("", &other), LW_OK);
	assert_memory_equal(&conf, &other, sizeof(conf));
}

static void
reads_what_is_written(void **state)
{
	char want[200];

	(void)state;
	assert_int_equal(read_as("socket: run/l.sock\n"
				 "control: /c/control.sock\n"
				 "state_dir: .\n"
				 "key_file: /elsewhere/key\n"
				 "policy: p.yaml\n"
				 "packs:\n  - core-en\n  - '/packs/it''s'\n"
				 "tenants:\n  - name: alpha\n"
				 "  - {name: beta-2, token_file: beta.token}\n"
				 "workers: 3\nmax_windows: 1000\nmax_memory: 16MiB\n"
				 "idle: 12h\ndedupe_events: 2048\ncommit_interval: 0s\n"
				 "snapshot_interval: 90s\nretention: 7d\n"
				 "max_sessions: 2\nwindow: 10\nmax_frame: 64KiB\n"
				 "log_level: debug\n",
			     &conf),
	    LW_OK);
	assert_int_equal(diag.errors + diag.warnings, 0);
	snprintf(want, sizeof(want), "%s/run/l.sock", temp_dir);
	assert_string_equal(conf.socket, want);
	assert_string_equal(conf.control, "/c/control.sock");
	snprintf(want, sizeof(want), "%s/.", temp_dir);
	assert_string_equal(conf.state_dir, want);
	snprintf(want, sizeof(want), "%s/p.yaml", temp_dir);
	assert_string_equal(conf.policy, want);
	assert_int_equal(conf.npacks, 2);
	snprintf(want, sizeof(want), "%s/core-en", temp_dir);
	assert_string_equal(conf.packs[0], want);
	assert_string_equal(conf.packs[1], "/packs/it's");
	assert_int_equal(conf.ntenants, 2);
	assert_string_equal(conf.tenants[0].name, "alpha");
	assert_string_equal(conf.tenants[0].token_file, "");
	assert_string_equal(conf.tenants[1].name, "beta-2");
	snprintf(want, sizeof(want), "%s/beta.token", temp_dir);
	assert_string_equal(conf.tenants[1].token_file, want);
	assert_int_equal(conf.workers, 3);
	assert_int_equal(conf.max_windows, 1000);
	assert_int_equal(conf.max_memory, 16 << 20);
	assert_int_equal(conf.idle_ms, 12 * 3600000);
	assert_int_equal(conf.dedupe_events, 2048);
	assert_int_equal(conf.commit_ms, 0);
	assert_int_equal(conf.snapshot_ms, 90000);
	assert_int_equal(conf.retention_ms, 7 * 86400000);
	assert_int_equal(conf.max_sessions, 2);
	assert_int_equal(conf.window, 10);
	assert_int_equal(conf.max_frame, 65536);
	assert_int_equal(conf.log_level, LW_LOG_DEBUG);
}

static void
refusals_of_values(void **state)
{
	(void)state;
	check_refusal("workers: 0\n", "1:10: error: must be from 1 to 256\n");
	check_refusal("workers: many\n", "1:10: error: expected an integer, found 'many' "
					 "(digits, without quotes)\n");
	check_refusal("max_windows: 1\n", "1:14: error: must be from 256 to 1000000000\n");
	check_refusal("max_memory: 4GB\n", "1:13: error: expected a size, found '4GB' (such "
					   "as 64KiB, 1MiB or 2GiB)\n");
	check_refusal("max_memory: 1MiB\n", "1:13: error: must be from 16MiB to 1TiB\n");
	check_refusal("idle: 30\n", "1:7: error: expected a duration, found '30' (such as "
				    "250ms, 30s, 10m, 2h or 14d)\n");
	check_refusal("idle: 1s\n", "1:7: error: must be from 1m to 3650d\n");
	check_refusal("commit_interval: 2s\n", "1:18: error: must be from 0s to 1s\n");
	check_refusal("max_frame: 1KiB\n", "1:12: error: must be from 64KiB to 64MiB\n");
	check_refusal("log_level: loud\n", "1:12: error: unknown value 'loud' (one of: "
					   "error, warn, info, debug)\n");
	check_refusal("log_level: wran\n",
	    "1:12: error: unknown value 'wran' (did you mean 'warn'?)\n");
	check_refusal("\nmax_session: 3\n",
	    "2:1: error: unknown key 'max_session' (did you mean 'max_sessions'?)\n");
}

static void
refusals_of_lists(void **state)
{
	(void)state;
	check_refusal("packs: core-en\n", "1:8: error: expected a list (write [] for "
					  "none)\n");
	check_refusal("packs: ['']\n", "1:9: error: must not be empty\n");
	check_refusal("packs: [[a]]\n", "1:9: error: expected text, found a list\n");
	check_refusal("packs: [,]\n", "1:9: error: not valid YAML: did not find expected "
				      "node content\n");
	check_refusal("tenants: {name: a}\n",
	    "1:10: error: expected a list (write [] for none)\n");
	check_refusal("tenants: [{token_file: a}]\n", "1:11: error: missing key 'name'\n");
	check_refusal("tenants: [{name: a, token: b}]\n",
	    "1:21: error: unknown key 'token' (known keys: name, token_file)\n");
	check_refusal("tenants: [{name: A}]\n",
	    "1:18: error: a tenant's name has lower-case letters, digits, '.', '_', '-' "
	    "only: 'A'\n");
	check_refusal("tenants: [{name: a}, {name: a}]\n",
	    "1:29: error: this tenant is named twice: 'a'\n");
}

static void
refusals_of_paths(void **state)
{
	char text[1200], *at = text;

	(void)state;
	at += sprintf(at, "socket: /");
	memset(at, 'x', 107);
	strcpy(at + 107, "\n");
	check_refusal(text, "1:9: error: the path is too long for a socket (the system "
			    "allows 107 bytes)\n");
	strcpy(at + 106, "\n");
	assert_int_equal(read_as(text, &conf), LW_OK);
	memset(at, 'x', 600);
	strcpy(at + 600, "\n");
	check_refusal(text, "1:9: error: a path of more than 511 bytes\n");
	check_refusal("socket: ''\n", "1:9: error: must not be empty\n");
	check_refusal("state_dir: ''\n", "1:12: error: state_dir must not be empty\n");
	check_refusal("key_file: ''\n", "1:11: error: key_file must not be empty\n");
	check_refusal("state_dir: /s/\nkey_file: /s/key\n",
	    "2:11: error: key_file lies inside state_dir (keep key and data apart)\n");
	assert_int_equal(read_as("state_dir: /s\nkey_file: /sk/key\n", &conf), LW_OK);
	check_refusal("socket: /a\ncontrol: /a\n",
	    "2:10: error: socket and control are the same path\n");
	check_refusal("policy: \"a\\nb\"\n", "1:9: error: must be one line\n");
}

static void
check_round_trip(const struct lw_config *c)
{
	FILE *f = fopen(temp_path("a.yaml"), "w");

	assert_non_null(f);
	lw_config_write_sample(f, c);
	fclose(f);
	memset(&other, 0, sizeof(other));
	lw_diag_init(&diag);
	assert_int_equal(lw_config_read(&other, temp_path("a.yaml"), &diag), LW_OK);
	assert_memory_equal(&other, c, sizeof(other));
}

/* The defaults stand as comments; with the marks taken off they are still the defaults. */
static void
samples_read_back(void **state)
{
	char *text = NULL, *plain, *to;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	static struct lw_config c;

	(void)state;
	lw_config_default(&c);
	check_round_trip(&c);
	lw_config_write_sample(f, &c);
	fclose(f);
	plain = to = malloc(n + 1);
	assert_non_null(plain);
	for (const char *p = text; *p != '\0'; p++)
		if (!(*p == '#' && (p == text || p[-1] == '\n') && p[1] != ' '))
			*to++ = *p;
	*to = '\0';
	assert_non_null(strstr(plain, "\nmax_memory: 4GiB\n"));
	assert_int_equal(read_as(plain, &other), LW_OK);
	assert_memory_equal(&other, &c, sizeof(c));
	free(plain);
	free(text);
}

static void
changed_samples_read_back(void **state)
{
	static struct lw_config c;

	(void)state;
	lw_config_default(&c);
	memset(c.socket, 0, sizeof(c.socket));
	strcpy(c.socket, "/it's: a #path");
	memset(c.policy, 0, sizeof(c.policy));
	strcpy(c.policy, "/p");
	strcpy(c.packs[0], "/a");
	strcpy(c.packs[1], "/b c");
	c.npacks = 2;
	strcpy(c.tenants[0].name, "a");
	strcpy(c.tenants[1].name, "b");
	strcpy(c.tenants[1].token_file, "/t");
	c.ntenants = 2;
	c.workers = 7;
	c.max_memory = (UINT64_C(1) << 32) + 1;
	c.idle_ms = 60001;
	c.commit_ms = 0;
	c.log_level = LW_LOG_ERROR;
	check_round_trip(&c);
}

static void
differences(void **state)
{
	const char *keys[32];

	(void)state;
	lw_config_default(&conf);
	lw_config_default(&other);
	assert_int_equal(lw_config_diff(&conf, &other, true, keys, 32), 0);
	assert_int_equal(lw_config_diff(&conf, &other, false, keys, 32), 0);
	other.workers = 2;
	other.window = 7;
	strcpy(other.packs[0], "/p");
	other.npacks = 1;
	assert_int_equal(lw_config_diff(&conf, &other, true, keys, 32), 1);
	assert_string_equal(keys[0], "packs");
	assert_int_equal(lw_config_diff(&conf, &other, false, keys, 32), 2);
	assert_string_equal(keys[0], "workers");
	assert_string_equal(keys[1], "window");
	assert_int_equal(lw_config_diff(&conf, &other, false, keys, 1), 1);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, make_temp_dir, drop_temp_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEMP(defaults),
	    TEMP(reads_what_is_written),
	    TEMP(refusals_of_values),
	    TEMP(refusals_of_lists),
	    TEMP(refusals_of_paths),
	    TEMP(samples_read_back),
	    TEMP(changed_samples_read_back),
	    cmocka_unit_test(differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
