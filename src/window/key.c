/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of windows, conversations and people: names in, keyed hashes out. */
#include "window/key.h"

#include <string.h>

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

struct lw_id128
lw_key_pair(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str from,
    struct lw_str to)
{
	bool swap = compare(from, to) > 0;
	struct lw_str parts[4] = {
	    LW_STR("p"), tenant, swap ? to : from, swap ? from : to};
	struct lw_id128 id = not_zero(lw_hash128_parts(k, parts, 4));

	id.lo = (id.lo & ~UINT64_C(1)) | (swap ? 1 : 0);
	return id;
}

struct lw_id128
lw_key_sender(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str conv,
    struct lw_str from)
{
	struct lw_str parts[4] = {LW_STR("s"), tenant, conv, from};

	return not_zero(lw_hash128_parts(k, parts, 4));
}

struct lw_id128
lw_key_conv(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str conv)
{
	struct lw_str parts[3] = {LW_STR("c"), tenant, conv};

	return not_zero(lw_hash128_parts(k, parts, 3));
}

struct lw_id128
lw_key_user(const struct lw_hash_key *k, struct lw_str tenant, struct lw_str user)
{
	struct lw_str parts[3] = {LW_STR("u"), tenant, user};

	return not_zero(lw_hash128_parts(k, parts, 3));
}
