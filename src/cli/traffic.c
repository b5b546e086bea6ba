/* SPDX-License-Identifier: Apache-2.0 */
/* Makes or reads traffic. The generator's figures follow four English chat corpora of 222,000
 * messages: 9 words at the median, 12 words and 63 bytes on average, the 100 most frequent
 * words half of all, 1,000 four fifths, one word in forty never seen before. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "cli/setup.h"
#include "cli/strset.h"
#include "cli/traffic.h"

#define VOCABULARY 60000
#define ZIPF_EXPONENT 1.15
#define ZIPF_SHIFT 2.5
#define NEW_WORDS 40   /* one word in so many was never there before */
#define NON_ASCII 33   /* one message in so many */
#define OBFUSCATED 200 /* one message in so many */
#define MESSAGE_BYTES 700
#define ARENA_BYTES ((size_t)16 << 30)

static const char *const common[] = {"i", "the", "to", "you", "a", "and", "it", "is",
    "that", "of", "in", "my", "do", "have", "for", "what", "me", "but", "on", "are",
    "not", "so", "be", "just", "like", "can", "was", "your", "with", "or", "no", "they",
    "if", "at", "know", "get", "go", "we", "about", "one", "yes", "how", "all", "there",
    "this", "up", "out", "when", "think", "as", "from", "would", "good", "time", "am",
    "some", "see", "more", "he", "she", "love", "want", "did", "has", "an", "been", "u",
    "lol", "really", "them", "by", "because", "now", "then", "could", "people", "make",
    "too", "don't", "i'm", "it's", "that's", "ok", "yeah", "oh", "well", "need", "work",
    "here", "where", "who", "any", "got", "will", "had", "much", "her", "him", "very",
    "right", "use", "say", "why", "into", "only", "new", "day", "way", "also", "try",
    "which", "play", "other", "sure", "back", "than", "something", "going", "over",
    "even", "live", "were", "does", "great", "never", "take", "first", "off", "thanks",
    "should", "hi", "hello", "still", "long", "old", "look", "our", "big", "these",
    "game", "school", "home", "friend", "friends", "music", "dog", "year", "years",
    "watch", "help", "tell", "talk", "show", "night", "today", "tomorrow", "phone",
    "name", "nice", "fun", "cool", "little", "mom", "family", "job", "food", "movie",
    "favorite", "read", "book", "eat", "find", "place", "come", "free", "call", "meet",
    "send", "picture", "server", "install", "file", "ubuntu", "windows", "problem",
    "error", "anyone", "maybe", "love", "girl", "boy", "guy", "man", "woman", "wife",
    "husband", "kids", "parents", "dad", "sister", "brother", "teacher", "class",
    "college", "student", "age", "twenty", "birthday", "house", "room", "car", "drive",
    "city", "live", "lives", "from", "state", "number", "email", "address", "pic",
    "photo", "video", "camera", "computer", "laptop", "screen", "internet", "online",
    "chat", "message", "text", "reply", "send", "sent", "add", "secret", "trust",
    "promise", "alone", "together", "tonight", "weekend", "morning", "later", "soon",
    "minute", "hour", "week", "month", "money", "buy", "pay", "gift", "card", "give",
    "gave", "team", "win", "lost", "level", "guild", "season", "score", "football",
    "song", "band", "guitar", "dance", "party", "beach", "travel", "trip", "hotel",
    "restaurant", "dinner", "pizza", "coffee", "beer", "water", "dogs", "cat", "cats",
    "red", "blue", "black", "beautiful", "pretty", "cute", "sweet", "funny", "crazy",
    "stupid", "sorry", "please", "thank", "welcome", "happy", "sad", "tired", "bored",
    "hungry", "sick", "hate", "feel", "felt", "understand", "remember", "forget",
    "believe", "hope", "wish", "guess", "heard", "seen", "saw", "told", "asked", "said",
    "talking", "doing", "going", "looking", "trying", "working", "playing", "watching",
    "listen", "wear", "wearing", "shirt", "hair", "eyes", "tall", "short", "young"};
#define NCOMMON (sizeof(common) / sizeof(common[0]))

static const char *const foreign[] = {"ça", "très", "mañana", "schön", "naïve", "привет",
    "спасибо", "今天", "ありがとう", "안녕", "مرحبا", "नमस्ते", "😀", "🎉", "café", "ção"};

struct gen {
	double *cum; /* cumulative Zipf weights */
	char (*word)[16];
	uint64_t state;
};

static double
uniform(struct gen *g)
{
	return (double)(lw_random(&g->state) >> 11) / 9007199254740992.0;
}

static void
make_word(uint64_t *state, char *out)
{
	static const char on[] = "bcdfghklmnprstvwy", vowel[] = "aeiou";
	int syllables = 2 + (int)(lw_random(state) % 2), n = 0;

	for (int i = 0; i < syllables; i++) {
		out[n++] = on[lw_random(state) % (sizeof(on) - 1)];
		out[n++] = vowel[lw_random(state) % 5];
		if (lw_random(state) % 2 == 0)
			out[n++] = on[lw_random(state) % (sizeof(on) - 1)];
	}
	out[n] = '\0';
}

static int
gen_init(struct gen *g, uint64_t seed)
{
	double sum = 0;

	g->state = seed;
	g->cum = calloc(VOCABULARY, sizeof(*g->cum));
	g->word = calloc(VOCABULARY, sizeof(*g->word));
	if (g->cum == NULL || g->word == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < VOCABULARY; i++) {
		sum += pow((double)i + ZIPF_SHIFT, -ZIPF_EXPONENT);
		g->cum[i] = sum;
		if (i < NCOMMON)
			snprintf(g->word[i], sizeof(g->word[i]), "%s", common[i]);
		else
			make_word(&g->state, g->word[i]);
	}
	return LW_OK;
}

static const char *
pick_word(struct gen *g)
{
	double x = uniform(g) * g->cum[VOCABULARY - 1];
	size_t lo = 0, hi = VOCABULARY - 1;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->cum[mid] < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return g->word[lo];
}

/* Log-normal: median 9 words, mean 12, one message in ten over 23. */
static int
pick_length(struct gen *g)
{
	double u = 1.0 - uniform(g), v = uniform(g);
	double normal = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
	int n = (int)lround(exp(2.2 + 0.75 * normal));

	return n < 1 ? 1 : n > 60 ? 60 : n;
}

/* Leet, repeats or dots in one word: what de-obfuscation is for. */
static int
obfuscate(struct gen *g, const char *w, char *out)
{
	static const char from[] = "aeiost", to[] = "431057";
	int n = 0, way = (int)(lw_random(&g->state) % 3);

	for (; *w != '\0'; w++) {
		const char *at = strchr(from, *w);

		out[n++] = way == 0 && at != NULL ? to[at - from] : *w;
		if (way == 1 && at != NULL)
			n += sprintf(out + n, "%c%c", *w, *w);
		if (way == 2 && w[1] != '\0')
			out[n++] = '.';
	}
	return n;
}

static size_t
make_message(struct gen *g, struct lw_traffic *t, char *out)
{
	int words = pick_length(g), n = 0;
	bool odd = lw_random(&g->state) % NON_ASCII == 0;
	bool hidden = lw_random(&g->state) % OBFUSCATED == 0;
	char fresh[16];

	for (int i = 0; i < words; i++) {
		const char *w = pick_word(g);

		if (i > 0)
			out[n++] = ' ';
		if (lw_random(&g->state) % NEW_WORDS == 0) {
			make_word(&g->state, fresh);
			w = fresh;
		}
		if (odd && i == words / 2)
			w = foreign[lw_random(&g->state) %
				    (sizeof(foreign) / sizeof(*foreign))];
		if (hidden && i == words / 2)
			n += obfuscate(g, w, out + n);
		else
			n += sprintf(out + n, "%s", w);
		if (i == 0 && out[0] >= 'a' && out[0] <= 'z' &&
		    lw_random(&g->state) % 3 == 0)
			out[0] = (char)(out[0] - 32);
		if (lw_random(&g->state) % 9 == 0)
			out[n++] = ".,?!"[lw_random(&g->state) % 4];
	}
	t->words += (uint64_t)words;
	t->non_ascii += odd;
	t->obfuscated += hidden;
	return (size_t)n;
}

static struct lw_str
label(struct lw_traffic *t, const char *what, uint64_t n)
{
	char s[40];
	int len = snprintf(s, sizeof(s), "%s%llu", what, (unsigned long long)n);

	return lw_arena_str(&t->arena, (struct lw_str){s, (size_t)len});
}

static bool
make_event(struct gen *g, struct lw_traffic *t, size_t conversations, struct lw_event *ev)
{
	uint64_t c = lw_random(&g->state) % conversations,
		 side = lw_random(&g->state) & 1;
	char text[MESSAGE_BYTES * 2];
	size_t n = make_message(g, t, text);

	ev->kind = LW_EV_MESSAGE;
	ev->channel = LW_CH_DIRECT;
	ev->seq = t->n + 1;
	ev->ts_ms = 1700000000000u + t->n * 5;
	ev->tenant = LW_STR("default");
	ev->conv = label(t, "c", c);
	ev->from = label(t, "u", c * 2 + side);
	ev->to = label(t, "u", c * 2 + 1 - side);
	ev->id = label(t, "m", t->n);
	ev->text = lw_arena_str(&t->arena, (struct lw_str){text, n});
	t->bytes += n;
	return ev->conv.p != NULL && ev->from.p != NULL && ev->to.p != NULL &&
	       ev->id.p != NULL && ev->text.p != NULL;
}

int
lw_traffic_generate(struct lw_traffic *t, size_t n, size_t conversations, uint64_t seed)
{
	struct gen g = {0};
	int err = gen_init(&g, seed);

	memset(t, 0, sizeof(*t));
	lw_arena_init(&t->arena, ARENA_BYTES);
	t->source = "generated";
	t->seed = seed;
	t->conversations = conversations;
	t->ev = calloc(n, sizeof(*t->ev));
	if (t->ev == NULL)
		err = LW_ENOMEM;
	for (; err == 0 && t->n < n; t->n++)
		if (!make_event(&g, t, conversations, &t->ev[t->n]))
			err = LW_ENOMEM;
	free(g.cum);
	free(g.word);
	return err;
}

static int
append(struct lw_traffic *t, const struct lw_event *ev)
{
	if (t->n == LW_TRAFFIC_MAX)
		return LW_ELIMIT;
	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 65536 : t->cap * 2;
		struct lw_event *bigger = realloc(t->ev, cap * sizeof(*bigger));

		if (bigger == NULL)
			return LW_ENOMEM;
		t->ev = bigger;
		t->cap = cap;
	}
	t->ev[t->n++] = *ev;
	return LW_OK;
}

static void
measure(struct lw_traffic *t, const struct lw_event *ev, struct lw_strset *convs)
{
	bool odd = false, in_word = false;

	for (size_t i = 0; i < ev->text.n; i++) {
		unsigned char c = (unsigned char)ev->text.p[i];

		odd |= c >= 0x80;
		t->words += c != ' ' && !in_word;
		in_word = c != ' ';
	}
	t->bytes += ev->text.n;
	t->non_ascii += odd;
	lw_strset_add(convs, ev->conv);
}

int
lw_traffic_read(struct lw_traffic *t, const struct lw_opt_list *files)
{
	struct lw_source src;
	struct lw_strset convs = {0};
	struct lw_event ev;
	int code, err = LW_OK;

	memset(t, 0, sizeof(*t));
	lw_arena_init(&t->arena, ARENA_BYTES);
	t->source = "files";
	lw_source_open(&src, files->item, files->n);
	while (err == 0 && lw_source_next(&src, &t->arena, &ev) == 1) {
		if (ev.kind != LW_EV_MESSAGE)
			continue;
		measure(t, &ev, &convs);
		err = append(t, &ev);
	}
	t->conversations = convs.n;
	lw_strset_clear(&convs);
	code = err != 0 ? lw_cli_fail(err, "reading traffic") : lw_source_code(&src);
	lw_source_close(&src);
	if (code == LW_EXIT_OK && t->n == 0)
		code = lw_cli_fail(LW_EINVAL, "the traffic has no message");
	return code;
}

void
lw_traffic_clear(struct lw_traffic *t)
{
	free(t->ev);
	lw_arena_clear(&t->arena);
	memset(t, 0, sizeof(*t));
}

void
lw_traffic_json(const struct lw_traffic *t, struct lw_json *j)
{
	double n = t->n > 0 ? (double)t->n : 1;

	lw_json_key(j, "traffic");
	lw_json_object(j);
	lw_json_key(j, "source");
	lw_json_strz(j, t->source);
	lw_json_key(j, "messages");
	lw_json_uint(j, t->n);
	lw_json_key(j, "conversations");
	lw_json_uint(j, t->conversations);
	lw_json_key(j, "mean_bytes");
	lw_json_fixed(j, (double)t->bytes / n, 1);
	lw_json_key(j, "mean_words");
	lw_json_fixed(j, (double)t->words / n, 1);
	lw_json_key(j, "non_ascii_share");
	lw_json_fixed(j, (double)t->non_ascii / n, 4);
	if (strcmp(t->source, "generated") == 0) {
		lw_json_key(j, "obfuscated_share");
		lw_json_fixed(j, (double)t->obfuscated / n, 4);
		lw_json_key(j, "seed");
		lw_json_uint(j, t->seed);
	}
	lw_json_object_end(j);
}
