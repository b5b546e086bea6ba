-- SPDX-License-Identifier: Apache-2.0
-- MessagePack for what the plugin socket carries: nil, booleans, numbers, strings, lists and
-- maps with string keys. Bytes in, values out; hostile bytes raise an error, never a hang.
local M = {};

local s_pack, s_unpack, s_sub = string.pack, string.unpack, string.sub;
local DEPTH_MAX = 8;

-- A table made by M.list is written as a list, also when it is empty.
local list_mt = {};
function M.list(t)
	return setmetatable(t, list_mt);
end

local pack;

local function pack_integer(v)
	if v >= 0 then
		if v < 0x80 then return string.char(v); end
		if v < 0x100 then return s_pack(">BB", 0xcc, v); end
		if v < 0x10000 then return s_pack(">BI2", 0xcd, v); end
		if v < 0x100000000 then return s_pack(">BI4", 0xce, v); end
		return s_pack(">Bi8", 0xcf, v);
	end
	return s_pack(">Bi8", 0xd3, v);
end

local function pack_string(v)
	local n = #v;
	if n < 32 then return s_pack(">B", 0xa0 + n) .. v; end
	if n < 0x100 then return s_pack(">BB", 0xd9, n) .. v; end
	if n < 0x10000 then return s_pack(">BI2", 0xda, n) .. v; end
	return s_pack(">BI4", 0xdb, n) .. v;
end

local function pack_table(v)
	local out = {};
	if getmetatable(v) == list_mt then
		out[1] = s_pack(">BI2", 0xdc, #v);
		for i = 1, #v do out[i + 1] = pack(v[i]); end
		return table.concat(out);
	end
	local n = 0;
	for k, item in pairs(v) do
		n = n + 1;
		out[n] = pack_string(k) .. pack(item);
	end
	return s_pack(">BI2", 0xde, n) .. table.concat(out);
end

function pack(v)
	local kind = type(v);
	if kind == "string" then return pack_string(v); end
	if kind == "boolean" then return v and "\xc3" or "\xc2"; end
	if kind == "table" then return pack_table(v); end
	if math.type(v) == "integer" then return pack_integer(v); end
	if kind == "number" then return s_pack(">Bd", 0xcb, v); end
	return "\xc0";
end
M.pack = pack;

local unpack_value;

local function unpack_list(s, at, n, depth)
	if n > #s - at + 1 then error("list longer than its bytes"); end
	local out = M.list({});
	for i = 1, n do out[i], at = unpack_value(s, at, depth); end
	return out, at;
end

local function unpack_map(s, at, n, depth)
	if n * 2 > #s - at + 1 then error("map longer than its bytes"); end
	local out = {};
	for _ = 1, n do
		local k, v;
		k, at = unpack_value(s, at, depth);
		v, at = unpack_value(s, at, depth);
		if type(k) == "string" then out[k] = v; end
	end
	return out, at;
end

local function unpack_bytes(s, at, n)
	if n > #s - at + 1 then error("string longer than its bytes"); end
	return s_sub(s, at, at + n - 1), at + n;
end

-- Leading byte to format of the number or length behind it.
local number = { [0xca] = ">f", [0xcb] = ">d", [0xcc] = ">B", [0xcd] = ">I2", [0xce] = ">I4",
	[0xcf] = ">i8", [0xd0] = ">b", [0xd1] = ">i2", [0xd2] = ">i4", [0xd3] = ">i8" };
local sized = { [0xc4] = { ">B", unpack_bytes }, [0xc5] = { ">I2", unpack_bytes },
	[0xc6] = { ">I4", unpack_bytes }, [0xd9] = { ">B", unpack_bytes },
	[0xda] = { ">I2", unpack_bytes }, [0xdb] = { ">I4", unpack_bytes },
	[0xdc] = { ">I2", unpack_list }, [0xdd] = { ">I4", unpack_list },
	[0xde] = { ">I2", unpack_map }, [0xdf] = { ">I4", unpack_map } };

function unpack_value(s, at, depth)
	local b = s:byte(at) or error("bytes end too early");
	at = at + 1;
	if depth > DEPTH_MAX then error("nested too deep"); end
	if b < 0x80 then return b, at; end
	if b < 0x90 then return unpack_map(s, at, b - 0x80, depth + 1); end
	if b < 0xa0 then return unpack_list(s, at, b - 0x90, depth + 1); end
	if b < 0xc0 then return unpack_bytes(s, at, b - 0xa0); end
	if b >= 0xe0 then return b - 0x100, at; end
	if b == 0xc0 then return nil, at; end
	if b == 0xc2 or b == 0xc3 then return b == 0xc3, at; end
	if number[b] then return s_unpack(number[b], s, at); end
	local kind = sized[b] or error("unknown type");
	local n;
	n, at = s_unpack(kind[1], s, at);
	return kind[2](s, at, n, depth + 1);
end

-- One value that fills all of s; raises an error otherwise.
function M.unpack(s)
	local v, at = unpack_value(s, 1, 0);
	if at ~= #s + 1 then error("bytes left over"); end
	return v;
end

return M;
