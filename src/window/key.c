/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of windows, conversations and people: names in, keyed hashes out. */
#include "window/key.h"

#include <string.h>

#define SHORT_MAX 124 /* bytes of three names together; a length fits a char */

static size_t
append(char *buf, size_t at, struct lw_str s)
{
	if (s.n > 0)
		memcpy(buf + at, s.p, s.n);
	return at + s.n;
}

static int
compare(struct lw_str a, struct lw_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Zero marks a free slot in tables; no key may be that. */
static struct lw_id128
not_zero(struct lw_id128 k)
{
	k.lo |= 2;
	return k;
}

/* Most names are short: lengths in front, then all bytes, hashed at one go. */
static struct lw_id128
hash(const struct lw_hash_key *k, char tag, struct lw_str a, struct lw_str b,
    struct lw_str c)
{
	char buf[SHORT_MAX + 4];
	size_t n = 4;

	if (a.n + b.n + c.n > SHORT_MAX) {
		struct lw_str parts[4] = {{&tag, 1}, a, b, c};

		return not_zero(lw_hash128_parts(k, parts, 4));
	}
	buf[0] = tag;
	buf[1] = (char)a.n;
	buf[2] = (char)b.n;
	buf[3] = (char)c.n;
	n = append(buf, n, a);
	n = append(buf, n, b);
	n = append(buf, n, c);
	return not_zero(lw_hash128(k, buf, n));
}

struct lw_id128
lw_key_pair(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str from,
    struct lw_str to)
{
	bool swap = compare(from, to) > 0;
	struct lw_id128 id = hash(k, 'p', tenant, swap ? to : from, swap ? from : to);

	id.lo = (id.lo & ~UINT64_C(1)) | (swap ? 1 : 0);
	return id;
}

struct lw_id128
lw_key_sender(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str conv,
    struct lw_str from)
{
	return hash(k, 's', tenant, conv, from);
}

struct lw_id128
lw_key_conv(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str conv)
{
	return hash(k, 'c', tenant, conv, (struct lw_str){NULL, 0});
}

struct lw_id128
lw_key_window(const struct lw_hash_key *k, const struct lw_event *ev)
{
	if (lw_has_target(ev))
		return lw_key_pair(k, ev->tenant, ev->from, ev->to);
	return lw_key_sender(k, ev->tenant, ev->conv, ev->from);
}

struct lw_id128
lw_key_user(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str user)
{
	return hash(k, 'u', tenant, user, (struct lw_str){NULL, 0});
}
