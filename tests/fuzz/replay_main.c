/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libFuzzer in a plain `make check`: feeds every file of a target's corpus,
 * and the empty input, to its entry point once. In: the corpus folder, by argument or from
 * the program's name (fuzz_x reads $srcdir/tests/fuzz/corpus/x). Out: a count; fails when
 * there is nothing to replay. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Exactly as long as the input, so that a sanitizer sees the first byte too many. */
static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	size_t n;
	int failed = 1;

	if (f == NULL || fstat(fileno(f), &st) != 0)
		goto out;
	n = (size_t)st.st_size;
	data = malloc(n > 0 ? n : 1);
	if (data == NULL || fread(data, 1, n, f) != n)
		goto out;
	LLVMFuzzerTestOneInput(data, n);
	failed = 0;
out:
	if (failed)
		perror(path);
	free(data);
	if (f != NULL)
		fclose(f);
	return failed;
}

static int
replay_dir(const char *dir)
{
	struct dirent **names;
	char path[PATH_BYTES];
	int n = scandir(dir, &names, NULL, alphasort), done = 0, failed = 0;

	if (n < 0) {
		perror(dir);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
			failed |= replay_file(path);
			done++;
		}
		free(names[i]);
	}
	free(names);
	printf("%s: %d inputs\n", dir, done);
	if (done == 0)
		fprintf(stderr, "%s: no inputs\n", dir);
	return failed || done == 0;
}

static int
replay_own(const char *program)
{
	const char *srcdir = getenv("srcdir"), *name = strrchr(program, '/');
	char dir[PATH_BYTES];

	name = name != NULL ? name + 1 : program;
	if (strncmp(name, "lt-", 3) == 0) /* libtool's name for a program not installed */
		name += 3;
	if (strncmp(name, "fuzz_", 5) != 0) {
		fprintf(stderr, "usage: %s CORPUS\n", program);
		return 2;
	}
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name + 5);
	return replay_dir(dir);
}

int
main(int argc, char **argv)
{
	static const uint8_t nothing[1];
	int failed = 0;

	LLVMFuzzerTestOneInput(nothing, 0);
	if (argc < 2)
		return replay_own(argv[0]);
	for (int i = 1; i < argc; i++)
		failed |= replay_dir(argv[i]);
	return failed;
}
