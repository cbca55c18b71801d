"""Who asks, where, and how the answer gets back to them. Knows rooms and members; knows no platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.incoming import Place, RoomKind, Sender
from bot.domain.interactions import Exposure
from bot.domain.outgoing import Card, DeliveryClass, Outgoing, Sending
from bot.domain.people import Community, Member
from bot.domain.permissions import Role, StaffAction, Viewer, effective_role, may
from bot.domain.refs import MessageRef
from bot.domain.rooms import Room
from bot.domain.text import language_of
from bot.ports import Clock, Ids, Store, UnitOfWork
from bot.usecases.ingest import cleaned_place, cleaned_sender
from bot.usecases.native_roles import note_standing, standing_news
from bot.wording import Wording, choose

_SENTENCE: Final = 3
"""Latin words that say which language somebody speaks; fewer are ``tokio`` or ``async rust``."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a member did, with everything an answer depends on.

    `cause` is the inbox row behind it: effects and the mark that it is done are one transaction. `on`: the message
    whose button was pressed; `about`: the one that a command answers. `hint`: the language that their platform names.
    `overheard`: others have read the words of the command.
    """

    community: Community
    member: Member
    room: Room
    viewer: Viewer
    wording: Wording
    at: datetime
    cause: int | None = None
    on: MessageRef | None = None
    about: MessageRef | None = None
    hint: str = ""
    overheard: bool = False

    @property
    def role(self) -> Role:
        """Who the member is now, by what is stored and by what the platform says; see `effective_role`."""
        return self.viewer.role

    def may(self, action: StaffAction) -> bool:
        return may(self.role, action)

    @property
    def personal(self) -> bool:
        """Whether the room is the member's own direct room."""
        return self.room.kind is RoomKind.DIRECT

    def begin(self, uow: UnitOfWork) -> bool:
        """Mark the cause as done within `uow`; False: it was done before, so nothing may happen again."""
        return self.cause is None or uow.inbox.finish(self.cause)


@dataclass(frozen=True, slots=True)
class Arrive:
    """Find or make the member and the room behind something incoming."""

    store: Store

    def __call__(
        self,
        community: Community,
        sender: Sender,
        place: Place,
        at: datetime,
        *,
        words: str = "",
        cause: int | None = None,
        on: MessageRef | None = None,
        about: MessageRef | None = None,
    ) -> Turn:
        with self.store.read() as uow:
            member = uow.members.by_account(community.id, sender.account)
            room = uow.rooms.by_ref(community.id, place.room)
            viewer = uow.rooms.viewer(member) if member else None
            homes = uow.homes.all(community.id, sender.account.platform) if sender.standings else ()
            news = member is not None and homes and standing_news(uow, member, sender)
            community = uow.communities.get(community.id) or community  # a moderator may have changed it meanwhile
        if member is None or room is None or viewer is None or news:
            with self.store.write() as uow:
                member = uow.members.resolve(community.id, cleaned_sender(sender), at)
                room = uow.rooms.ensure(community.id, cleaned_place(place))
                if place.kind is RoomKind.DIRECT or place.private:
                    uow.rooms.join(room.id, member.id, at)
                viewer = uow.rooms.viewer(member)
                for standing in sender.standings:
                    note_standing(uow, community.id, sender.account, standing, at)
                uow.commit()
        role = effective_role(member.role, sender.account.platform, sender.standings, homes)
        viewer = replace(viewer, role=role)
        spoken = _spoken(words)
        wording = choose(member.language, spoken, sender.language, community.language)
        return Turn(community, member, room, viewer, wording, at, cause, on, about, sender.language or "")


def _spoken(words: str) -> str:
    """The language that words show; empty: none. A few Latin words are names of things in any language."""
    language = language_of(words, default="") if words else ""
    return "" if language == "en" and len(words.split()) < _SENTENCE else language


def named_items(message: Outgoing) -> tuple[str, ...]:
    """The items that a message shows: they are asked about again right before it goes out."""
    return tuple(dict.fromkeys(block.item for block in message.blocks if isinstance(block, Card)))


@dataclass(frozen=True, slots=True)
class Answering:
    """Queues answers: to the room when it is the member's own, otherwise to their direct room on that platform."""

    clock: Clock
    ids: Ids

    def reply(
        self,
        uow: UnitOfWork,
        turn: Turn,
        message: Outgoing,
        *,
        key: str = "",
        public: bool = False,
        notice: str = "",
        items: Sequence[str] = (),
        exposures: Sequence[Exposure] = (),
    ) -> None:
        """A new message; personal unless `public`. `notice`: a short word in the room where they asked."""
        room = turn.room if public else self.home(uow, turn)
        if not public and room.id != turn.room.id and not notice:
            notice = turn.wording.say("answered-privately")
        uow.outbox.add(
            turn.community.id,
            Sending(
                key=key or f"answer:{turn.cause or self.ids.code()}",
                room=room.ref,
                message=message,
                delivery=DeliveryClass.AT_LEAST_ONCE,
                notice=notice,
                items=tuple(items) or named_items(message),
                to_member=turn.member.id,
                exposures=tuple(exposure.key for exposure in exposures),
            ),
            self.clock.now(),
        )
        if exposures:
            uow.exposures.add(turn.community.id, exposures)

    def home(self, uow: UnitOfWork, turn: Turn) -> Room:
        """The room where personal answers go."""
        if turn.personal:
            return turn.room
        return uow.rooms.direct(turn.community.id, turn.room.ref.platform, turn.member.id)

    def edit(self, uow: UnitOfWork, turn: Turn, message: Outgoing, *, notice: str = "") -> None:
        """Change the message whose button was pressed.

        Only in the member's own room: a message that others read is never turned into somebody's personal answer.
        Elsewhere, and where the message is unknown, a new one is sent.
        """
        if turn.on is None or not turn.personal:
            self.reply(uow, turn, message, notice=notice)
            return
        uow.outbox.add(
            turn.community.id,
            Sending(
                key=f"edit:{turn.cause or self.ids.code()}",
                room=turn.on.room,
                message=message,
                delivery=DeliveryClass.IDEMPOTENT_EDIT,
                edits=turn.on,
                notice=notice,
                items=named_items(message),
                to_member=turn.member.id,
            ),
            self.clock.now(),
        )

    def notice(self, uow: UnitOfWork, turn: Turn, text: str) -> None:
        """Only a short word to whoever pressed; nothing is posted or changed."""
        uow.outbox.add(
            turn.community.id,
            Sending(
                key=f"notice:{turn.cause or self.ids.code()}",
                room=turn.room.ref,
                message=Outgoing((), language=turn.wording.language),
                delivery=DeliveryClass.AT_MOST_ONCE,
                notice=text,
                to_member=turn.member.id,
            ),
            self.clock.now(),
        )
