/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to a running daemon, with complaints on stderr. */
#ifndef LW_CLI_CONTROL_H
#define LW_CLI_CONTROL_H

#include "cli/cli.h"
#include "conf/config.h"
#include "conf/yaml.h"
#include "gate/gate.h"

/* Appends the reply's JSON to body; returns an exit code. */
int lw_cli_call(const struct lw_config *conf, struct lw_str verb, struct lw_str arg,
    struct lw_buf *body);
/* As it is, or as `key: value` lines. */
int lw_cli_print_reply(struct lw_buf *body, bool json);

#endif
