"""What was said, once each, however often and in whatever order it arrives."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select, tuple_, update

from bot.domain.incoming import Attachment, MessagePosted, Poll, RoomKind
from bot.domain.people import Member
from bot.domain.refs import MessageRef, PollRef, RoomRef
from bot.domain.rooms import Message, Room
from storage.repositories.discussions import Arrival, link
from storage.repositories.reactions import (
    clear_reactions,
    marked,
    put_reaction,
    put_reaction_count,
    reacted_by,
    reactions_of,
)
from storage.repositories.suggestable_posts import (
    Answer,
    add_reactions,
    add_to_posts,
    move_posts,
    recount_posts,
    withdraw_posts,
)
from storage.scope import Record, Scope, chunks
from storage.tables import MEMBERS, MESSAGES, ROOMS

_M = MESSAGES.c
_R = ROOMS.c
_BATCH: Final = 800


def seen() -> Any:
    """Answers that a reader sees: deleted ones and the platform's notes are not counted."""
    return and_(_M.deleted_at.is_(None), _M.service.is_(False))


# Made once: building a statement takes longer than running it.
_AT: Final = and_(
    _R.community_id == bindparam("b_community"),
    _R.platform == bindparam("b_platform"),
    _R.native_id == bindparam("b_room"),
    _R.thread_id == bindparam("b_thread"),
    _M.native_id == bindparam("b_native"),
)
_SELECT: Final = (
    select(
        MESSAGES,
        MEMBERS.c.name.label("author"),
        _R.platform,
        _R.native_id.label("room_native"),
        _R.thread_id,
    )
    .join(ROOMS, _R.id == _M.room_id)
    .join(MEMBERS, MEMBERS.c.id == _M.member_id)
)
_BY_ID: Final = _SELECT.where(_M.id == bindparam("b_id"))
_BY_REF: Final = _SELECT.where(_AT)
_WITHIN: Final = _SELECT.where(
    _R.community_id == bindparam("b_community"),
    _R.platform == bindparam("b_platform"),
    _R.native_id == bindparam("b_native"),
    _M.native_id == bindparam("b_message"),
).order_by(_R.thread_id)
_BY_NATIVES: Final = _SELECT.where(
    _M.room_id == bindparam("b_room"), _M.native_id.in_(bindparam("b_natives", expanding=True))
)
_BY_POLL: Final = _SELECT.where(
    _M.community_id == bindparam("b_community"),
    _M.poll_native == bindparam("b_poll"),
    _R.platform == bindparam("b_platform"),
)
# The opening comes first even where a clock was wrong, so that the limit never cuts it off.
_DISCUSSION: Final = (
    _SELECT.where(or_(_M.id == bindparam("b_root"), _M.root_id == bindparam("b_root")))
    .order_by(_M.id != bindparam("b_root"), _M.at, _M.id)
    .limit(bindparam("b_limit", type_=Integer))
)
_HEAD: Final = (
    select(_M.id, _M.room_id, func.coalesce(_M.root_id, _M.id).label("root"))
    .join(ROOMS, _R.id == _M.room_id)
    .where(_AT, _M.deleted_at.is_(None))
)
_REPLIES: Final = (
    select(_M.root_id, func.count())
    .where(_M.root_id.in_(bindparam("b_roots", expanding=True)), seen())
    .group_by(_M.root_id)
)

Key = tuple[int, str]
"""A message within the store: room id and native id."""


class SqlMessages:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, room: Room, member: Member, posted: MessagePosted, *, payload: str = "") -> tuple[Message, bool]:
        return self._add([(room, member, posted)], payload)[0]

    def add_many(self, rows: Sequence[tuple[Room, Member, MessagePosted]]) -> list[tuple[Message, bool]]:
        return [added for part in chunks(rows, _BATCH) for added in self._add(part, "")]

    def get(self, message_id: int) -> Message | None:
        return self._one(_BY_ID, {"b_id": message_id})

    def by_ref(self, community_id: int, ref: MessageRef) -> Message | None:
        return self._one(_BY_REF, _at(community_id, ref))

    def within(self, community_id: int, ref: MessageRef) -> Message | None:
        found = self.by_ref(community_id, ref)
        if found is not None or ref.room.thread_id is not None:
            return found
        where = {"b_community": community_id, "b_platform": ref.room.platform, "b_native": ref.room.native_id}
        return self._one(_WITHIN, where | {"b_message": ref.native_id})

    def quoting(self, community_id: int, refs: Sequence[MessageRef]) -> list[Message]:
        if not refs:
            return []
        named = or_(*(_M.payload.contains(f'"native_id":{json.dumps(ref.native_id)}', autoescape=True) for ref in refs))
        wanted = _SELECT.where(_R.community_id == community_id, _M.payload != "", _M.deleted_at.is_(None), named)
        return self._messages(self._scope.rows(wanted), None)

    def edit(self, community_id: int, ref: MessageRef, text: str, at: datetime, *, payload: str = "") -> Message | None:
        before = self.by_ref(community_id, ref)
        if before is None or before.deleted_at is not None:
            return None
        if (before.edited_at is not None and before.edited_at > at) or (before.text, before.payload) == (text, payload):
            return None
        changes = {"text": text, "payload": payload, "edited_at": at}
        self._scope.run(update(MESSAGES).where(_M.id == before.id).values(changes))
        self._scope.topics.add(f"room:{before.room_id}")
        return replace(before, text=text, payload=payload, edited_at=at)

    def delete(self, community_id: int, ref: MessageRef, at: datetime) -> Message | None:
        """None when it is unknown or was deleted before. A post that it opened is withdrawn."""
        before = self.by_ref(community_id, ref)
        if before is None or before.deleted_at is not None:
            return None
        empty: dict[str, Any] = {"text": "", "payload": "", "attachments": [], "poll": None, "poll_native": None}
        gone = empty | {"deleted_at": at}
        self._scope.run(update(MESSAGES).where(_M.id == before.id).values(gone))
        withdraw_posts(self._scope, [before.id])
        recount_posts(self._scope, [before.root_id])
        self._scope.topics.add(f"room:{before.room_id}")
        return replace(before, text="", payload="", attachments=(), poll=None, deleted_at=at)

    def react(
        self, community_id: int, ref: MessageRef, member_id: int, emoji: str, *, present: bool, at: datetime
    ) -> bool:
        message = self._head(community_id, ref)
        if message is None:
            return False
        more = put_reaction(self._scope, community_id, message.id, member_id, emoji, present=present, at=at)
        return self._reacted(message, more)

    def react_count(self, community_id: int, ref: MessageRef, emoji: str, count: int) -> bool:
        message = self._head(community_id, ref)
        if message is None:
            return False
        return self._reacted(message, put_reaction_count(self._scope, community_id, message.id, emoji, count))

    def clear_reactions(
        self, community_id: int, ref: MessageRef, at: datetime, *, emoji: str | None = None
    ) -> list[tuple[int, str]]:
        message = self._head(community_id, ref)
        if message is None:
            return []
        gone, number = clear_reactions(self._scope, message.id, at, emoji)
        self._reacted(message, -len(gone) - number)
        return gone

    def reacted_by(self, message_ids: Sequence[int], platform: str) -> dict[int, dict[str, frozenset[str]]]:
        return reacted_by(self._scope, message_ids, platform)

    def marked(self, members: Collection[int], emoji: Collection[str], *, since: datetime) -> dict[int, list[datetime]]:
        return marked(self._scope, members, emoji, since)

    def count_votes(self, community_id: int, ref: MessageRef | PollRef, votes: Sequence[int]) -> bool:
        if isinstance(ref, MessageRef):
            message = self.by_ref(community_id, ref)
            return message is not None and self._count(message, votes)
        where = {"b_community": community_id, "b_platform": ref.platform, "b_poll": ref.native_id}
        showing = self._messages(self._scope.rows(_BY_POLL, [where]), None)
        return sum(self._count(message, votes) for message in showing) > 0

    def _count(self, message: Message, votes: Sequence[int]) -> bool:
        if message.poll is None or len(message.poll.options) != len(votes):
            return False
        counted = tuple((option, votes[at]) for at, (option, _) in enumerate(message.poll.options))
        if counted == message.poll.options:
            return False
        poll = _poll(replace(message.poll, options=counted))
        self._scope.run(update(MESSAGES).where(_M.id == message.id).values(poll=poll))
        self._scope.topics.add(f"room:{message.room_id}")
        return True

    def page(
        self, room_id: int, *, before: int | None = None, limit: int = 50, viewer_id: int | None = None
    ) -> list[Message]:
        newest = _SELECT.where(_M.room_id == room_id)
        if before is not None:
            border = self._scope.first(select(_M.at, _M.id).where(_M.id == before))
            if border is None:
                return []
            newest = newest.where(tuple_(_M.at, _M.id) < tuple_(border.at, border.id))
        rows = self._scope.rows(newest.order_by(_M.at.desc(), _M.id.desc()).limit(limit))
        return self._messages(list(reversed(rows)), viewer_id)

    def since(self, room_id: int, after: int, *, limit: int = 200) -> list[Message]:
        """In order of arrival: what was stored after message id `after`."""
        wanted = _SELECT.where(_M.room_id == room_id, _M.id > after).order_by(_M.id).limit(limit)
        return self._messages(self._scope.rows(wanted), None)

    def discussion(self, root_id: int, *, limit: int = 200, viewer_id: int | None = None) -> list[Message]:
        rows = self._scope.rows(_DISCUSSION, [{"b_root": root_id, "b_limit": limit}])
        # Where all of it is here, the answers need not be counted by the database.
        answers = sum(row.root_id == root_id and row.deleted_at is None and not row.service for row in rows)
        return self._messages(rows, viewer_id, {root_id: answers} if len(rows) < limit else None)

    def openings(self, room_id: int, *, after: int, limit: int) -> list[int]:
        opened = and_(_M.room_id == room_id, _M.root_id.is_(None), _M.deleted_at.is_(None), _M.id > after)
        return self._scope.values(select(_M.id).where(opened).order_by(_M.id).limit(limit))

    def last_native(self, room_id: int) -> str | None:
        newest = select(_M.native_id).where(_M.room_id == room_id).order_by(_M.at.desc(), _M.id.desc()).limit(1)
        native: str | None = self._scope.value(newest)
        return native

    def _add(self, rows: Sequence[tuple[Room, Member, MessagePosted]], payload: str) -> list[tuple[Message, bool]]:
        wanted: dict[Key, tuple[Room, Member, MessagePosted]] = {}
        for room, member, posted in rows:
            wanted.setdefault((room.id, posted.ref.native_id), (room, member, posted))
        ids = self._insert(wanted, payload)
        arrivals = [_arrival(ids[key], *wanted[key]) for key in wanted if key in ids]
        links = link(self._scope, arrivals) if arrivals else None
        self._scope.topics.update(f"room:{arrival.room_id}" for arrival in arrivals)
        known = self._known([(room.id, posted.ref.native_id) for room, _, posted in rows], ids)
        answers: list[tuple[Message, bool]] = []
        for room, member, posted in rows:
            key = (room.id, posted.ref.native_id)
            new = key not in known
            if new:
                assert links is not None, "it was inserted"
                message_id = ids[key]
                message = _posted(message_id, room, member, posted, payload)
                known[key] = replace(
                    message, root_id=links.roots[message_id], reply_to_id=links.parents.get(message_id)
                )
            else:
                known[key] = self._refresh(known[key], posted)
            answers.append((known[key], new))
        if links is not None:
            joined = set(links.moved.values())
            move_posts(self._scope, links.moved)
            recount_posts(self._scope, joined)
            said = (known[key] for key in ids)
            add_to_posts(self._scope, [_answer(one) for one in said if _counts(one) and one.root_id not in joined])
        return answers

    def _insert(self, wanted: dict[Key, tuple[Room, Member, MessagePosted]], payload: str) -> dict[Key, int]:
        """Ids of those that were new."""
        values = [_values(room, member, posted, payload) for room, member, posted in wanted.values()]
        statement = self._scope.insert(MESSAGES).on_conflict_do_nothing().returning(_M.id, _M.room_id, _M.native_id)
        return {(row.room_id, row.native_id): row.id for row in self._scope.rows(statement, values)}

    def _known(self, keys: Sequence[Key], new: dict[Key, int]) -> dict[Key, Message]:
        """Messages that were there before."""
        natives: dict[int, set[str]] = {}
        for room_id, native_id in keys:
            if (room_id, native_id) not in new:
                natives.setdefault(room_id, set()).add(native_id)
        found: dict[Key, Message] = {}
        for room_id, wanted in natives.items():
            for part in chunks(wanted):
                rows = self._scope.rows(_BY_NATIVES, [{"b_room": room_id, "b_natives": part}])
                for message in self._messages(rows, None):
                    found[room_id, message.ref.native_id] = message
        return found

    def _refresh(self, message: Message, posted: MessagePosted) -> Message:
        """A redelivery that carries a later edit changes the text; any other changes nothing."""
        edited = posted.edited_at
        if edited is None or message.deleted_at is not None or edited <= (message.edited_at or message.at):
            return message
        fresh = replace(message, text=posted.text, edited_at=edited, attachments=posted.attachments, poll=posted.poll)
        if replace(fresh, edited_at=message.edited_at) == message:
            return message
        changes = {
            "text": posted.text,
            "edited_at": edited,
            "attachments": _attachments(posted.attachments),
            "poll": _poll(posted.poll),
            "poll_native": _poll_native(posted.poll),
        }
        self._scope.run(update(MESSAGES).where(_M.id == message.id).values(changes))
        self._scope.topics.add(f"room:{message.room_id}")
        return fresh

    def _reacted(self, message: Record, more: int) -> bool:
        if not more:
            return False
        add_reactions(self._scope, message.root, more)
        self._scope.topics.add(f"room:{message.room_id}")
        return True

    def _head(self, community_id: int, ref: MessageRef) -> Record | None:
        """Id, room and root of a message that is not deleted."""
        rows = self._scope.rows(_HEAD, [_at(community_id, ref)])
        return rows[0] if rows else None

    def _one(self, wanted: Select[Any], values: Mapping[str, Any]) -> Message | None:
        messages = self._messages(self._scope.rows(wanted, [values]), None)
        return messages[0] if messages else None

    def _messages(
        self, rows: Sequence[Record], viewer_id: int | None, replies: Mapping[int, int] | None = None
    ) -> list[Message]:
        """`replies` of each opening message, where they are known."""
        reactions = reactions_of(self._scope, [row.id for row in rows], viewer_id)
        if replies is None:
            replies = self._replies([row.id for row in rows if row.root_id is None])
        return [_message(row, reactions.get(row.id, ()), replies.get(row.id, 0)) for row in rows]

    def _replies(self, roots: Sequence[int]) -> dict[int, int]:
        counted: dict[int, int] = {}
        for part in chunks(roots):
            counted.update((row[0], row[1]) for row in self._scope.rows(_REPLIES, [{"b_roots": part}]))
        return counted


def _counts(message: Message) -> bool:
    """Whether it is an answer that counts as said by somebody."""
    return message.root_id != message.id and not message.service and not message.by_bot


def _answer(message: Message) -> Answer:
    return Answer(message.root_id, message.id, message.member_id, message.at)


def _at(community_id: int, ref: MessageRef) -> dict[str, Any]:
    return {
        "b_community": community_id,
        "b_platform": ref.room.platform,
        "b_room": ref.room.native_id,
        "b_thread": ref.room.thread_id or "",
        "b_native": ref.native_id,
    }


def _arrival(message_id: int, room: Room, _member: Member, posted: MessagePosted) -> Arrival:
    return Arrival(
        id=message_id,
        room_id=room.id,
        native_id=posted.ref.native_id,
        reply_to=posted.reply_to,
        at=posted.at,
        service=posted.service,
        opens_thread=posted.opens_thread,
        threaded=room.kind is RoomKind.THREAD,
    )


def _values(room: Room, member: Member, posted: MessagePosted, payload: str) -> dict[str, Any]:
    return {
        "community_id": room.community_id,
        "room_id": room.id,
        "native_id": posted.ref.native_id,
        "member_id": member.id,
        "text": posted.text,
        "at": posted.at,
        "root_id": None,
        "reply_to_id": None,
        "reply_to_native": posted.reply_to,
        "edited_at": posted.edited_at,
        "deleted_at": None,
        "service": posted.service,
        "by_bot": member.bot,
        "opens_thread": posted.opens_thread,
        "attachments": _attachments(posted.attachments),
        "poll": _poll(posted.poll),
        "poll_native": _poll_native(posted.poll),
        "payload": payload,
    }


def _posted(message_id: int, room: Room, member: Member, posted: MessagePosted, payload: str) -> Message:
    return Message(
        id=message_id,
        room_id=room.id,
        ref=MessageRef(room.ref, posted.ref.native_id),
        member_id=member.id,
        author=member.name,
        text=posted.text,
        at=posted.at,
        root_id=message_id,
        edited_at=posted.edited_at,
        service=posted.service,
        by_bot=member.bot,
        attachments=posted.attachments,
        poll=posted.poll,
        payload=payload,
    )


def _message(row: Record, reactions: Any, replies: int) -> Message:
    poll = row.poll
    return Message(
        id=row.id,
        room_id=row.room_id,
        ref=MessageRef(RoomRef(row.platform, row.room_native, row.thread_id or None), row.native_id),
        member_id=row.member_id,
        author=row.author,
        text=row.text,
        at=row.at,
        root_id=row.root_id or row.id,
        reply_to_id=row.reply_to_id,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        service=row.service,
        by_bot=row.by_bot,
        attachments=tuple(Attachment(name, media) for name, media in row.attachments),
        poll=None
        if poll is None
        else Poll(poll[0], tuple((option, votes) for option, votes in poll[1]), row.poll_native or ""),
        payload=row.payload,
        reactions=reactions,
        replies=replies,
    )


def _attachments(attachments: Sequence[Attachment]) -> list[list[str]]:
    return [[attachment.name, attachment.media] for attachment in attachments]


def _poll(poll: Poll | None) -> list[Any] | None:
    return None if poll is None else [poll.question, [list(option) for option in poll.options]]


def _poll_native(poll: Poll | None) -> str | None:
    return poll.id if poll is not None and poll.id else None
