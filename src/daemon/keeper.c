/* SPDX-License-Identifier: Apache-2.0 */
/* The helper thread. Jobs in, in order; owns the thread and the list of jobs. Those who
 * post bound how many there are: a snapshot at a time, a reload at a time. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/err.h"
#include "daemon/keeper.h"

struct job {
	struct job *next;
	void (*run)(void *);
	void *arg;
};

struct lw_keeper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct job *first, **last;
	bool stop;
};

static void *
keeper_main(void *arg)
{
	struct lw_keeper *k = arg;
	struct job *j;

	for (;;) {
		pthread_mutex_lock(&k->lock);
		while (k->first == NULL && !k->stop)
			pthread_cond_wait(&k->some, &k->lock);
		j = k->first;
		if (j != NULL) {
			k->first = j->next;
			if (k->first == NULL)
				k->last = &k->first;
		}
		pthread_mutex_unlock(&k->lock);
		if (j == NULL)
			return NULL;
		j->run(j->arg);
		free(j);
	}
}

int
lw_keeper_new(struct lw_keeper **out)
{
	struct lw_keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return LW_ENOMEM;
	k->last = &k->first;
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->some, NULL);
	if (pthread_create(&k->thread, NULL, keeper_main, k) != 0) {
		pthread_cond_destroy(&k->some);
		pthread_mutex_destroy(&k->lock);
		free(k);
		return LW_ENOMEM;
	}
	*out = k;
	return 0;
}

void
lw_keeper_free(struct lw_keeper *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->stop = true;
	pthread_cond_signal(&k->some);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	pthread_cond_destroy(&k->some);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

int
lw_keeper_post(struct lw_keeper *k, void (*run)(void *), void *arg)
{
	struct job *j = malloc(sizeof(*j));

	if (j == NULL)
		return LW_ENOMEM;
	*j = (struct job){NULL, run, arg};
	pthread_mutex_lock(&k->lock);
	*k->last = j;
	k->last = &j->next;
	pthread_cond_signal(&k->some);
	pthread_mutex_unlock(&k->lock);
	return 0;
}
