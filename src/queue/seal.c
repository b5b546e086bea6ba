/* SPDX-License-Identifier: Apache-2.0 */
/* Seals: text at rest. Clear bytes and a context in, nonce and box out, and back. The key
 * comes from the operator's key file, which lives outside the state folder; the caller
 * owns a seal and wipes it. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "queue/queue.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEX_DIGITS 64

static int
read_key(int fd, uint8_t key[32])
{
	char hex[HEX_DIGITS + 2];
	size_t got = 0, nkey;
	ssize_t r;
	int err = 0;

	while (got < sizeof(hex)) {
		r = read(fd, hex + got, sizeof(hex) - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) {
			if (r < 0)
				err = lw_err_from_errno(errno);
			break;
		}
		got += (size_t)r;
	}
	if (err == 0 && got == HEX_DIGITS + 1 && hex[HEX_DIGITS] == '\n')
		got--;
	if (err == 0 &&
	    (got != HEX_DIGITS ||
		sodium_hex2bin(key, 32, hex, HEX_DIGITS, NULL, &nkey, NULL) != 0 ||
		nkey != 32))
		err = LW_EINVAL;
	sodium_memzero(hex, sizeof(hex));
	return err;
}

int
lw_seal_open_file(struct lw_seal *s, const char *path)
{
	struct stat st;
	int fd, err = 0;

	if (sodium_init() < 0)
		return LW_ELIB;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == EACCES ? LW_EREFUSED : lw_err_from_errno(errno);
	if (fstat(fd, &st) != 0)
		err = lw_err_from_errno(errno);
	else if (!S_ISREG(st.st_mode))
		err = LW_EINVAL;
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		err = LW_EREFUSED;
	else
		err = read_key(fd, s->key);
	close(fd);
	if (err != 0)
		lw_seal_clear(s);
	return err;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t w;

	while (n > 0) {
		w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return lw_err_from_errno(errno);
		p += w;
		n -= (size_t)w;
	}
	return fsync(fd) == 0 ? 0 : lw_err_from_errno(errno);
}

int
lw_seal_new_file(const char *path)
{
	uint8_t key[32];
	char hex[HEX_DIGITS + 1];
	int fd, err;

	if (sodium_init() < 0)
		return LW_ELIB;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return errno == EEXIST ? LW_EEXIST : lw_err_from_errno(errno);
	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	hex[HEX_DIGITS] = '\n';
	err = write_all(fd, hex, sizeof(hex));
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	if (close(fd) != 0 && err == 0)
		err = lw_err_from_errno(errno);
	if (err != 0)
		unlink(path);
	return err;
}

void
lw_seal_clear(struct lw_seal *s)
{
	lw_wipe(s->key, sizeof(s->key));
}

int
lw_seal_put(const struct lw_seal *s, struct lw_str context, struct lw_str clear,
    struct lw_buf *out)
{
	uint8_t *p;

	if (sodium_init() < 0)
		return LW_ELIB;
	p = lw_buf_reserve(out, NONCE + clear.n + MAC);
	if (p == NULL)
		return out->err;
	randombytes_buf(p, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(p + NONCE, NULL,
	    (const uint8_t *)clear.p, clear.n, (const uint8_t *)context.p, context.n,
	    NULL, p, s->key);
	lw_buf_commit(out, NONCE + clear.n + MAC);
	return 0;
}

int
lw_seal_take(const struct lw_seal *s, struct lw_str context, struct lw_str box,
    struct lw_buf *out)
{
	const uint8_t *b = (const uint8_t *)box.p;
	uint8_t *p;
	size_t n;

	if (sodium_init() < 0)
		return LW_ELIB;
	if (box.n < NONCE + MAC)
		return LW_ECRYPT;
	n = box.n - NONCE - MAC;
	p = lw_buf_reserve(out, n > 0 ? n : 1);
	if (p == NULL)
		return out->err;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(p, NULL, NULL, b + NONCE,
		box.n - NONCE, (const uint8_t *)context.p, context.n, b, s->key) != 0)
		return LW_ECRYPT;
	lw_buf_commit(out, n);
	return 0;
}
