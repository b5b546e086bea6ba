/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing.yaml. In: a path. Out: struct lw_config. The table below is the only place that
 * knows the keys; the sample file and docs/configuration.md are written from it. */
#include <stdlib.h>
#include "base/err.h"
#include "base/log.h"
#include "conf/config.h"
#include "conf/scalar.h"
#include "conf/table.h"

#define MS_S 1000.0
#define MS_M (60 * MS_S)
#define MS_H (60 * MS_M)
#define MS_D (24 * MS_H)
#define KIB 1024.0
#define MIB (1024 * KIB)
#define TIB (1024 * 1024 * MIB)

static const char *
level_name(int i)
{
	static const char *const names[] = {
	    [LW_LOG_ERROR] = "error",
	    [LW_LOG_WARN] = "warn",
	    [LW_LOG_INFO] = "info",
	    [LW_LOG_DEBUG] = "debug",
	};

	return names[i];
}

static int
expect_list(const struct lw_conf_reading *r, const struct lw_yaml *node, size_t max)
{
	if (node->type != LW_YAML_LIST) {
		lw_diag_error(r->diag, r->doc->file, node->line, node->col,
		    "write [] for none", "expected a list");
		return LW_EINVAL;
	}
	if (node->nchildren > max) {
		lw_diag_error(r->diag, r->doc->file, node->line, node->col, NULL,
		    "more than %zu entries", max);
		return LW_EINVAL;
	}
	return LW_OK;
}

static int
read_packs(const struct lw_conf_reading *r, const struct lw_yaml *node, void *into)
{
	struct lw_config *c = into;
	int err = expect_list(r, node, LW_CONF_PACKS);

	if (err != LW_OK)
		return err;
	c->npacks = 0;
	for (const struct lw_yaml *n = node->child; n != NULL; n = n->next) {
		char *to = c->packs[c->npacks];

		err = lw_conf_read_path(r, n, to);
		if (err != LW_OK)
			return err;
		if (to[0] == '\0') {
			lw_diag_error(r->diag, r->doc->file, n->line, n->col, NULL,
			    "must not be empty");
			return LW_EINVAL;
		}
		c->npacks++;
	}
	return LW_OK;
}

static void
put_packs(struct lw_buf *out, const void *from)
{
	const struct lw_config *c = from;

	if (c->npacks == 0)
		lw_buf_puts(out, " []");
	for (uint32_t i = 0; i < c->npacks; i++) {
		lw_buf_puts(out, "\n  - ");
		lw_conf_put_quoted(out, c->packs[i]);
	}
}

/* Lower-case letters, digits, dot, dash, underscore; and no other tenant's name. */
static int
check_tenant(const struct lw_conf_reading *r, const struct lw_yaml *node,
    const struct lw_config *c, const char *name)
{
	char quoted[LW_CONF_QUOTE_MAX];
	const char *what = NULL;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(name))
		what =
		    "a tenant's name has lower-case letters, digits, '.', '_', '-' only";
	for (uint32_t i = 0; i < c->ntenants; i++)
		if (strcmp(c->tenants[i].name, name) == 0)
			what = "this tenant is named twice";
	if (what == NULL)
		return LW_OK;
	lw_diag_error(r->diag, r->doc->file, node->line, node->col, NULL, "%s: %s",
	    what, lw_conf_quote(quoted, lw_str(name)));
	return LW_EINVAL;
}

static int
read_tenants(const struct lw_conf_reading *r, const struct lw_yaml *node, void *into)
{
	struct fields {
		struct lw_yaml *name, *token_file;
	};
	static const struct lw_yaml_field fields[] = {
	    {"name", LW_WANT_NODE, true, offsetof(struct fields, name), 0, 0},
	    {"token_file", LW_WANT_NODE, false, offsetof(struct fields, token_file), 0, 0},
	};
	struct lw_config *c = into;
	int err = expect_list(r, node, LW_CONF_TENANTS);

	if (err != LW_OK)
		return err;
	c->ntenants = 0;
	for (const struct lw_yaml *n = node->child; n != NULL; n = n->next) {
		struct lw_config_tenant *t = &c->tenants[c->ntenants];
		struct fields f = {NULL, NULL};

		memset(t, 0, sizeof(*t));
		err = lw_yaml_fields(r->doc, n, fields, 2, &f, r->diag);
		if (err == LW_OK)
			err = lw_conf_read_name(r, f.name, t->name);
		if (err == LW_OK)
			err = check_tenant(r, f.name, c, t->name);
		if (err == LW_OK && f.token_file != NULL)
			err = lw_conf_read_path(r, f.token_file, t->token_file);
		if (err != LW_OK)
			return err;
		c->ntenants++;
	}
	return LW_OK;
}

static void
put_tenants(struct lw_buf *out, const void *from)
{
	const struct lw_config *c = from;

	if (c->ntenants == 0)
		lw_buf_puts(out, " []");
	for (uint32_t i = 0; i < c->ntenants; i++) {
		lw_buf_puts(out, "\n  - name: ");
		lw_conf_put_quoted(out, c->tenants[i].name);
		if (c->tenants[i].token_file[0] == '\0')
			continue;
		lw_buf_puts(out, "\n    token_file: ");
		lw_conf_put_quoted(out, c->tenants[i].token_file);
	}
}

#define ROW(field, name, kind, live, min, max, def, help)                              \
	{                                                                              \
		"", name, kind, live, offsetof(struct lw_config, field), min, max,     \
		    def, help, NULL, NULL, NULL                                        \
	}

static const struct lw_conf_key keys[] = {
    ROW(socket, "socket", LW_KEY_SOCKET, false, 0, 0, "@run@/lapwing.sock",
	"Unix socket that chat and game servers attach to; created with mode 0660."),
    ROW(control, "control", LW_KEY_SOCKET, false, 0, 0, "@run@/control.sock",
	"Unix socket of the lapwing command; created with mode 0600."),
    ROW(state_dir, "state_dir", LW_KEY_PATH, false, 0, 0, "@state@",
	"Folder of the journal, the snapshots and the moderation queue. Message text in it "
	"is encrypted."),
    ROW(key_file, "key_file", LW_KEY_PATH, false, 0, 0, "@conf@/lapwing.key",
	"File with the 32-byte key, as 64 hex digits, that the state is encrypted with. It "
	"must lie outside state_dir: who copies the state must not get the key with it."),
    ROW(policy, "policy", LW_KEY_PATH, true, 0, 0, "",
	"Policy file: what a risk means here. Without it the default policy holds."),
    {"", "packs", LW_KEY_OWN, true, 0, 0, 0, "",
	"Folders of pattern packs, in order; the first that has a model.yaml brings the "
	"model. Without any the shipped packs are loaded.",
	NULL, read_packs, put_packs},
    {"", "tenants", LW_KEY_OWN, false, 0, 0, 0, "",
	"Who may attach: maps of name and token_file. Without token_file the socket's file "
	"mode is the only guard. Without any entry there is one tenant, default.",
	NULL, read_tenants, put_tenants},
    ROW(workers, "workers", LW_KEY_AUTO, false, 1, 256, "auto",
	"Threads that look at messages; auto is one a core. Flags do not depend on it."),
    ROW(max_windows, "max_windows", LW_KEY_COUNT64, false, 256, 1e9, "2000000",
	"Conversations between two people that are remembered at a time. Above it the least "
	"risky and longest idle are forgotten first."),
    ROW(max_memory, "max_memory", LW_KEY_SIZE, false, 16 * MIB, TIB, "4GiB",
	"Memory for them, whatever their number."),
    ROW(idle_ms, "idle", LW_KEY_DURATION, false, MS_M, 3650 * MS_D, "30d",
	"A conversation is forgotten when nothing was said in it for so long."),
    ROW(dedupe_events, "dedupe_events", LW_KEY_COUNT64, false, 1024, 1e9, "1000000",
	"Ids of past events that are kept, so that an event that is sent again counts once."),
    ROW(commit_ms, "commit_interval", LW_KEY_DURATION, false, 0, MS_S, "5ms",
	"Longest time that an event waits for its write to the disk, so that many share one."),
    ROW(snapshot_ms, "snapshot_interval", LW_KEY_DURATION, false, MS_S, MS_D, "10m",
	"Every part of the state is written whole once in this time; a start reads no more "
	"journal than that."),
    ROW(retention_ms, "retention", LW_KEY_DURATION, true, MS_H, 3650 * MS_D, "90d",
	"Evidence of dismissed cases is erased after this time."),
    ROW(max_sessions, "max_sessions", LW_KEY_COUNT32, false, 1, 65536, "64",
	"Servers attached at a time."),
    ROW(window, "window", LW_KEY_COUNT32, false, 1, 1e6, "16384",
	"Events that a server may have sent without an acknowledgement."),
    ROW(max_frame, "max_frame", LW_KEY_SIZE, false, 64 * KIB, 64 * MIB, "1MiB",
	"Largest frame that a server may send after its hello."),
    {"", "log_level", LW_KEY_CHOICE, true, offsetof(struct lw_config, log_level),
	LW_LOG_ERROR, LW_LOG_DEBUG, "info",
	"What is logged on stderr. The text of messages never is.", level_name, NULL,
	NULL},
};

static const struct lw_conf_table table = {
    .key = keys,
    .n = sizeof(keys) / sizeof(keys[0]),
    .size = sizeof(struct lw_config),
    .title =
	"Configuration of lapwingd. A line that begins with # is a comment: it shows "
	"a default. Relative paths start at this file's folder. Times need a unit (ms, "
	"s, m, h, d), sizes too (B, KiB, MiB, GiB).",
    .has_reload = true,
};

void
lw_config_default(struct lw_config *c)
{
	lw_conf_table_default(&table, c);
}

/* Is path the folder, or in it? By text: neither need exist yet. */
static bool
is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

#define FAIL_AT(diag, file, places, member, hint, ...)                                 \
	do {                                                                           \
		struct lw_conf_place at_ = lw_conf_table_place(                        \
		    &table, places, offsetof(struct lw_config, member));               \
		lw_diag_error(diag, file, at_.line, at_.col, hint, __VA_ARGS__);       \
	} while (0)

/* What no single key can know. */
static int
check_config(const struct lw_config *c, const char *file,
    const struct lw_conf_place *places, struct lw_diag *diag)
{
	size_t errors = diag->errors;

	if (c->state_dir[0] == '\0')
		FAIL_AT(
		    diag, file, places, state_dir, NULL, "state_dir must not be empty");
	if (c->key_file[0] == '\0')
		FAIL_AT(diag, file, places, key_file, NULL, "key_file must not be empty");
	else if (c->state_dir[0] != '\0' && is_inside(c->key_file, c->state_dir))
		FAIL_AT(diag, file, places, key_file, "keep key and data apart",
		    "key_file lies inside state_dir");
	if (strcmp(c->socket, c->control) == 0)
		FAIL_AT(diag, file, places, control, NULL,
		    "socket and control are the same path");
	return diag->errors > errors ? LW_EINVAL : LW_OK;
}

int
lw_config_read(struct lw_config *c, const char *path, struct lw_diag *diag)
{
	struct lw_config *fresh = malloc(sizeof(*fresh));
	struct lw_conf_place places[NKEYS] = {{0, 0}};
	int err;

	if (fresh == NULL)
		return LW_ENOMEM;
	lw_config_default(fresh);
	err = lw_conf_table_load(&table, path, fresh, places, diag);
	if (err == LW_OK)
		err = check_config(fresh, path, places, diag);
	if (err == LW_OK)
		*c = *fresh;
	free(fresh);
	return err;
}

size_t
lw_config_diff(const struct lw_config *a, const struct lw_config *b, bool is_live,
    const char **keys_out, size_t max)
{
	return lw_conf_table_diff(&table, a, b, is_live, keys_out, max);
}

void
lw_config_write_sample(FILE *to, const struct lw_config *c)
{
	lw_conf_table_sample(&table, c, to);
}

void
lw_config_write_reference(FILE *to)
{
	lw_conf_table_reference(&table, to);
}
