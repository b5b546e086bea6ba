/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing pack: what its verbs share. */
#ifndef LW_CLI_PACK_CMD_H
#define LW_CLI_PACK_CMD_H

#include "cli/cli.h"
#include "cli/setup.h"
#include "pack/source.h"

struct lw_pack_cmd {
	bool json, show_text, write;
	const char *policy;
	/* of `test`: counts over all packs */
	uint64_t examples, failed_examples, conversations, failed_conversations, todo,
	    todo_matched;
};

/* Each takes one pack's folder and returns an exit code. */
int lw_pack_check(struct lw_pack_cmd *c, const char *dir);
int lw_pack_fmt(struct lw_pack_cmd *c, const char *dir);
/* All packs given, together with the shipped ones: packs are all on. */
int lw_pack_test(struct lw_pack_cmd *c, const char *const *dirs, size_t n);
/* One pack's conversations through a fresh engine each. */
int lw_pack_test_conversations(struct lw_pack_cmd *c, const struct lw_setup *setup,
    const struct lw_pack_source *src);

#endif
