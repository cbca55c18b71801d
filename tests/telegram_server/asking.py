"""Methods that ask and set: who we are, chats, members, menus, presses, files, the webhook. And the table of all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.telegram_server import sending
from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad, forbidden
from tests.telegram_server.model import IN, World, member_json
from tests.telegram_server.sending import chat_of

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
        "supports_inline_queries": False,
    }


def answer_press(world: World, call: Call) -> bool:
    pressed = world.pressed.get(call.text("callback_query_id"))
    if pressed is None or pressed.answer is not None or world.now() - pressed.at > QUERY_LIVES:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(call.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    url = call.text("url")
    if url and not url.startswith(f"https://t.me/{world.bot['username']}?start="):
        raise bad("URL_INVALID")
    pressed.answer = {"text": call.text("text"), "show_alert": call.flag("show_alert"), "url": url}
    return True


def answer_inline(world: World, call: Call) -> bool:
    results = call.structure("results")
    if not isinstance(results, list):
        raise bad("can't parse inline query results")
    if len(results) > 50:
        raise bad("RESULTS_TOO_MUCH")
    if len({r.get("id") for r in results}) != len(results):
        raise bad("RESULT_ID_DUPLICATE")
    raise bad("query is too old and response timeout expired or query ID is invalid")


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


def get_chat(world: World, call: Call) -> Json:
    chat = chat_of(world, call)
    if chat.owner is None and chat.role(world.bot["id"]) not in IN:
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    accepted = {"unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False}
    gifts = {"accepted_gift_types": accepted | {"gifts_from_channels": False}}
    return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11} | gifts


def get_member(world: World, call: Call) -> Json:
    chat = chat_of(world, call)
    user_id = call.number("user_id")
    person = world.people.get(user_id or 0)
    user = person.user if person else world.bot if user_id == world.bot["id"] else None
    if user is None:
        raise bad("user not found")
    return member_json(user, chat.role(user["id"]))


def administrators(world: World, call: Call) -> list[Json]:
    chat = chat_of(world, call)
    if chat.owner is not None:
        raise bad("there are no administrators in the private chat")
    users = {world.bot["id"]: world.bot} | {p.id: p.user for p in world.people.values()}
    return [
        member_json(users[user_id], status)
        for user_id, status in chat.members.items()
        if status in ("administrator", "creator")
    ]


def get_file(world: World, call: Call) -> Json:
    file_id = call.text("file_id")
    if file_id not in world.files:
        raise bad("invalid file_id")
    path = {"file_path": f"documents/{file_id}"}
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(world.files[file_id])} | path


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
    return {"url": updates.webhook_url, **pending, "allowed_updates": sorted(updates.allowed)}


Method = Callable[[World, Call], Any]
METHODS: dict[str, Method] = {
    name.lower(): method
    for name, method in {
        "getMe": get_me,
        "sendMessage": sending.send_message,
        "sendDocument": sending.send_file("document"),
        "sendPhoto": sending.send_file("photo"),
        "editMessageText": sending.edit_text,
        "editMessageReplyMarkup": sending.edit_markup,
        "deleteMessage": sending.delete,
        "setMessageReaction": sending.react,
        "createForumTopic": sending.topic,
        "leaveChat": sending.leave,
        "sendChatAction": chat_action,
        "answerCallbackQuery": answer_press,
        "answerInlineQuery": answer_inline,
        "setMyCommands": set_commands,
        "getMyCommands": get_commands,
        "deleteMyCommands": delete_commands,
        "getChat": get_chat,
        "getChatMember": get_member,
        "getChatAdministrators": administrators,
        "getFile": get_file,
        "setWebhook": set_webhook,
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": webhook_info,
    }.items()
}
"""By lower-case name: the Bot API does not look at the case of a method's name."""
