# SPDX-License-Identifier: Apache-2.0
"""Two people chat on a real Prosody through real XMPP clients; the risky conversation becomes a
case with its evidence while chat goes on: observed, allowed, blocked, held, and with the daemon
killed and back. Usage: test_prosody.py BINDIR PLUGINDIR. Exit 77: skipped."""
import asyncio
import shutil
import sys
import tempfile
import traceback

if shutil.which("prosody") is None:
    print("skipped: no prosody on this machine")
    sys.exit(77)
try:
    import slixmpp  # noqa: F401
except ImportError:
    print("skipped: no python3-slixmpp on this machine")
    sys.exit(77)

from chat import Person
from house import House, wait_until

# Risk indicators, neutral in wording; the second line completes the picture.
RISKY = ["how old are you", "are your parents home right now", "this is our secret ok",
         "dont tell your parents about me", "send me a pic of you"]
PLAIN = "the raid starts at eight, bring potions"
ASK = "bands: {low: 0.2, medium: 0.3, high: 0.4, critical: 0.5}\nactions: {%s}\n"


async def people(house, *names):
    out = [Person(n, house.port) for n in names]
    for p in out:
        await p.log_in()
    return out


async def say_all(person, to, other):
    """Every risky line, each seen to arrive before the next one is said."""
    for line in RISKY:
        person.say(to, line)
        assert await other.wait_for(line) is not None, f"did not arrive: {line}"


def case_of(house, who, whom):
    for c in house.cases():
        if c["from"] == f"{who}@localhost" and c.get("to") == f"{whom}@localhost":
            return c
    return None


async def test_observe(house):
    """The conversation arrives, and ends as a case with its evidence."""
    house.start_daemon()
    house.start_prosody("observe", ["ann", "ben", "cat"])
    wait_until(lambda: house.sessions() == 2, 10, "both hosts attached")
    ann, ben, cat = await people(house, "ann", "ben", "cat")
    cat.say("ben", PLAIN)
    assert await ben.wait_for(PLAIN) is not None
    await say_all(ann, "ben", ben)
    wait_until(lambda: case_of(house, "ann", "ben") is not None, 10, "case in the queue")
    case = case_of(house, "ann", "ben")
    code, shown = house.ctl("queue", "show", case["id"], "--show-text")
    assert code == 0 and any(line in str(shown) for line in RISKY), "no evidence in the case"
    assert case_of(house, "cat", "ben") is None, "a plain line was flagged"
    for p in (ann, ben, cat):
        await p.disconnect()


async def test_room(house):
    """Messages in a room are seen as well; the case is about the sender in the room."""
    house.start_daemon()
    house.start_prosody("observe", ["ann", "ben", "cat"])
    wait_until(lambda: house.sessions() == 2, 10, "both hosts attached")
    ann, ben, cat = await people(house, "ann", "ben", "cat")
    for p in (ann, ben, cat):
        await p.join("den")
    for line in RISKY:
        ann.say_in("den", line)
        assert await ben.wait_for(line) is not None, "room message did not arrive"
    wait_until(lambda: any(c["from"] == "ann@localhost" for c in house.cases()), 10,
               "case from the room")
    for p in (ann, ben, cat):
        await p.disconnect()


async def test_block(house):
    """ask: what policy blocks does not arrive and is said so; everything else passes."""
    house.policy(ASK % "critical: block, high: block")
    house.start_daemon()
    house.start_prosody("ask", ["ann", "ben"])
    wait_until(lambda: house.sessions() == 2, 10, "both hosts attached")
    ann, ben = await people(house, "ann", "ben")
    ann.say("ben", PLAIN)
    assert await ben.wait_for(PLAIN) is not None, "an allowed message did not arrive"
    for line in RISKY:
        ann.say("ben", line)
    assert await ann.wait_error("policy-violation"), "nothing was blocked"
    assert await ben.wait_for(RISKY[-1], 1.0) is None, "a blocked message arrived"
    ben.say("ann", PLAIN)
    assert await ann.wait_for(PLAIN) is not None, "the other party was blocked"
    for p in (ann, ben):
        await p.disconnect()


async def test_hold(house):
    """ask: a held message waits for its time, and the sender's order is kept."""
    house.policy(ASK % "critical: hold, high: hold" + "hold_ttl: 1s\n")
    house.start_daemon()
    house.start_prosody("ask", ["ann", "ben", "cat"])
    wait_until(lambda: house.sessions() == 2, 10, "both hosts attached")
    ann, ben, cat = await people(house, "ann", "ben", "cat")
    loop = asyncio.get_event_loop()
    start = loop.time()
    for line in RISKY + [PLAIN + " x"]:
        ann.say("ben", line)
    cat.say("ben", PLAIN)
    plain_at = await ben.wait_for(PLAIN)
    assert plain_at is not None and plain_at - start < 0.9, "others waited for the held one"
    held_at = await ben.wait_for(PLAIN + " x", 15)
    assert held_at is not None and held_at - start > 0.9, "nothing was held"
    got = [b for sender, b, _t in ben.received if sender.bare == "ann@localhost"]
    assert got == RISKY + [PLAIN + " x"], "order of the sender was not kept"
    for p in (ann, ben, cat):
        await p.disconnect()


async def test_killed(house):
    """The daemon is killed in mid-conversation: chat goes on, nothing is lost, and what was
    said before and while it was away adds up to the case."""
    house.start_daemon()
    house.start_prosody("observe", ["ann", "ben"])
    wait_until(lambda: house.sessions() == 2, 10, "both hosts attached")
    ann, ben = await people(house, "ann", "ben")
    for line in RISKY[:2]:
        ann.say("ben", line)
        assert await ben.wait_for(line) is not None
    house.kill_daemon()
    for line in RISKY[2:4]:
        ann.say("ben", line)
        assert await ben.wait_for(line, 1.0) is not None, "chat stopped with the daemon"
    house.start_daemon()
    wait_until(lambda: house.sessions() == 2, 20, "plugin back")
    ann.say("ben", RISKY[4])
    assert await ben.wait_for(RISKY[4]) is not None
    wait_until(lambda: case_of(house, "ann", "ben") is not None, 10, "case after the kill")
    status = house.ctl("ctl", "status")[1]
    assert status["lost"] == 0, "events were lost"
    shown = str(house.ctl("queue", "show", case_of(house, "ann", "ben")["id"], "--show-text"))
    missing = [line for line in RISKY if line not in shown]
    assert not missing, f"evidence is missing: {missing}"
    for p in (ann, ben):
        await p.disconnect()


async def run_test(test, house):
    """True when it passed; whatever the clients still do ends with it."""
    try:
        await asyncio.wait_for(test(house), 90)
        print(f"ok {test.__name__}")
        return True
    except Exception:
        print(f"FAILED {test.__name__}")
        traceback.print_exc()
        for name in ("lapwingd.log", "prosody.log"):
            path = house.run / name
            if path.exists():
                print(f"--- {name}\n" + path.read_text()[-2000:])
        return False


def main():
    tests = (test_observe, test_room, test_block, test_hold, test_killed)
    wanted = sys.argv[3:]
    failed = 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="lapwing-prosody-") as run:
            house = House(run, sys.argv[1], sys.argv[2])
            try:
                failed += not asyncio.run(run_test(test, house))
            finally:
                house.stop()
    sys.exit(1 if failed else 0)


main()
