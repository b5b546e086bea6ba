-- SPDX-License-Identifier: Apache-2.0
-- Shows chat to the Lapwing daemon: one-to-one messages on a VirtualHost, room messages and
-- private messages in rooms on a MUC component. Observes by default; asks for a verdict first
-- when lapwing_mode is "ask". Chat goes on when the daemon is away.
local async = require "util.async";
local jid = require "util.jid";
local new_id = require "util.id".medium;
local now = require "util.time".now;
local st = require "util.stanza";
local timer = require "util.timer";
local links = module:require "lapwing_link";

local mode = module:get_option_string("lapwing_mode", "observe");
local deadline = module:get_option_number("lapwing_deadline", 0.25); -- seconds
local on_unavailable = module:get_option_string("lapwing_on_unavailable", "allow");
local hold_max = module:get_option_number("lapwing_hold_max", 30); -- seconds
local notice = module:get_option_string("lapwing_notice", "This message was not delivered.");
local token_file = module:get_option_string("lapwing_token_file");

assert(mode == "observe" or mode == "ask", "lapwing_mode is observe or ask");
assert(on_unavailable == "allow" or on_unavailable == "hold" or on_unavailable == "block",
	"lapwing_on_unavailable is allow, hold or block");

local function read_token()
	if not token_file then return nil; end
	local f = assert(io.open(token_file, "r"), "cannot read lapwing_token_file");
	local token = f:read("*l");
	f:close();
	return token;
end

-- The instance names this attachment for de-duplication: the same over restarts.
local function stable_instance()
	local store = module:open_store("lapwing", "keyval");
	local known = store and store:get("instance");
	if known and known.id then return known.id; end
	local id = module.host .. "/" .. new_id();
	if store then store:set("instance", { id = id }); end
	return id;
end

local link = links.new({
	path = module:get_option_string("lapwing_socket", "/run/lapwing/lapwing.sock"),
	spool_events = module:get_option_number("lapwing_spool_events", 20000),
	spool_bytes = module:get_option_number("lapwing_spool_bytes", 16 * 1024 * 1024),
	log = function (level, ...) module:log(level, ...); end,
	hello = {
		plugin = "prosody", plugin_version = "0.1.0", server = "prosody",
		server_version = prosody.version or "unknown", instance = stable_instance(),
		tenant = module:get_option_string("lapwing_tenant", "default"), token = read_token(),
	},
});

local function base_event(conv, from, to, text, channel)
	return { kind = "message", id = new_id(), ts = math.floor(now() * 1000), conv = conv,
		from = from, to = to, text = text, channel = channel };
end

-- The action for an ask that the daemon did not answer, after at most hold_max of waiting
-- for it to come back.
local function without_daemon()
	if on_unavailable ~= "hold" then return on_unavailable; end
	local wait, done = async.waiter(1, true);
	local give_up = now() + hold_max;
	local function look()
		if link:available() or now() >= give_up then return done(); end
		return 0.05;
	end
	timer.add_task(0.05, look);
	wait();
	return "allow";
end

-- Wait for a verdict in the sender's own coroutine: later stanzas of this sender queue
-- behind it, everybody else goes on. Returns "allow" or "block".
local function verdict_of(event)
	if not link:available() then
		link:observe(event);
		return without_daemon();
	end
	local wait, done = async.waiter(1, true);
	local action, seq;
	local function finish(a)
		if action then return; end
		action = a;
		done();
	end
	seq = link:ask(event, function (a, _, ttl_ms)
		if a == "hold" then -- until another verdict, or the hold's own end
			timer.add_task(math.min((ttl_ms or 0) / 1000, hold_max),
				function () finish("allow"); end);
			action = nil;
			event.held = true;
			return;
		end
		finish(a or "unavailable");
	end);
	timer.add_task(deadline, function ()
		if not event.held then finish("unavailable"); end
	end);
	wait();
	link:forget(seq);
	if action == "unavailable" then return without_daemon(); end
	return action;
end

-- Returns true when the message must not go on.
local function handle(origin, stanza, event)
	if mode == "observe" or not async.ready() then -- components have no coroutine to hold
		link:observe(event);
		return false;
	end
	if verdict_of(event) ~= "block" then return false; end
	origin.send(st.error_reply(stanza, "cancel", "policy-violation", notice));
	return true;
end

local function is_room(address)
	local host = prosody.hosts[jid.host(address)];
	return host and host.modules and host.modules.muc ~= nil;
end

local function direct(event)
	local stanza, origin = event.stanza, event.origin;
	local kind, to = stanza.attr.type, stanza.attr.to;
	local text = stanza:get_child_text("body");
	if not text or kind == "error" or kind == "groupchat" or not to or is_room(to) then
		return;
	end
	local from = jid.bare(origin.full_jid or stanza.attr.from);
	to = jid.bare(to);
	local a, b = from, to;
	if b < a then a, b = b, a; end
	if handle(origin, stanza, base_event(a .. "|" .. b, from, to, text, "direct")) then
		return true;
	end
end

local function count(room)
	local n = 0;
	for _ in room:each_occupant() do n = n + 1; end
	return n;
end

local function room_message(event)
	local text = event.stanza:get_child_text("body");
	if not text or not event.occupant then return; end
	local room = event.room;
	local e = base_event(room.jid, event.occupant.bare_jid, nil, text,
		room:get_members_only() and "group" or "public");
	e.members = count(room);
	if handle(event.origin, event.stanza, e) then return true; end
end

local function room_private(event)
	local text = event.stanza:get_child_text("body");
	local target = event.room:get_occupant_by_nick(event.stanza.attr.to);
	if not text or not target or not event.origin.full_jid then return; end
	local from, to = jid.bare(event.origin.full_jid), target.bare_jid;
	local e = base_event(event.room.jid .. "/private", from, to, text, "direct");
	if handle(event.origin, event.stanza, e) then return false; end
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-groupchat", room_message, 40);
	module:hook("muc-private-message", room_private, 100);
else
	module:hook("pre-message/bare", direct, 100);
	module:hook("pre-message/full", direct, 100);
end

function module.load()
	link:connect();
end

function module.unload()
	link:stop();
end
