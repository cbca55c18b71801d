"""Gateway events as Discord sends them, one of every kind that is listened to. Plain JSON; knows no SDK."""

from __future__ import annotations

from typing import Any, Final

from tests.adapters.discord.sockets import APP, BOT, CHANNEL, LIN, _channel, _guild, _member, _message, _user, command
from tests.adapters.discord.sockets import GUILD as GUILD_ID

_POST: Final = "6001"
_THREAD: Final = "310"

READY: Final[dict[str, Any]] = {
    "v": 10,
    "user": _user(BOT, "studyhall", bot=True),
    "guilds": [{"id": GUILD_ID, "unavailable": True}],
    "session_id": "session",
    "resume_gateway_url": "ws://127.0.0.1:1/",
    "application": {"id": APP, "flags": 0},
    "shard": [0, 1],
}
GUILD: Final = _guild()
THREAD: Final[dict[str, Any]] = {
    "id": _THREAD,
    "type": 11,
    "guild_id": GUILD_ID,
    "parent_id": CHANNEL,
    "owner_id": LIN,
    "name": "Borrow checker",
    "last_message_id": None,
    "message_count": 1,
    "member_count": 1,
    "rate_limit_per_user": 0,
    "flags": 0,
    "total_message_sent": 1,
    "thread_metadata": {
        "archived": False,
        "auto_archive_duration": 1440,
        "archive_timestamp": "2026-11-07T10:00:00+00:00",
        "locked": False,
        "create_timestamp": "2026-11-07T10:00:00+00:00",
    },
}


def _said(text: str, number: str = _POST, **more: Any) -> dict[str, Any]:
    message = {**_message(number, {"content": text}), "author": _user(LIN, "lin"), "guild_id": GUILD_ID}
    return message | {"member": {key: value for key, value in _member(LIN, "lin").items() if key != "user"}} | more


def _interaction(kind: int, data: dict[str, Any], number: str, **more: Any) -> dict[str, Any]:
    return {**command("help", "token", number), "type": kind, "data": data} | more


_ALONE: Final = {*_message("1", {})}
"""What a message to the bot alone has."""
_POLL: Final = {
    "question": {"text": "Which?"},
    "answers": [
        {"answer_id": number, "poll_media": {"text": text}} for number, text in enumerate(("tokio", "smol"), 1)
    ],
    "expiry": "2099-01-01T00:00:00+00:00",
    "allow_multiselect": False,
    "layout_type": 1,
    "results": {"is_finalized": False, "answer_counts": [{"id": 1, "count": 2, "me_voted": False}]},
}
_FILE: Final = {
    "id": "1",
    "filename": "main.rs",
    "size": 3,
    "url": "https://cdn.discordapp.com/1/main.rs",
    "proxy_url": "https://media.discordapp.net/1/main.rs",
    "content_type": "text/x-rust",
}
_AT_MESSAGE: Final = {"guild_id": GUILD_ID, "channel_id": CHANNEL, "message_id": _POST}
_REACTED: Final = {**_AT_MESSAGE, "user_id": LIN, "emoji": {"id": None, "name": "👍"}, "burst": False, "type": 0}
_VOTED: Final = {**_AT_MESSAGE, "user_id": LIN, "answer_id": 1}
_REPLY: Final = {"type": 0, "channel_id": CHANNEL, "message_id": "6000", "guild_id": GUILD_ID}
_TEXTS: Final = [
    {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "title", "value": "Rust night"}},
    {"type": 18, "id": 3, "component": {"type": 22, "id": 4, "custom_id": "tags", "values": ["go"]}},
]
_BUTTON: Final = {"type": 2, "id": 2, "style": 1, "label": "Save", "custom_id": "v1:save:abcdefgh"}
_PRESSED: Final = {
    **_said("", "7001"),
    "author": _user(BOT, "studyhall", bot=True),
    "flags": 64,
    "components": [{"type": 1, "id": 1, "components": [_BUTTON]}],
}
_MENU: Final = {
    "id": "901",
    "name": "Ask about this",
    "type": 3,
    "target_id": _POST,
    "resolved": {"messages": {_POST: _said("Why 'static?")}},
}


def _of(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"t": kind, "d": data}


EVENTS: Final[list[dict[str, Any]]] = [
    _of("MESSAGE_CREATE", _said("为什么 tokio::spawn 需要 'static?")),
    _of("MESSAGE_CREATE", _said(f"<@{BOT}> where do I begin?", "6002")),
    _of("MESSAGE_CREATE", _said("main.rs does not compile", "6003", attachments=[_FILE], message_reference=_REPLY)),
    _of("MESSAGE_CREATE", _said("", "6004", poll=_POLL)),
    _of("MESSAGE_CREATE", _said("in a thread", "6005", channel_id=_THREAD)),
    _of("MESSAGE_CREATE", _said("joined", "6006", type=7)),
    _of(
        "MESSAGE_CREATE",
        {key: part for key, part in _said("/学习 rust", "6007", channel_id="999").items() if key in _ALONE},
    ),
    _of("MESSAGE_UPDATE", _said("better", edited_timestamp="2026-11-07T10:31:00+00:00")),
    _of("MESSAGE_UPDATE", _said("", "6004", poll=_POLL)),
    _of("MESSAGE_DELETE", {"id": _POST, "channel_id": CHANNEL, "guild_id": GUILD_ID}),
    _of("MESSAGE_DELETE_BULK", {"ids": [_POST, "6002"], "channel_id": CHANNEL, "guild_id": GUILD_ID}),
    _of("MESSAGE_REACTION_ADD", {**_REACTED, "member": _member(LIN, "lin"), "message_author_id": LIN}),
    _of("MESSAGE_REACTION_ADD", {**_REACTED, "emoji": {"id": "55", "name": "ferris", "animated": False}}),
    _of("MESSAGE_REACTION_REMOVE", _REACTED),
    _of("MESSAGE_REACTION_REMOVE_ALL", _AT_MESSAGE),
    _of("MESSAGE_REACTION_REMOVE_EMOJI", {**_AT_MESSAGE, "emoji": {"id": None, "name": "👍"}}),
    _of("MESSAGE_POLL_VOTE_ADD", _VOTED),
    _of("MESSAGE_POLL_VOTE_REMOVE", _VOTED),
    _of("GUILD_MEMBER_ADD", {**_member("401", "sam"), "guild_id": GUILD_ID}),
    _of("GUILD_MEMBER_REMOVE", {"guild_id": GUILD_ID, "user": _user("401", "sam")}),
    _of("CHANNEL_CREATE", {**_channel(), "id": "301", "name": "rust"}),
    _of("CHANNEL_UPDATE", {**_channel(), "name": "general-2"}),
    _of("CHANNEL_DELETE", {**_channel(), "id": "301", "name": "rust"}),
    _of("GUILD_ROLE_UPDATE", {"guild_id": GUILD_ID, "role": _guild()["roles"][0]}),
    _of("THREAD_CREATE", {**THREAD, "id": "311", "newly_created": True}),
    _of("THREAD_UPDATE", {**THREAD, "name": "Solved"}),
    _of("THREAD_DELETE", {"id": "311", "guild_id": GUILD_ID, "parent_id": CHANNEL, "type": 11}),
    _of(
        "THREAD_MEMBERS_UPDATE",
        {
            "id": _THREAD,
            "guild_id": GUILD_ID,
            "member_count": 1,
            "added_members": [
                {"id": _THREAD, "user_id": LIN, "join_timestamp": "2026-11-07T10:00:00+00:00", "flags": 0}
            ],
            "removed_member_ids": ["401"],
        },
    ),
    _of("INTERACTION_CREATE", command("help", "token", "5001")),
    _of(
        "INTERACTION_CREATE",
        _interaction(
            2,
            {
                "id": "900",
                "name": "learn",
                "type": 1,
                "options": [
                    {"type": 1, "name": "find", "options": [{"type": 3, "name": "query", "value": "异步 rust"}]}
                ],
            },
            "5002",
        ),
    ),
    _of("INTERACTION_CREATE", _interaction(2, _MENU, "5003")),
    _of(
        "INTERACTION_CREATE",
        _interaction(3, {"custom_id": "v1:save:abcdefgh", "component_type": 2}, "5004", message=_PRESSED),
    ),
    _of("INTERACTION_CREATE", _interaction(5, {"custom_id": "v1:fill:abcdefgh#0", "components": _TEXTS}, "5005")),
    _of(
        "INTERACTION_CREATE",
        _interaction(
            4,
            {
                "id": "900",
                "name": "ask",
                "type": 1,
                "options": [{"type": 3, "name": "question", "value": "w", "focused": True}],
            },
            "5006",
        ),
    ),
]
