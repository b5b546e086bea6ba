/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML reader and the typed fields, on any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include "conf/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every node asked for as every type: only the answer may differ. */
static size_t
walk(const struct lw_yaml_doc *doc, const struct lw_yaml *node, struct lw_diag *diag)
{
	size_t nodes = 1;

	for (int want = LW_WANT_TEXT; want <= LW_WANT_MAP; want++) {
		union {
			struct lw_str text;
			int64_t i;
			uint64_t u;
			double d;
			bool b;
		} v;

		lw_yaml_scalar(doc, node, (enum lw_yaml_want)want, -10, 1e6, &v, diag);
	}
	for (const struct lw_yaml *n = node->child; n != NULL; n = n->next)
		nodes += walk(doc, n, diag);
	return nodes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fields {
		struct lw_str text;
		uint64_t pause;
		struct lw_yaml *any;
	} into = {{NULL, 0}, 0, NULL};
	static const struct lw_yaml_field fields[] = {
	    {"id", LW_WANT_TEXT, true, offsetof(struct fields, text), 0, 0},
	    {"span", LW_WANT_DURATION, false, offsetof(struct fields, pause), 0, 1e9},
	    {"match", LW_WANT_NODE, false, offsetof(struct fields, any), 0, 0},
	};
	struct lw_yaml_doc doc;
	struct lw_diag diag;
	int err;

	lw_diag_init(&diag);
	err = lw_yaml_parse(&doc, "fuzz", (struct lw_str){(const char *)data, n}, &diag);
	/* A refusal says why, and an accepted file has nothing to say. */
	if ((err == 0) != (diag.errors == 0))
		abort();
	if (err == 0 && doc.root != NULL) {
		lw_yaml_fields(&doc, doc.root, fields, 3, &into, &diag);
		walk(&doc, doc.root, &diag);
	}
	lw_yaml_clear(&doc);
	lw_diag_clear(&diag);
	return 0;
}
