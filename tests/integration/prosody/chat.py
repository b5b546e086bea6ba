# SPDX-License-Identifier: Apache-2.0
"""XMPP people of the test: real slixmpp clients that say things and remember what they got."""
import asyncio

import slixmpp


class Person(slixmpp.ClientXMPP):
    """One logged-in account. received: (sender, body, loop time); errors: conditions."""

    def __init__(self, name, port):
        super().__init__(f"{name}@localhost", "pw")
        self.name, self.port = name, port
        self.received, self.errors = [], []
        self.online = asyncio.Event()
        self["feature_mechanisms"].unencrypted_plain = True
        self.register_plugin("xep_0045")
        self.add_event_handler("session_start", self._start)
        self.add_event_handler("message", self._message)
        self.add_event_handler("message_error", self._error)

    async def _start(self, _event):
        self.send_presence()
        await self.get_roster()
        self.online.set()

    def _message(self, msg):
        if msg["body"] and msg["type"] != "error":
            now = asyncio.get_event_loop().time()
            self.received.append((msg["from"], msg["body"], now))

    def _error(self, msg):
        # The library does not know the condition policy-violation: look at the stanza.
        self.errors.extend(e.tag.split("}")[1] for e in msg["error"].xml)

    async def log_in(self):
        self.connect(("127.0.0.1", self.port), force_starttls=False, disable_starttls=True)
        await asyncio.wait_for(self.online.wait(), 10)

    def say(self, to, body):
        self.send_message(mto=f"{to}@localhost", mbody=body, mtype="chat")

    def say_in(self, room, body):
        self.send_message(mto=f"{room}@rooms.localhost", mbody=body, mtype="groupchat")

    async def join(self, room):
        self.plugin["xep_0045"].join_muc(f"{room}@rooms.localhost", self.name)
        await asyncio.sleep(0.5)

    async def wait_for(self, body, seconds=5.0):
        """Loop time at which body arrived, or None."""
        for _ in range(int(seconds / 0.02)):
            for _sender, got, when in self.received:
                if got == body:
                    return when
            await asyncio.sleep(0.02)
        return None

    async def wait_error(self, condition, seconds=5.0):
        for _ in range(int(seconds / 0.02)):
            if condition in self.errors:
                return True
            await asyncio.sleep(0.02)
        return False
