/* SPDX-License-Identifier: Apache-2.0 */
/* From risk to what is done: bands, when a flag is raised, and the answer to an ask. A
 * score, the window's trace and the policy in; a judgement out. Pure; the trace is only
 * changed by lw_judge_commit and lw_judge_decide. */
#ifndef LW_VERDICT_JUDGE_H
#define LW_VERDICT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include "conf/policy.h"
#include "event/verdict.h"
#include "score/score.h"

/* Why a window is looked at. */
struct lw_trigger {
	uint32_t categories; /* that this message added to the window */
	bool report;	     /* somebody reported the sender */
};

struct lw_judgement {
	enum lw_band band; /* of the window: none where nothing qualifies */
	bool raise;
	enum lw_flag_kind kind; /* of the flag that is raised */
	enum lw_band flag_band;
};

void lw_judge(const struct lw_policy *p, const struct lw_trace *t,
    const struct lw_score *s, const struct lw_trigger *why, uint64_t now_ms,
    struct lw_judgement *out);
/* Remember the score, and the flag where one is raised. */
void lw_judge_commit(struct lw_trace *t, const struct lw_score *s,
    const struct lw_judgement *j, uint64_t now_ms);
/* A moderator decided; reason is the code. Unknown codes close the case and weigh
 * nothing. */
void lw_judge_decide(struct lw_trace *t, struct lw_str reason);
/* The answer to an ask. closed: the case was decided, so nothing is held. */
void lw_judge_answer(const struct lw_policy *p, enum lw_band band, bool closed,
    double risk, struct lw_verdict *out);

#endif
