/* SPDX-License-Identifier: Apache-2.0 */
/* A hello in, admitted or not out: version, tenant, token. A token file is read when a
 * plugin says hello: tokens change without a restart, and none stays in memory. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "gate/session.h"

static bool
speaks_our_version(const struct lw_hello *h)
{
	uint32_t i;

	for (i = 0; i < h->nv; i++) {
		if (h->v[i] == LW_WIRE_VERSION)
			return true;
	}
	return false;
}

/* Equal or not, it takes the same time: what is compared is a keyed hash of each. */
static bool
is_same_secret(const struct lw_hash_key *k, struct lw_str a, struct lw_str b)
{
	struct lw_id128 x = lw_hash128(k, a.p != NULL ? a.p : "", a.n);
	struct lw_id128 y = lw_hash128(k, b.p != NULL ? b.p : "", b.n);

	return ((x.hi ^ y.hi) | (x.lo ^ y.lo)) == 0;
}

/* The file's first line, without the white space around its end. */
static int
read_token(const char *path, char *buf, size_t size, struct lw_str *token)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;
	size_t len = 0;

	if (fd < 0)
		return lw_err_from_errno(errno);
	n = read(fd, buf, size);
	close(fd);
	if (n < 0)
		return LW_EIO;
	while (len < (size_t)n && buf[len] != '\n' && buf[len] != '\r')
		len++;
	while (len > 0 && (buf[len - 1] == ' ' || buf[len - 1] == '\t'))
		len--;
	*token = (struct lw_str){buf, len};
	return len > 0 ? 0 : LW_EINVAL;
}

static bool
token_is_good(
    const struct lw_gate *g, const struct lw_config_tenant *t, struct lw_str given)
{
	char buf[LW_TOKEN_MAX];
	struct lw_str token = {NULL, 0};
	bool good = false;
	int err;

	if (t->token_file[0] == '\0')
		return true;
	if ((err = read_token(t->token_file, buf, sizeof buf, &token)) != 0)
		lw_error("token file of tenant %s: %s", t->name, lw_strerror(err));
	else
		good = is_same_secret(&g->key, token, given);
	lw_wipe(buf, sizeof buf);
	return good;
}

static const struct lw_config_tenant *
find_tenant(const struct lw_config *conf, struct lw_str name)
{
	uint32_t i;

	if (name.p == NULL)
		return conf->ntenants == 1 ? &conf->tenants[0] : NULL;
	for (i = 0; i < conf->ntenants; i++) {
		if (lw_str_is(name, conf->tenants[i].name))
			return &conf->tenants[i];
	}
	return NULL;
}

const char *
lw_session_admit(struct lw_session *s, const struct lw_hello *h, const char **text)
{
	const struct lw_config *conf = s->gate->conf;
	const struct lw_config_tenant *t;

	if (!speaks_our_version(h)) {
		*text = "this daemon speaks version 1";
		return "version";
	}
	/* One text for both: which tenants there are is nobody's business. */
	*text = "tenant or token is wrong";
	if (conf->ntenants == 0) {
		if (h->tenant.p != NULL && !lw_str_is(h->tenant, "default"))
			return "auth";
		s->tenant = LW_STR("default");
		return NULL;
	}
	t = find_tenant(conf, h->tenant);
	if (t == NULL || !token_is_good(s->gate, t, h->token))
		return "auth";
	s->tenant = lw_str(t->name);
	return NULL;
}
