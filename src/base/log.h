/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines for operators on stderr. Never the text of a message, never a name a person
 * chose: ids, lengths, counts and rule ids only. At most 200 errors and 200 other lines a
 * second; how many were left out is told later. Safe from any thread. */
#ifndef LW_BASE_LOG_H
#define LW_BASE_LOG_H

enum lw_log_level { LW_LOG_ERROR, LW_LOG_WARN, LW_LOG_INFO, LW_LOG_DEBUG };

void lw_log_set_level(enum lw_log_level level); /* default LW_LOG_INFO */
void lw_log_set_name(const char *program);	/* lent; default "lapwing" */
void lw_log(enum lw_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define lw_error(...) lw_log(LW_LOG_ERROR, __VA_ARGS__)
#define lw_warn(...) lw_log(LW_LOG_WARN, __VA_ARGS__)
#define lw_info(...) lw_log(LW_LOG_INFO, __VA_ARGS__)
#define lw_debug(...) lw_log(LW_LOG_DEBUG, __VA_ARGS__)

#endif
