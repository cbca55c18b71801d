"""What a member may see, read in one snapshot and made ready for the templates. Knows visibility; knows no HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from adapters.web import codec
from adapters.web.capabilities import MAX_KNOWN, PAGE, PLATFORM
from adapters.web.markup import text_html
from adapters.web.problems import Problem, not_found
from adapters.web.render import Surroundings, message_links, render
from adapters.web.views import (
    AVATARS,
    PANEL,
    STREAM,
    Answered,
    Candidate,
    Changes,
    Known,
    MessageView,
    RoomLink,
    RoomPage,
    Shell,
    initials,
)
from adapters.web.writes import writable
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Outgoing
from bot.domain.people import Community, Member
from bot.domain.permissions import PUBLIC, Viewer, visible
from bot.domain.refs import MessageRef
from bot.domain.rooms import Message, Room
from bot.domain.text import clip, language_of
from bot.ports import KeptFile, Store, UnitOfWork
from bot.usecases.signin import account_here, may_sign_in, web_account
from bot.wording import choose

_PREVIEW: Final = 90
_CONTEXT: Final = 25


@dataclass(frozen=True, slots=True)
class Reads:
    """`preferred` is the language chosen in this browser; without it the member's own, then the community's."""

    store: Store
    community_id: int

    def door(self) -> tuple[Community, tuple[Candidate, ...]]:
        """Whom anybody may come in as."""
        with self.store.read() as uow:
            community = self._community(uow)
            found = [member for member in uow.members.all(community.id) if self._open_to_all(uow, community, member)]
        found.sort(key=lambda member: (member.sample, member.name.casefold()))
        return community, tuple(_candidate(member, community) for member in found)

    def shell(self, member_id: int, preferred: str | None = None) -> Shell:
        """Raises Problem 401 for a member who is no more."""
        with self.store.read() as uow:
            return self._shell(uow, member_id, None, preferred)

    def room(
        self,
        member_id: int,
        room_id: int,
        now: datetime,
        *,
        around: int | None = None,
        root: int | None = None,
        preferred: str | None = None,
    ) -> RoomPage:
        """The newest messages, or those `around` one; with the discussion that `root` opened."""
        with self.store.read() as uow:
            shell = self._shell(uow, member_id, room_id, preferred)
            room = self._room(uow, shell, room_id)
            target = self._message(uow, room, around) if around is not None else None
            if target is not None:
                page, older, newer = self._around(uow, room, target, shell.member.id)
            else:
                page = uow.messages.page(room.id, limit=PAGE + 1, viewer_id=shell.member.id)
                older, newer, page = len(page) > PAGE, False, page[-PAGE:]
            thread: tuple[MessageView, ...] = ()
            if root is not None:
                if self._message(uow, room, root) is None:
                    raise not_found()
                thread = self._views(uow, shell, room, uow.messages.discussion(root, viewer_id=shell.member.id), PANEL)
            return RoomPage(
                shell=shell,
                room=room,
                direct=room.kind is RoomKind.DIRECT,
                private=room.kind is not RoomKind.DIRECT and room.audience != PUBLIC,
                writable=writable(room),
                messages=self._views(uow, shell, room, page),
                older=older,
                newer=newer,
                today=now.astimezone(ZoneInfo(shell.member.timezone)).date(),
                thread=thread,
                target=target.id if target is not None else None,
            )

    def older(
        self, member_id: int, room_id: int, before: int, preferred: str | None
    ) -> tuple[Shell, tuple[MessageView, ...], bool]:
        with self.store.read() as uow:
            shell = self._shell(uow, member_id, room_id, preferred)
            room = self._room(uow, shell, room_id)
            page = uow.messages.page(room.id, before=before, limit=PAGE + 1, viewer_id=shell.member.id)
            return shell, self._views(uow, shell, room, page[-PAGE:]), len(page) > PAGE

    def changes(self, member_id: int, room_id: int, known: Known, preferred: str | None) -> tuple[Shell, Changes]:
        """New messages are those after the oldest known one."""
        with self.store.read() as uow:
            shell = self._shell(uow, member_id, room_id, preferred)
            room = self._room(uow, shell, room_id)
            if known.root is not None:
                if self._message(uow, room, known.root) is None:
                    raise not_found()
                page = uow.messages.discussion(known.root, viewer_id=shell.member.id)
            else:
                page = self._since_known(uow, room, known, shell.member.id)
            views = self._views(uow, shell, room, page, STREAM if known.root is None else PANEL)
        fresh = tuple(view for view in views if known.stamps.get(view.id) != view.stamp)
        return shell, Changes(fresh, tuple(view.id for view in views))

    def message(
        self, member_id: int, room_id: int, message_id: int, preferred: str | None
    ) -> tuple[Shell, MessageView]:
        with self.store.read() as uow:
            shell = self._shell(uow, member_id, room_id, preferred)
            room = self._room(uow, shell, room_id)
            message = self._message(uow, room, message_id)
            if message is None:
                raise not_found()
            return shell, self._views(uow, shell, room, [message])[0]

    def file(self, member_id: int, key: str) -> KeptFile:
        """Somebody's own, or one that belongs to nobody alone. Raises Problem 404 for all others alike."""
        with self.store.read() as uow:
            kept = uow.files.get(self.community_id, key)
        if kept is None or kept.member_id not in (None, member_id):
            raise not_found()
        return kept

    def _around(self, uow: UnitOfWork, room: Room, target: Message, member_id: int) -> tuple[list[Message], bool, bool]:
        """A page with `target` in its middle; whether there is more before and after it."""
        arrived = uow.messages.since(room.id, target.id, limit=2 * _CONTEXT)
        later = [one for one in arrived if (one.at, one.id) > (target.at, target.id)]
        newer = len(later) > _CONTEXT
        border = later[_CONTEXT].id if newer else None
        limit = 2 * _CONTEXT + 2
        page = uow.messages.page(room.id, before=border, limit=limit, viewer_id=member_id)
        if all(one.id != target.id for one in page):
            # What was imported later than it was said: show what was said before it, up to here.
            page = [*uow.messages.page(room.id, before=target.id, limit=limit - 1, viewer_id=member_id), target]
            newer = True
        return page[1 - limit :], len(page) == limit, newer

    def _since_known(self, uow: UnitOfWork, room: Room, known: Known, member_id: int) -> list[Message]:
        size = len(known.stamps)
        if known.last is not None:
            after = uow.messages.since(room.id, known.last, limit=1)
            border = after[0].id if after else None
            page = uow.messages.page(room.id, before=border, limit=max(size, 1), viewer_id=member_id)
            return [one for one in page if one.id in known.stamps]
        page = uow.messages.page(room.id, limit=min(size + PAGE, MAX_KNOWN), viewer_id=member_id)
        if not size:
            return page
        # Order of ids is not order of time after an import: everything from the first known row on counts.
        first = next((at for at, message in enumerate(page) if message.id in known.stamps), len(page) - PAGE)
        return page[max(first, 0) :]

    def _open_to_all(self, uow: UnitOfWork, community: Community, member: Member) -> bool:
        if member.sample or not community.sample:
            return may_sign_in(community, member, has_account=False)
        return may_sign_in(community, member, has_account=account_here(uow, member.id) is not None)

    def _community(self, uow: UnitOfWork) -> Community:
        community = uow.communities.get(self.community_id)
        if community is None:
            raise Problem(503, "web-error-unavailable")
        return community

    def _shell(self, uow: UnitOfWork, member_id: int, current: int | None, preferred: str | None) -> Shell:
        community, member = self._community(uow), uow.members.get(member_id)
        if member is None or member.community_id != community.id:
            raise Problem(401, "web-error-signed-out")
        viewer = uow.rooms.viewer(member)
        rooms = [room for room in uow.rooms.all(community.id) if visible(viewer, room.audience)]
        mine = [room for room in rooms if room.kind is RoomKind.DIRECT and room.ref.platform == PLATFORM]
        return Shell(
            community=community,
            member=member,
            viewer=viewer,
            direct_id=mine[0].id if mine else 0,
            groups=_groups(rooms, current),
            topics=frozenset(f"room:{room.id}" for room in rooms),
            wording=choose(preferred, member.language, community.language),
            account=account_here(uow, member.id) or web_account(member.id),
            accounts=tuple(uow.members.identities(member.id)),
        )

    def _room(self, uow: UnitOfWork, shell: Shell, room_id: int) -> Room:
        room = uow.rooms.get(room_id)
        if room is None or room.community_id != self.community_id or not visible(shell.viewer, room.audience):
            raise not_found()
        return room

    def _message(self, uow: UnitOfWork, room: Room, message_id: int) -> Message | None:
        message = uow.messages.get(message_id)
        return message if message is not None and message.room_id == room.id else None

    def _views(
        self, uow: UnitOfWork, shell: Shell, room: Room, page: Sequence[Message], prefix: str = STREAM
    ) -> tuple[MessageView, ...]:
        by_id = {message.id: message for message in page}
        outgoing = {message.id: _outgoing(message) for message in page if message.payload}
        paths = self._paths(uow, shell.viewer, (one for one in outgoing.values() if one is not None))
        zone = ZoneInfo(shell.member.timezone)
        can_write = writable(room)
        views = []
        for message in page:
            answered = self._answered(uow, message, by_id)
            ours = outgoing.get(message.id)
            form = f"act-{prefix}{message.id}"
            if ours is None:
                html = text_html(message.text)
            else:
                local = partial(choose(ours.language).moment, timezone=shell.member.timezone)
                html = render(ours, Surroundings(paths.get, form, local))
            views.append(_view(message, shell, zone, html, ours, answered, prefix, can_write=can_write))
        return tuple(views)

    def _paths(self, uow: UnitOfWork, viewer: Viewer, messages: Iterable[Outgoing]) -> dict[MessageRef, str]:
        paths: dict[MessageRef, str] = {}
        for ref in {ref for message in messages for ref in message_links(message)}:
            found = uow.messages.by_ref(self.community_id, ref)
            room = uow.rooms.get(found.room_id) if found is not None else None
            if found is not None and room is not None and found.deleted_at is None and visible(viewer, room.audience):
                paths[ref] = f"/rooms/{room.id}?m={found.id}"
        return paths

    def _answered(self, uow: UnitOfWork, message: Message, by_id: dict[int, Message]) -> Answered | None:
        if message.reply_to_id is None:
            return None
        other = by_id.get(message.reply_to_id) or uow.messages.get(message.reply_to_id)
        if other is None or other.room_id != message.room_id:
            return None
        return Answered(other.id, other.author, clip(" ".join(other.text.split()), _PREVIEW))


def _outgoing(message: Message) -> Outgoing | None:
    if not message.by_bot or message.deleted_at is not None:
        return None
    try:
        return codec.loads(message.payload)
    except ValueError:  # written by a later version: its text is there
        return None


def _view(
    message: Message,
    shell: Shell,
    zone: ZoneInfo,
    html: Markup,
    ours: Outgoing | None,
    answered: Answered | None,
    prefix: str,
    *,
    can_write: bool,
) -> MessageView:
    view = MessageView(
        id=message.id,
        native=message.ref.native_id,
        room_id=message.room_id,
        root_id=message.root_id,
        author=message.author,
        author_id=message.member_id,
        avatar=message.member_id % AVATARS,
        initials=initials(message.author),
        html=html,
        text=message.text,
        at=message.at,
        local=message.at.astimezone(zone),
        language=ours.language if ours is not None else language_of(message.text, default=shell.community.language),
        answered=answered,
        reactions=message.reactions,
        replies=message.replies,
        attachments=message.attachments,
        poll=message.poll,
        mine=message.member_id == shell.member.id,
        by_bot=message.by_bot,
        edited=message.edited_at is not None and not message.by_bot,
        deleted=message.deleted_at is not None,
        service=message.service,
        writable=can_write,
        stamp="",
        prefix=prefix,
    )
    seen = (shell.wording.language, *(getattr(view, name) for name in view.__slots__))
    return replace(view, stamp=hashlib.sha256(repr(seen).encode(errors="replace")).hexdigest()[:12])


def _groups(rooms: Sequence[Room], current: int | None) -> tuple[tuple[str, tuple[RoomLink, ...]], ...]:
    """Channels by group in the order of the store; the threads of the room that is open come after it."""
    here = next((room for room in rooms if room.id == current), None)
    opened = {current, here.parent_id if here else None}
    groups: dict[str, list[RoomLink]] = {}
    for room in rooms:
        if room.kind is not RoomKind.CHANNEL:
            continue
        links = groups.setdefault(room.group, [])
        links.append(_link(room, current))
        if room.id in opened:
            inner = (one for one in rooms if one.parent_id == room.id and one.kind is RoomKind.THREAD)
            links.extend(_link(one, current, nested=True) for one in inner)
    return tuple((name, tuple(links)) for name, links in groups.items())


def _link(room: Room, current: int | None, *, nested: bool = False) -> RoomLink:
    return RoomLink(room.id, room.name, room.audience != PUBLIC, room.id == current, not writable(room), nested)


def _candidate(member: Member, community: Community) -> Candidate:
    hints = member.profile.topics[:4]
    language = member.language or community.language
    return Candidate(member.id, member.name, initials(member.name), member.id % AVATARS, language, hints)
