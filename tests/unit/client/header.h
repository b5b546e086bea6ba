/* SPDX-License-Identifier: Apache-2.0 */
/* The quick start of lapwing/lapwing.h, compiled as C and as C++ against the library. */
#include <stdio.h>

static int
quick_start(void)
{
	struct lw_client_options o = lw_client_options_init();
	struct lw_client_event ev = lw_client_event_init();
	struct lw_client_verdict v;
	struct lw_client *c = NULL;
	int bad;

	o.socket = "/nonexistent/lapwing.sock";
	o.plugin = "mychat";
	o.instance = "chat-1";
	o.on_unavailable = LW_CLIENT_HOLD;
	if (lw_client_new(&c, &o) != 0)
		return 1;
	ev.conv = "room-7";
	ev.from = "account-1";
	ev.to = "account-2";
	ev.text = "hello";
	bad = lw_client_ask_wait(c, &ev, &v) != 0 || v.action != LW_CLIENT_HOLD ||
	      !v.unavailable || lw_client_fd(c) != -1;
	if (bad)
		fprintf(stderr, "%s: %s\n", v.reason, lw_client_last_error(c));
	lw_client_free(c);
	return bad;
}
