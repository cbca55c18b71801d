"""One-time codes by which an owner proves what is theirs. Knows what a code proves; knows no platform."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.domain.incoming import RoomKind
from bot.domain.permissions import Home, Role
from bot.domain.setup import CodePurpose
from bot.ports import AuditRow, Clock, Ids, Store, UnitOfWork
from bot.usecases.turn import Turn

CODE: Final = re.compile(r"[a-z2-7]{16}", re.IGNORECASE)
LIVES: Final = timedelta(hours=1)

Proved = Literal["home", "owner", "elsewhere", "wrong"]
"""``elsewhere``: the code is not for this place, and still good; ``wrong``: unknown, used up or too old."""


@dataclass(frozen=True, slots=True)
class MakeSetupCode:
    """For whoever runs the program, and for the owner."""

    store: Store
    clock: Clock
    ids: Ids

    def __call__(self, community_id: int, purpose: CodePurpose, *, by: str) -> tuple[str, datetime]:
        """The code, which is shown once and kept nowhere, and when it ends."""
        at, code = self.clock.now(), self.ids.code()
        with self.store.write() as uow:
            add_code(uow, community_id, code, purpose, by=by, at=at)
            uow.commit()
        return code, at + LIVES


def add_code(uow: UnitOfWork, community_id: int, code: str, purpose: CodePurpose, *, by: str, at: datetime) -> None:
    uow.setup_codes.add(community_id, code, purpose, at=at, until=at + LIVES)
    uow.audit.add(community_id, AuditRow(at, by, "setup.code", purpose.value, "-"))


def prove(uow: UnitOfWork, turn: Turn, code: str) -> Proved:
    """Use a code where it was written: in a group or server, which becomes a home; alone with the bot by the owner.

    Whoever holds the code is let in, because only the owner and whoever runs the program can make one.
    """
    purpose = CodePurpose.OWNER if turn.room.kind is RoomKind.DIRECT else CodePurpose.HOME
    if purpose is CodePurpose.HOME and not turn.room.server:
        return "elsewhere"
    if not uow.setup_codes.use(turn.community.id, code, purpose, turn.at):
        other = CodePurpose.HOME if purpose is CodePurpose.OWNER else CodePurpose.OWNER
        return "elsewhere" if uow.setup_codes.good(turn.community.id, code, other, turn.at) else "wrong"
    actor = f"member:{turn.member.id}"
    if purpose is CodePurpose.OWNER:
        member = uow.members.get(turn.member.id) or turn.member
        uow.members.update(replace(member, role=Role.OWNER))
        uow.audit.add(turn.community.id, AuditRow(turn.at, actor, "setup.owner", actor, "one-time code"))
        return "owner"
    room = turn.room
    uow.homes.put(turn.community.id, Home(room.ref.platform, room.server, room.group or room.name), turn.at)
    target = f"{room.ref.platform}:{room.server}"
    uow.audit.add(turn.community.id, AuditRow(turn.at, actor, "home.add", target, "one-time code"))
    return "home"
