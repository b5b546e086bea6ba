/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes of the whole house: functions that can fail return 0 or one of these. */
#ifndef LW_BASE_ERR_H
#define LW_BASE_ERR_H

enum lw_err {
	LW_OK = 0,
	LW_ENOMEM = -1,	   /* out of memory */
	LW_EINVAL = -2,	   /* input breaks the rules of its format */
	LW_ELIMIT = -3,	   /* a hard cap would be passed */
	LW_EIO = -4,	   /* the operating system refused a read or write */
	LW_ENOSPC = -5,	   /* the disk is full */
	LW_ENOENT = -6,	   /* not found */
	LW_EEXIST = -7,	   /* it is there already */
	LW_ETRUNC = -8,	   /* input ended too early */
	LW_EAGAIN = -9,	   /* not now: the call would block */
	LW_ECLOSED = -10,  /* the peer went away */
	LW_EPROTO = -11,   /* the peer broke the protocol */
	LW_EREFUSED = -12, /* not allowed */
	LW_ECRYPT = -13,   /* a seal did not open, or a key is wrong */
	LW_EBUSY = -14,	   /* somebody else holds it */
	LW_ETIMEOUT = -15, /* a deadline passed */
	LW_ELIB = -16	   /* a library failed or is not fit for use */
};

/* English text of an error, never NULL; static storage. */
const char *lw_strerror(int err);
/* The lw_err of an errno value (LW_EIO where nothing fits better). */
int lw_err_from_errno(int errnum);

#endif
