/* SPDX-License-Identifier: Apache-2.0 */
/* The bell: an eventfd behind a flag. Rings in, wake-ups out; owns the descriptor. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/err.h"
#include "daemon/bell.h"

int
lw_bell_init(struct lw_bell *b)
{
	atomic_init(&b->armed, 0);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return b->fd < 0 ? lw_err_from_errno(errno) : 0;
}

void
lw_bell_clear(struct lw_bell *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

void
lw_bell_ring(struct lw_bell *b)
{
	uint64_t one = 1;
	ssize_t w;

	/* orders what the ringer did before this against the waiter's last look */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&b->armed) == 0 || atomic_exchange(&b->armed, 0) == 0)
		return;
	do
		w = write(b->fd, &one, sizeof(one));
	while (w < 0 && errno == EINTR);
}

void
lw_bell_arm(struct lw_bell *b)
{
	atomic_store(&b->armed, 1);
	atomic_thread_fence(memory_order_seq_cst);
}

void
lw_bell_quiet(struct lw_bell *b)
{
	uint64_t n;

	if (atomic_exchange(&b->armed, 0) != 0)
		return; /* nobody rang since it was armed */
	while (read(b->fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

void
lw_bell_wait(struct lw_bell *b, int timeout_ms)
{
	struct pollfd p = {.fd = b->fd, .events = POLLIN};

	poll(&p, 1, timeout_ms);
	lw_bell_quiet(b);
}
