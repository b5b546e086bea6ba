/* SPDX-License-Identifier: Apache-2.0 */
/* Supplement and look-alikes as data. Chosen by shape and by what chat shows, not copied
 * from a list; a letter that is ordinary in some living language (open o, schwa, eng) is
 * a look-alike, tried second, and no part of the fold. */
#include "text/data.h"

const struct lw_text_supplement lw_text_supplement[] = {
    /* strokes and bars that do not decompose */
    {"d", U"đð"},
    {"h", U"ħ"},
    {"i", U"ı"},
    {"l", U"łĿŀ"},
    {"o", U"ø"},
    {"t", U"ŧ"},
    {"ae", U"æ"},
    {"oe", U"œ"},
    {"th", U"þ"},
    /* small capitals, script and turned letters */
    {"a", U"ᴀɐɑ"},
    {"b", U"ʙ"},
    {"c", U"ᴄ"},
    {"d", U"ᴅ"},
    {"e", U"ᴇǝ"},
    {"f", U"ꜰ"},
    {"g", U"ɢɡ"},
    {"h", U"ʜɥ"},
    {"i", U"ɪᴉ"},
    {"j", U"ᴊ"},
    {"k", U"ᴋʞ"},
    {"l", U"ʟ"},
    {"m", U"ᴍɯ"},
    {"n", U"ɴ"},
    {"o", U"ᴏ"},
    {"p", U"ᴘ"},
    {"q", U"ꞯ"},
    {"r", U"ʀɹ"},
    {"s", U"ꜱ"},
    {"t", U"ᴛʇ"},
    {"u", U"ᴜ"},
    {"v", U"ᴠʌ"},
    {"w", U"ᴡʍ"},
    {"y", U"ʏʎ"},
    {"z", U"ᴢ"},
    {"ae", U"ᴁ"},
    /* styled digits */
    {"0", U"⓿🄋🄌"},
    {"10", U"❿➉➓⓾"},
    {"11", U"⓫"},
    {"12", U"⓬"},
    {"13", U"⓭"},
    {"14", U"⓮"},
    {"15", U"⓯"},
    {"16", U"⓰"},
    {"17", U"⓱"},
    {"18", U"⓲"},
    {"19", U"⓳"},
    {"20", U"⓴"},
    /* squared words: words of their own, whatever they touch */
    {" ab ", U"🆎"},
    {" cl ", U"🆑"},
    {" cool ", U"🆒"},
    {" free ", U"🆓"},
    {" id ", U"🆔"},
    {" new ", U"🆕"},
    {" ng ", U"🆖"},
    {" ok ", U"🆗"},
    {" sos ", U"🆘"},
    {" up ", U"🆙"},
    {" vs ", U"🆚"},
    /* no letters, whatever their compatibility forms say */
    {" ", U"™℠"},
    /* spacing voicing marks compose like the combining ones */
    {"\xe3\x82\x99", U"゛"},
    {"\xe3\x82\x9a", U"゜"},
};
const size_t lw_text_nsupplement =
    sizeof(lw_text_supplement) / sizeof(lw_text_supplement[0]);

const struct lw_text_range lw_text_ranges[] = {
    {0x249c, 0x24b5, 'a'},   /* parenthesised small */
    {0x24f5, 0x24fd, '1'},   /* double-circled */
    {0x2776, 0x277e, '1'},   /* negative circled digits */
    {0x2780, 0x2788, '1'},   /* sans-serif circled */
    {0x278a, 0x2792, '1'},   /* negative circled sans-serif */
    {0x1f110, 0x1f129, 'a'}, /* parenthesised capital */
    {0x1f130, 0x1f149, 'a'}, /* squared */
    {0x1f150, 0x1f169, 'a'}, /* negative circled */
    {0x1f170, 0x1f189, 'a'}, /* negative squared */
    {0x1f1e6, 0x1f1ff, 'a'}, /* regional indicators */
};
const size_t lw_text_nranges = sizeof(lw_text_ranges) / sizeof(lw_text_ranges[0]);

const struct lw_text_lookalike lw_text_lookalikes[] = {
    {'a', U"а", U"α", U"Ꭺꓮⲁ@∆"},
    {'b', U"", U"ь", U"вβᏏᏴꓐⲃɓƀъƅ₿"},
    {'c', U"с", U"", U"Ꮯꓚⲥƈɔ(¢©"},
    {'d', U"ԁ", U"", U"ᎠᏧꓓɗɖժ∂₫"},
    {'e', U"е", U"", U"εэєзᎬꓰⲉəɛɘɇҽ€℮"},
    {'f', U"", U"", U"ϝꓝƒքɟ"},
    {'g', U"", U"", U"ցԍᏀᏳꓖǥɠƃ"},
    {'h', U"һհ", U"", U"нηᎻᏂꓧⲏɦħ"},
    {'i', U"іӏ", U"ι", U"ɩᎥꓲⲓɨ!|¡¦ǀ"},
    {'j', U"јϳ", U"", U"Ꭻꓙɉյʝ"},
    {'k', U"", U"кκ", U"Ꮶꓗⲕƙҟ"},
    {'l', U"", U"", U"Ꮮꓡƚɫɭլⳑ£"},
    {'m', U"", U"м", U"Ꮇꓟⲙɱ"},
    {'n', U"ո", U"", U"пռꓠⲛŋɲƞᴎ₦"},
    {'o', U"оοօ", U"", U"σꓳⲟɵθө"},
    {'p', U"р", U"ρ", U"Ꮲꓑⲣƥբ₱"},
    {'q', U"ԛ", U"", U"գզɋ"},
    {'r', U"", U"", U"гяᎡᏒꓣɍɾ®"},
    {'s', U"ѕ", U"", U"տᏕᏚꓢʂ$§"},
    {'t', U"", U"т", U"τᎢꓔⲧƭʈ+†₮"},
    {'u', U"ս", U"υ", U"цꓴʉʊμи"},
    {'v', U"ѵν", U"", U"Ꮩꓦʋ"},
    {'w', U"ԝ", U"", U"ωшщաѡᎳᏔꓪⲱɯ₩"},
    {'x', U"х", U"χ", U"ꓫⲭж×"},
    {'y', U"у", U"ү", U"γчᎩᎽꓬⲩƴɣ¥"},
    {'z', U"", U"", U"ζᏃꓜⲍƶȥʐ"},
};
const size_t lw_text_nlookalikes =
    sizeof(lw_text_lookalikes) / sizeof(lw_text_lookalikes[0]);

const struct lw_text_reverse lw_text_reverse[] = {
    /*                  abcdefghijklmnopqrstuvwxyz */
    {LW_S_CYRILLIC, U"аьс.е..ніјк.мпор.гѕти.шху.", U"о..зч.б..."},
    {LW_S_GREEK, U"αβ..ε...ιϳκ.μηορ..στυνωχγζ", U"ο........."},
    {LW_S_ARMENIAN, U"......ցհ.յ.լ.ո..զ.տ.ս.ա...", U"օ........."},
};
const size_t lw_text_nreverse = sizeof(lw_text_reverse) / sizeof(lw_text_reverse[0]);

/* And the middle dot, which Catalan writes between two l. */
const char32_t lw_text_apostrophes[] = {'\'', '`', 0x00b4, 0x00b7, 0x02b9, 0x02bb,
    0x02bc, 0x02bd, 0x02c8, 0x02ca, 0x02cb, 0x055a, 0x05f3, 0x2018, 0x2019, 0x201b,
    0x2027, 0x2032, 0x2035, 0xa78c, 0xff07, 0xff40, 0};

/* Letter stretchers. */
const char32_t lw_text_ignored[] = {0x0640, 0x07fa, 0};
