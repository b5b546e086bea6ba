/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a word list. In: the bytes of lists/name.txt. Out: its entries with their lines;
 * empty lines and comments are dropped. */
#include <string.h>
#include "base/err.h"
#include "pack/source.h"
#include "text/fold.h"

static struct lw_str
trim(struct lw_str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s.p++, s.n--;
	while (s.n > 0 && strchr(" \t\r", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0')
		s.n--;
	return s;
}

int
lw_source_read_list(
    struct lw_source_reader *r, struct lw_source_list *list, struct lw_str text)
{
	size_t lines = 1, cap;
	unsigned line = 1;

	if (!lw_utf8_is_valid(text.p, text.n) || memchr(text.p, '\0', text.n) != NULL) {
		lw_diag_error(
		    r->diag, list->file, 0, 0, "save it as UTF-8", "not valid UTF-8");
		return r->err = LW_EINVAL;
	}
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	cap = lines < LW_LIST_ENTRIES_MAX ? lines : LW_LIST_ENTRIES_MAX;
	list->entry.item =
	    lw_arena_alloc(&r->pack->arena, cap * sizeof(*list->entry.item));
	if (list->entry.item == NULL)
		return r->err = LW_ENOMEM;
	for (size_t i = 0; i < text.n; line++) {
		const char *nl = memchr(text.p + i, '\n', text.n - i);
		size_t end = nl != NULL ? (size_t)(nl - text.p) : text.n;
		const char *hash = memchr(text.p + i, '#', end - i);
		struct lw_str s = trim((struct lw_str){
		    text.p + i, (hash != NULL ? (size_t)(hash - text.p) : end) - i});

		if (s.n > 0 && list->entry.n == cap) {
			lw_diag_error(r->diag, list->file, line, 1, NULL,
			    "more than %d entries", LW_LIST_ENTRIES_MAX);
			return r->err = LW_ELIMIT;
		}
		if (s.n > 0)
			list->entry.item[list->entry.n++] =
			    (struct lw_source_text){.text = s,
				.file = list->file,
				.line = line,
				.col = (unsigned)(s.p - text.p - i) + 1};
		i = end + 1;
	}
	if (list->entry.n == 0) {
		lw_diag_error(r->diag, list->file, 0, 0, NULL, "the list is empty");
		return r->err = LW_EINVAL;
	}
	return 0;
}
