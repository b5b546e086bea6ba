/* SPDX-License-Identifier: Apache-2.0 */
/* Two conversations that a person should look at, and three that only look alike. */
#include "cli/demo_data.h"

static const struct lw_demo_line secret[] = {
    {"rook", "pip", "gg, you play really well"},
    {"pip", "rook", "thx :)"},
    {"rook", "pip", "how old are you?"},
    {"pip", "rook", "im 12"},
    {"rook", "pip", "cool, so mature for your age"},
    {"rook", "pip", "do your parents check your phone?"},
    {"rook", "pip", "dont tell anyone about our chats ok"},
};
static const struct lw_demo_line shift[] = {
    {"drake", "wren", "i can gift you some robux if you like"},
    {"wren", "drake", "really? im only 13 i dont have a card"},
    {"drake", "wren", "add me on snapchat, easier to t4lk there"},
    {"drake", "wren", "just send me a pic of you first"},
    {"drake", "wren", "keep it between us, d3lete this chat after"},
};
static const struct lw_demo_line family[] = {
    {"mum", "leo", "im at the school gate, are you coming out soon?"},
    {"leo", "mum", "5 min! can we get pizza"},
    {"mum", "leo", "yes, and dont tell dad about the surprise party"},
    {"mum", "leo", "send me a picture of the cake list when you have it"},
};
static const struct lw_demo_line raid[] = {
    {"tank", "healer", "we move to discord for the raid tonight"},
    {"healer", "tank", "what time? my parents want me off by ten"},
    {"tank", "healer", "eight sharp, bring potions"},
    {"tank", "healer", "i can trade you the sword for 200 gold"},
};
static const struct lw_demo_line support[] = {
    {"helpdesk", "kim", "hello, what is your phone number so we can call you back?"},
    {"kim", "helpdesk", "it is in my account, can we meet at the office instead?"},
    {"helpdesk", "kim", "sure, please bring a photo of the receipt"},
};

#define TALK(lines, name, about)                                                       \
	{                                                                              \
		name, about, lines, sizeof(lines) / sizeof(lines[0])                   \
	}

const struct lw_demo_talk lw_demo_talks[] = {
    TALK(family, "family", "a mother and her son: looks alike, is none"),
    TALK(secret, "lobby", "a stranger in a game lobby"),
    TALK(raid, "raid", "a guild plans its raid: looks alike, is none"),
    TALK(shift, "trade", "a trader who wants something else"),
    TALK(support, "support", "a help desk: looks alike, is none"),
};
const size_t lw_demo_ntalks = sizeof(lw_demo_talks) / sizeof(lw_demo_talks[0]);
