"""Members who post as fast as they may and remember what was acknowledged; and what the store then has of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from storage import open_store
from tests.system.contents import EVERYTHING, address
from tests.system.serving import Visitor


@dataclass
class Poster:
    """One member who posts as fast as they may: into a shared room, and commands to the bot. Remembers every answer."""

    visitor: Visitor
    room: str
    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    slept: float = 0.08

    def run(self, round_number: int) -> None:
        """Until the server is gone."""
        for number in range(10_000):
            word = f"{self.visitor.name}-{round_number}-{number}"
            try:
                if number % 4 == 3:
                    self.asked.add(word)
                    if self.visitor.say(f"/help {word}", action=f"ask-{word}").status_code == 202:
                        self.answered.add(word)
                else:
                    self.sent.add(word)
                    if self.visitor.say(f"said {word}", room=self.room, action=f"say-{word}").status_code == 202:
                        self.acknowledged.add(word)
            except httpx.HTTPError:
                return
            time.sleep(self.slept)


def open_room(home: Path) -> str:
    """A public room of the web community."""
    store = open_store(address(home))
    with store.read() as uow:
        (community,) = uow.communities.all()
        found = next(
            room
            for room in uow.rooms.all(community.id)
            if room.ref.platform == "web" and room.audience == "public" and room.kind.value == "channel"
        )
    store.close()
    return str(found.id)


def said_in(home: Path, room: str) -> list[str]:
    store = open_store(address(home))
    with store.read() as uow:
        texts = [message.text for message in uow.messages.page(int(room), limit=EVERYTHING)]
    store.close()
    return texts


def drained(home: Path) -> bool:
    """Nothing waits in the inbox or the outbox."""
    store = open_store(address(home))
    with store.read() as uow:
        inbox, outbox = uow.inbox.counts(), uow.outbox.counts()
    store.close()
    assert not inbox.get("parked"), inbox
    assert not {"in_doubt", "malformed", "refused"} & outbox.keys(), outbox
    return not inbox.get("pending") and not {"pending", "sending"} & outbox.keys()
