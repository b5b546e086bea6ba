-- SPDX-License-Identifier: Apache-2.0
-- The link to the daemon: one connection on Prosody's own event loop, a bounded spool of
-- events that are not yet acknowledged, and asks that wait for their verdict.
-- Events in (observe, ask), verdicts out (callbacks). Nothing here ever blocks.
local server = require "net.server";
local timer = require "util.timer";
local unix = require "socket.unix";
local mp = module:require "lapwing_msgpack";

if type(unix) == "function" then unix = { stream = unix }; end

local FRAME_MAX = 1024 * 1024;
local BATCH_MAX = 256;
local RECONNECT_MIN, RECONNECT_MAX = 0.05, 10; -- seconds

local Link = {};
Link.__index = Link;

local function frame(value)
	local body = mp.pack(value);
	return string.pack(">I4", #body) .. body;
end

-- options: path, hello (map), spool_events, spool_bytes, log (module's log function)
local function new(options)
	return setmetatable({
		options = options,
		spool = {}, first = 1, last = 0, -- entries [first..last]: { event, size, cookie }
		spool_bytes = 0, lost = 0,
		sent = 0, -- last spool index that this connection has carried
		asks = {}, -- client seq -> function(action, reason, ttl_ms)
		delay = RECONNECT_MIN, ready = false, paused = false, window = 0,
		stopped = false, buffer = "", flushing = false,
	}, Link);
end

-- Entry i of the spool has client seq i: seq grows over reconnections, so a verdict or an
-- acknowledgement never means another event.
function Link:drop_oldest()
	local entry = self.spool[self.first];
	self.spool[self.first] = nil;
	self.first = self.first + 1;
	self.spool_bytes = self.spool_bytes - entry.size;
	self.lost = self.lost + 1;
	self.sent = math.max(self.sent, self.first - 1);
end

function Link:put(event, is_ask)
	local size = #(event.text or "") + 256;
	while self.last >= self.first and (self.last - self.first + 1 >= self.options.spool_events
		or self.spool_bytes + size > self.options.spool_bytes) do
		self:drop_oldest();
	end
	self.last = self.last + 1;
	self.spool[self.last] = { event = event, size = size, ask = is_ask };
	self.spool_bytes = self.spool_bytes + size;
	return self.last;
end

-- Tell the daemon; never waits.
function Link:observe(event)
	self:put(event, false);
	if not self.flushing then
		self.flushing = true;
		timer.add_task(0, function ()
			self.flushing = false;
			self:flush();
		end);
	end
end

-- Can an ask be answered now? Not when the daemon is away or behind.
function Link:available()
	return self.ready and not self.paused and self.last - self.first + 1 < self.window;
end

-- Tell the daemon and call back with its verdict; returns the ask's number for forget.
function Link:ask(event, callback)
	local seq = self:put(event, true);
	self.asks[seq] = callback;
	self:flush();
	return seq;
end

function Link:forget(seq)
	self.asks[seq] = nil;
end

function Link:flush()
	while self.ready and not self.paused and self.sent < self.last do
		local events, asks = mp.list({}), mp.list({});
		local start = self.sent + 1;
		local stop = math.min(self.last, start + BATCH_MAX - 1, self.first + self.window - 1);
		if stop < start then return; end
		for i = start, stop do
			local entry = self.spool[i];
			events[#events + 1] = entry.event;
			-- An ask that nobody waits for any more is only observed.
			if entry.ask and self.asks[i] then asks[#asks + 1] = #events - 1; end
		end
		self.sent = stop;
		self.conn:write(frame({ t = "events", seq = start, events = events, ask = asks }));
	end
end

local handle = {};

function handle.hello(self, f)
	self.ready = true;
	self.delay = RECONNECT_MIN;
	self.window = math.max(1, tonumber(f.window) or 1024);
	self.lost = 0;
	self.options.log("info", "connected to the daemon (session %s)", tostring(f.session));
	self:flush();
end

function handle.verdicts(self, f)
	for _, v in ipairs(f.verdicts or {}) do
		local callback = self.asks[v.seq];
		if callback then
			callback(v.action or "allow", v.reason, tonumber(v.ttl_ms));
		end
	end
end

function handle.ack(self, f)
	local upto = math.min(tonumber(f.upto) or 0, self.sent);
	while self.first <= upto do
		local entry = self.spool[self.first];
		self.spool[self.first] = nil;
		self.spool_bytes = self.spool_bytes - entry.size;
		self.first = self.first + 1;
	end
	self:flush();
end

function handle.window(self, f)
	self.window = math.max(1, tonumber(f.n) or self.window);
	self.paused = false;
	self:flush();
end

function handle.pause(self)
	self.paused = true;
end

function handle.ping(self)
	self.conn:write(frame({ t = "pong" }));
end

function handle.bye(self, f)
	self.options.log("info", "the daemon says bye: %s", tostring(f.code));
	if tonumber(f.retry_ms) then self.delay = f.retry_ms / 1000; end
	self.conn:close();
end

function Link:on_data(data)
	self.buffer = self.buffer .. data;
	while #self.buffer >= 4 do
		local n = string.unpack(">I4", self.buffer);
		if n == 0 or n > FRAME_MAX then
			self.options.log("error", "bad frame length %d from the daemon", n);
			return self.conn:close();
		end
		if #self.buffer < n + 4 then return; end
		local ok, f = pcall(mp.unpack, self.buffer:sub(5, n + 4));
		self.buffer = self.buffer:sub(n + 5);
		if not ok or type(f) ~= "table" then
			self.options.log("error", "bad frame from the daemon");
			return self.conn:close();
		end
		if handle[f.t] then handle[f.t](self, f); end
		if not self.conn then return; end
	end
end

-- Everything that was carried goes back to the spool's unsent part, and asks are released.
function Link:on_disconnect()
	local was_ready = self.ready;
	self.conn, self.ready, self.paused, self.buffer = nil, false, false, "";
	self.sent = self.first - 1;
	local asks = self.asks;
	self.asks = {};
	for _, callback in pairs(asks) do callback(nil, "unavailable"); end
	if self.stopped then return; end
	if was_ready then self.options.log("warn", "lost the daemon, chat goes on"); end
	local delay = self.delay * (0.5 + math.random());
	self.delay = math.min(self.delay * 2, RECONNECT_MAX);
	timer.add_task(delay, function () self:connect(); end);
end

function Link:hello()
	local h = { t = "hello", v = mp.list({ 1 }), lost = self.lost };
	for k, v in pairs(self.options.hello) do h[k] = v; end
	return h;
end

function Link:connect()
	if self.stopped or self.conn then return; end
	local sock = unix.stream();
	sock:settimeout(0);
	local ok, err = sock:connect(self.options.path);
	if not ok and err ~= "timeout" then
		sock:close();
		return self:on_disconnect();
	end
	local listener = {
		onconnect = function (c) c:write(frame(self:hello())); end,
		onincoming = function (_, data) self:on_data(data); end,
		ondisconnect = function () self:on_disconnect(); end,
	};
	self.conn = server.wrapclient(sock, self.options.path, 0, listener, "*a");
end

function Link:stop()
	self.stopped = true;
	if self.conn then
		self.conn:write(frame({ t = "bye", code = "shutdown" }));
		self.conn:close();
	end
end

return { new = new };
