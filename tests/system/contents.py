"""What a home holds, told without row ids, so that two homes with the same past compare equal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.domain.interactions import Interaction
from bot.domain.items import Kind, Post, kind_of, native_of
from bot.domain.rooms import Message
from bot.ports import UnitOfWork
from storage import SqlStore, open_store
from storage.checks import database_checks

EVERYTHING = 10**6


def address(home: Path) -> str:
    return f"sqlite:///{home / 'studyhall.db'}"


def unsound(home: Path) -> list[str]:
    """What the database's own checks find wrong: integrity, references, revision, settings."""
    store = open_store(address(home))
    try:
        return [f"{check.name}: {check.found}" for check in database_checks(store) if not check.ok]
    finally:
        store.close()


def contents(home: Path) -> dict[str, Any]:
    """Members, rooms, messages, posts, courses and interactions, each keyed by what the outside calls them."""
    store = open_store(address(home))
    try:
        return _contents(store)
    finally:
        store.close()


def _contents(store: SqlStore) -> dict[str, Any]:
    with store.read() as uow:
        (community,) = uow.communities.all()
        members = uow.members.all(community.id, include_bots=True)
        accounts = {one.id: sorted(each.account.key for each in uow.members.identities(one.id)) for one in members}
        rooms = uow.rooms.all(community.id)
        messages = [message for room in rooms for message in uow.messages.page(room.id, limit=EVERYTHING)]
        keys = {message.id: _key(message) for message in messages}
        posts = uow.posts.all(community.id, limit=EVERYTHING)
        roots = {post.id: f"{post.root.room}/{post.root.native_id}" for post in posts}
        told: dict[str, Any] = {
            "stats": uow.stats(community.id),
            "members": sorted((accounts[one.id], one.name, one.bot) for one in members),
            "rooms": sorted((str(room.ref), room.name, room.kind.value, room.topic, room.group) for room in rooms),
            "messages": sorted((_message(one, keys, accounts) for one in messages), key=lambda told: str(told["key"])),
            "posts": sorted((_post(post, roots) for post in posts), key=lambda told: str(told["root"])),
            "courses": sorted((asdict(course) for course in uow.courses.all(community.id)), key=lambda c: c["id"]),
            "interactions": sorted(
                (accounts[one.id], *_interaction(found, roots, keys))
                for one in members
                for found in uow.interactions.of_member(one.id, limit=EVERYTHING)
            ),
            "waiting": _waiting(uow, community.id),
        }
        assert len(told["messages"]) == told["stats"]["messages"], "every message is told, once"
        assert len(told["interactions"]) == told["stats"]["interactions"]
        return told


def _waiting(uow: UnitOfWork, community_id: int) -> list[str]:
    pending = uow.items.pending(community_id, "hashing", limit=EVERYTHING)
    return sorted(f"{kind_of(one.item)}: {one.title}: {one.text_hash}" for one in pending)


def _key(message: Message) -> str:
    return f"{message.ref.room}/{message.ref.native_id}"


def _message(message: Message, keys: dict[int, str], accounts: dict[int, list[str]]) -> dict[str, Any]:
    told = asdict(message)
    for row_id in ("id", "room_id", "ref", "member_id"):
        del told[row_id]
    told["root_id"] = keys[message.root_id]
    told["reply_to_id"] = keys[message.reply_to_id] if message.reply_to_id is not None else None
    told["reactions"] = sorted((one.emoji, one.count) for one in message.reactions)
    return told | {"key": keys[message.id], "accounts": accounts[message.member_id]}


def _post(post: Post, roots: dict[int, str]) -> dict[str, Any]:
    told = asdict(post)
    for row_id in ("id", "room_id", "author_id"):
        told.pop(row_id, None)
    return told | {"root": roots[post.id]}


def _interaction(found: Interaction, roots: dict[int, str], keys: dict[int, str]) -> tuple[str, ...]:
    item = str(found.item)
    if kind_of(found.item) is Kind.POST:
        item = f"post of {roots[int(native_of(found.item))]}"
    kind, _, native = found.key.partition(":")
    key = f"said {keys[int(native)]}" if kind == "said" else found.key
    return item, found.signal.value, found.at.isoformat(), repr(found.value), key
