"""Methods that put messages into chats and change them. Knows every refusal that Telegram documents for them."""

from __future__ import annotations

import re
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad, forbidden, migrated
from tests.telegram_server.markup import checked_entities, finished, parse_html, units
from tests.telegram_server.model import IN, Chat, Sent, World

Json = dict[str, Any]
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


def writable(world: World, call: Call) -> Chat:
    """The chat, where the bot may write there now."""
    chat = chat_of(world, call)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
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
            raise bad("not enough rights to send text messages to the chat")
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
    return _put(world, call, chat, text, entities, {})


def send_file(kind: str) -> Any:
    def send(world: World, call: Call) -> Json:
        chat = writable(world, call)
        text, entities = formatted(call, "caption", "caption_entities")
        if units(text) > 1024:
            raise bad("message caption is too long")
        given = call.text(kind)
        attached = given.removeprefix("attach://") if given.startswith("attach://") else kind
        if attached in call.files:
            name, content = call.files[attached]
            file_id = f"file{len(world.files) + 1}"
            world.files[file_id] = content
        elif given in world.files:
            name, content, file_id = given, world.files[given], given
        else:
            raise bad(f"there is no {kind} in the request" if not given else "wrong file identifier/HTTP URL specified")
        if not content:
            raise bad("file must be non-empty")
        about: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}
        if kind == "photo":
            return _put(world, call, chat, text, entities, {"photo": [about | {"width": 90, "height": 90}]})
        return _put(world, call, chat, text, entities, {"document": about | {"file_name": name}})

    return send


def _put(world: World, call: Call, chat: Chat, text: str, entities: list[Json], extra: Json) -> Json:
    thread = call.number("message_thread_id")
    if thread is not None and thread not in chat.topics:
        raise bad("message thread not found")
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
    sent = _own(world, call, "edit")
    text, entities = formatted(call)
    if not text:
        raise bad("message text is empty")
    if units(text) > 4096:
        raise bad("MESSAGE_TOO_LONG")
    if not sent.text and "photo" not in sent.extra:
        raise bad("there is no text in the message to edit")
    return _changed(world, sent, text, entities, keyboard(call))


def edit_markup(world: World, call: Call) -> Json:
    sent = _own(world, call, "edit")
    return _changed(world, sent, sent.text, sent.entities, keyboard(call))


def _changed(world: World, sent: Sent, text: str, entities: list[Json], markup: Json | None) -> Json:
    if (text, entities, markup) == (sent.text, sent.entities, sent.markup):
        raise bad(NOT_MODIFIED)
    world.rates.take(sent.chat.id, group=sent.chat.is_group)
    sent.text, sent.entities, sent.markup = text, entities, markup
    sent.edit_date = int(world.now())
    return sent.json()


def delete(world: World, call: Call) -> bool:
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad("message to delete not found")
    if sent.by["id"] != world.bot["id"] and not world.is_admin(chat):
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


def topic(world: World, call: Call) -> Json:
    chat = writable(world, call)
    name = call.text("name")
    if not chat.forum:
        raise bad("the chat is not a forum")
    if not world.is_admin(chat):
        raise bad("not enough rights to create a topic")
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    return {"message_thread_id": world.topic(chat, name), "name": name, "icon_color": 7322096}


def _own(world: World, call: Call, what: str) -> Sent:
    chat = writable(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad(f"message to {what} not found")
    if sent.by["id"] != world.bot["id"]:
        raise bad(f"message can't be {what}ed")
    return sent


def leave(world: World, call: Call) -> bool:
    chat = chat_of(world, call)
    if chat.owner is not None:
        raise bad("chat member status can't be changed in private chats")
    if chat.role(world.bot["id"]) not in IN:
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    chat.members[world.bot["id"]] = "left"
    return True
