/* SPDX-License-Identifier: Apache-2.0 */
/* A shard to bytes and back: exact, so that what is loaded gives the same flags and evicts
 * the same windows as what was saved. Bytes that are not a saved shard are refused. */
#include "base/err.h"
#include "engine/shard.h"

#define SHARD_MAGIC 0x3153574cu /* "LWS1": the digit is the version */

int
lw_shard_save(const struct lw_shard *s, struct lw_buf *out)
{
	lw_enc_u32(out, SHARD_MAGIC);
	lw_enc_u32(out, s->index);
	lw_windows_save(&s->windows, out);
	lw_convs_save(&s->convs, out);
	lw_facts_save(&s->users, out);
	lw_facts_save(&s->pairs, out);
	lw_facts_save(&s->foreign, out);
	return out->err;
}

static void
clear(struct lw_shard *s)
{
	lw_windows_clear(&s->windows);
	lw_convs_clear(&s->convs);
	lw_facts_clear(&s->users);
	lw_facts_clear(&s->pairs);
	lw_facts_clear(&s->foreign);
	lw_shard_account(s);
}

int
lw_shard_load(struct lw_shard *s, struct lw_str saved)
{
	struct lw_dec d;
	int rc = LW_EINVAL;

	clear(s);
	lw_dec_init(&d, saved);
	if (lw_dec_u32(&d) != SHARD_MAGIC || lw_dec_u32(&d) != s->index || d.bad)
		return rc;
	if ((rc = lw_windows_load(&s->windows, &d)) == 0 &&
	    (rc = lw_convs_load(&s->convs, &d)) == 0 &&
	    (rc = lw_facts_load(&s->users, &d)) == 0 &&
	    (rc = lw_facts_load(&s->pairs, &d)) == 0 &&
	    (rc = lw_facts_load(&s->foreign, &d)) == 0 && d.n != 0)
		rc = LW_EINVAL;
	if (rc != 0)
		clear(s);
	lw_shard_account(s);
	return rc;
}
