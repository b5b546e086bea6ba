/* SPDX-License-Identifier: Apache-2.0 */
/* The words for error codes. In: a code or an errno. Out: static text or a code. */
#include <errno.h>
#include "base/err.h"

const char *
lw_strerror(int err)
{
	switch ((enum lw_err)err) {
	case LW_OK:
		return "no error";
	case LW_ENOMEM:
		return "out of memory";
	case LW_EINVAL:
		return "invalid input";
	case LW_ELIMIT:
		return "a limit was reached";
	case LW_EIO:
		return "input or output failed";
	case LW_ENOSPC:
		return "no space left on the disk";
	case LW_ENOENT:
		return "not found";
	case LW_EEXIST:
		return "it exists already";
	case LW_ETRUNC:
		return "the input ended too early";
	case LW_EAGAIN:
		return "not ready, try again";
	case LW_ECLOSED:
		return "the connection was closed";
	case LW_EPROTO:
		return "the peer broke the protocol";
	case LW_EREFUSED:
		return "not allowed";
	case LW_ECRYPT:
		return "wrong key, or the data was changed";
	case LW_EBUSY:
		return "in use by somebody else";
	case LW_ETIMEOUT:
		return "timed out";
	case LW_ELIB:
		return "a library failed";
	}
	return "unknown error";
}

int
lw_err_from_errno(int errnum)
{
	switch (errnum) {
	case 0:
		return LW_OK;
	case ENOMEM:
		return LW_ENOMEM;
	case EINVAL:
	case ENAMETOOLONG:
		return LW_EINVAL;
	case EMFILE:
	case ENFILE:
	case EFBIG:
		return LW_ELIMIT;
	case ENOSPC:
	case EDQUOT:
		return LW_ENOSPC;
	case ENOENT:
	case ENOTDIR:
		return LW_ENOENT;
	case EEXIST:
	case ENOTEMPTY:
		return LW_EEXIST;
	case EAGAIN:
	case EINTR:
	case EINPROGRESS:
		return LW_EAGAIN;
	case EPIPE:
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
		return LW_ECLOSED;
	case EACCES:
	case EPERM:
	case EROFS:
	case ECONNREFUSED:
		return LW_EREFUSED;
	case EBUSY:
	case EADDRINUSE:
	case ETXTBSY:
		return LW_EBUSY;
	case ETIMEDOUT:
		return LW_ETIMEOUT;
	default:
		return LW_EIO;
	}
}
