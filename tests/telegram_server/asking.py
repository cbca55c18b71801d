"""Methods that ask and set: who we are, menus, presses, the webhook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.telegram_server import sending
from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad
from tests.telegram_server.inline import START
from tests.telegram_server.model import World

Json = dict[str, Any]
QUERY_LIVES = 15.0
"""Seconds in which a press can be answered."""
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = {
    *("default", "all_private_chats", "all_group_chats", "all_chat_administrators"),
    *("chat", "chat_administrators", "chat_member"),
}
_ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}


def get_me(world: World, _: Call) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": world.inline,
    }


def answer_press(world: World, call: Call) -> bool:
    pressed = world.pressed.get(call.text("callback_query_id"))
    if pressed is None or pressed.answer is not None or world.now() - pressed.at > QUERY_LIVES:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(call.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    url = call.text("url")
    start = f"https://t.me/{world.bot['username']}?start="
    if url and not (url.startswith(start) and START.fullmatch(url.removeprefix(start))):
        raise bad("URL_INVALID")
    pressed.answer = {"text": call.text("text"), "show_alert": call.flag("show_alert"), "url": url}
    return True


def chat_action(world: World, call: Call) -> bool:
    chat = sending.writable(world, call)
    if call.text("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    world.actions.append((chat.id, call.text("action")))
    return True


def _scope(call: Call) -> tuple[str, str]:
    scope = call.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    language = call.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("LANG_CODE_INVALID")
    return f"{scope['type']}{scope.get('chat_id', '')}", language


def set_commands(world: World, call: Call) -> bool:
    commands = call.structure("commands")
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        if not _COMMAND.fullmatch(str(each.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(each.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(call)] = commands
    return True


def get_commands(world: World, call: Call) -> list[Json]:
    return world.commands.get(_scope(call), [])


def delete_commands(world: World, call: Call) -> bool:
    world.commands.pop(_scope(call), None)
    return True


def set_webhook(world: World, call: Call) -> bool:
    url, secret = call.text("url"), call.text("secret_token")
    # Telegram demands https; loopback is what a local Bot API server allows.
    if url and urlsplit(url).scheme != "https" and urlsplit(url).hostname != "127.0.0.1":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad("secret token contains unallowed characters")
    updates = world.updates
    updates.allow(call.structure("allowed_updates"))
    updates.webhook_url, updates.secret = url, secret
    if url:
        updates.end_poll("terminated by setWebhook request")
    if call.flag("drop_pending_updates"):
        updates.waiting.clear()
    world.wake()
    return True


def delete_webhook(world: World, call: Call) -> bool:
    world.updates.webhook_url = world.updates.secret = ""
    if call.flag("drop_pending_updates"):
        world.updates.waiting.clear()
    return True


def webhook_info(world: World, _: Call) -> Json:
    updates = world.updates
    pending = {"has_custom_certificate": False, "pending_update_count": len(updates.waiting)}
    failed = {"last_error_date": updates.failed[0], "last_error_message": updates.failed[1]} if updates.failed else {}
    return {"url": updates.webhook_url, **pending, "allowed_updates": sorted(updates.allowed)} | failed
