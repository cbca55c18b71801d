"""Methods that put messages into chats and change them. Knows every refusal that Telegram documents for them."""

from __future__ import annotations

import re
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad, forbidden, migrated
from tests.telegram_server.markup import checked_entities, finished, parse_html, units
from tests.telegram_server.model import Chat, Sent, World

Json = dict[str, Any]
DELETABLE = 48 * 3600
"""Seconds in which a bot may delete its messages."""
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


def chat_of(world: World, call: Call) -> Chat:
    wanted = call.text("chat_id")
    if not wanted:
        raise bad("chat_id is empty")
    if wanted.startswith("@"):
        found = next((c for c in world.chats.values() if c.username.lower() == wanted[1:].lower()), None)
    else:
        found = world.chats.get(int(wanted)) if re.fullmatch(r"-?\d{1,18}", wanted) else None
    if found is None:
        raise bad("chat not found")
    return found


def writable(world: World, call: Call, what: str = "text messages") -> Chat:
    """The chat, where the bot may write there now."""
    chat = chat_of(world, call)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    if chat.deactivated:
        raise forbidden("the group chat was deleted")
    if chat.owner is not None:
        if chat.owner.deactivated:
            raise forbidden("user is deactivated")
        if chat.owner.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.owner.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat
    match chat.role(world.bot["id"]):
        case "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        case "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        case "restricted":
            raise bad(f"not enough rights to send {what} to the chat")
        case "member" if chat.type == "channel":
            raise bad("need administrator rights in the channel chat")
        case _:
            return chat


def formatted(call: Call, name: str = "text", entities: str = "entities") -> tuple[str, list[Json]]:
    source = call.text(name)
    if any("\ud800" <= char <= "\udfff" for char in source):
        raise bad("strings must be encoded in UTF-8")
    mode = call.text("parse_mode")
    if mode and mode.lower() not in ("html", "markdown", "markdownv2"):
        raise bad("unsupported parse_mode")
    if mode.lower() == "html":
        text, found = parse_html(source)
    elif mode:
        raise bad("this test server reads no Markdown")
    else:
        given = call.structure(entities)
        text, found = source, checked_entities(source, given) if given else []
    return finished(text, found)


def keyboard(call: Call) -> Json | None:
    markup = call.structure("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return markup
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for row in rows:
        for button in row:
            _button(button)
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise bad("REPLY_MARKUP_TOO_LONG")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad('can\'t parse inline keyboard button: field "text" must be of type String')
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: text button must be non-empty")
    kinds = {"url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay"} & button.keys()
    if len(kinds) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not re.fullmatch(r"(https?|tg)://[^\s]+", str(button["url"])):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if button.get("style") not in (None, "primary", "success", "danger"):
        raise bad("can't parse inline keyboard button: invalid button style specified")


def send_message(world: World, call: Call) -> Json:
    chat = writable(world, call)
    text, entities = formatted(call)
    if not text:
        raise bad("message text is empty")
    if units(text) > 4096:
        raise bad("message is too long")
    return put(world, call, chat, text, entities, {})


def put(world: World, call: Call, chat: Chat, text: str, entities: list[Json], extra: Json) -> Json:
    """A new message of the bot's; everything that speaks against it is asked before it counts for the limits."""
    thread = call.number("message_thread_id")
    check_thread(world, chat, thread)
    answered = _answered(call, chat)
    markup = keyboard(call)
    world.rates.take(chat.id, group=chat.is_group)
    sent = Sent(
        next(chat.numbers),
        chat,
        world.bot,
        int(world.now()),
        text,
        entities,
        thread=thread,
        reply_to=answered,
        markup=markup,
        extra=extra,
    )
    chat.messages.append(sent)
    return sent.json()


def check_thread(world: World, chat: Chat, thread: int | None) -> None:
    if thread is None:
        return
    if thread in chat.gone:
        raise bad("TOPIC_DELETED")
    if thread not in chat.topics:
        raise bad("message thread not found")
    if thread in chat.closed and not (world.is_admin(chat) and chat.rights.get("can_manage_topics", True)):
        raise bad("TOPIC_CLOSED")


def _answered(call: Call, chat: Chat) -> Sent | None:
    wanted = call.structure("reply_parameters") or {}
    number = wanted.get("message_id") if isinstance(wanted, dict) else None
    if number is None:
        return None
    found = chat.find(int(number))
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return found


def edit_text(world: World, call: Call) -> Json:
    sent = own(world, call, "edit")
    text, entities = formatted(call)
    if not text:
        raise bad("message text is empty")
    if units(text) > 4096:
        raise bad("MESSAGE_TOO_LONG")
    if sent.has_file or "poll" in sent.extra or not sent.text:
        raise bad("there is no text in the message to edit")
    return changed(world, sent, text, entities, keyboard(call))


def edit_markup(world: World, call: Call) -> Json:
    sent = own(world, call, "edit")
    return changed(world, sent, sent.text, sent.entities, keyboard(call))


def changed(
    world: World, sent: Sent, text: str, entities: list[Json], markup: Json | None, extra: Json | None = None
) -> Json:
    extra = sent.extra if extra is None else extra
    if (text, entities, markup, extra) == (sent.text, sent.entities, sent.markup, sent.extra):
        raise bad(NOT_MODIFIED)
    world.rates.take(sent.chat.id, group=sent.chat.is_group)
    sent.text, sent.entities, sent.markup, sent.extra = text, entities, markup, extra
    sent.edit_date = int(world.now())
    return sent.json()


def own(world: World, call: Call, what: str) -> Sent:
    """A message of the bot's own that may still be changed."""
    if call.text("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad(f"message to {what} not found")
    if sent.by["id"] != world.bot["id"] or sent.extra.get("via_bot"):
        raise bad(f"message can't be {what}ed")
    if sent.thread is not None:
        check_thread(world, chat, sent.thread)
    return sent


def delete(world: World, call: Call) -> bool:
    """Its own within two days, anybody's where it may delete messages."""
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad("message to delete not found")
    mine = sent.by["id"] == world.bot["id"]
    may = world.is_admin(chat) and chat.rights.get("can_delete_messages", True)
    old = world.now() - sent.date > DELETABLE
    if chat.owner is not None and old:
        raise bad("message can't be deleted for everyone")
    if not may and (not mine or old):
        raise bad("message can't be deleted")
    chat.messages.remove(sent)
    return True


def react(world: World, call: Call) -> bool:
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad("message to react not found")
    wanted = call.structure("reaction") or []
    if len(wanted) > 1:
        raise bad("REACTIONS_TOO_MANY")
    sent.reactions[world.bot["id"]] = wanted
    return True


def send_poll(world: World, call: Call) -> Json:
    chat = writable(world, call, "polls")
    options = call.structure("options")
    if not isinstance(options, list):
        raise bad("can't parse options JSON object")
    texts = [str(each.get("text", "")) if isinstance(each, dict) else str(each) for each in options]
    given = call.given.get("is_anonymous")
    poll = world.new_poll(
        call.text("question"),
        texts,
        by=world.bot["id"],
        anonymous=given is None or call.flag("is_anonymous"),
        several=call.flag("allows_multiple_answers"),
    )
    return put(world, call, chat, "", [], {"poll": poll})


def stop_poll(world: World, call: Call) -> Json:
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad("message with poll to stop not found")
    if "poll" not in sent.extra or sent.by["id"] != world.bot["id"]:
        raise bad("poll can't be stopped")
    if sent.extra["poll"].closed:
        raise bad("poll has already been closed")
    world.end_poll(sent)
    found: Json = sent.extra["poll"].json()
    return found
