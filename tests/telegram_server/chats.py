"""Methods about chats: members and rights, topics, pins, requests to join. Knows who may do what."""

from __future__ import annotations

from typing import Any

from tests.telegram_server import sending
from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad, forbidden
from tests.telegram_server.model import IN, Chat, World, member_json
from tests.telegram_server.sending import chat_of

Json = dict[str, Any]


def get_chat(world: World, call: Call) -> Json:
    chat = chat_of(world, call)
    if chat.owner is None and chat.role(world.bot["id"]) not in IN:
        role = chat.role(world.bot["id"])
        raise forbidden(
            f"bot was kicked from the {chat.type} chat"
            if role == "kicked"
            else f"bot is not a member of the {chat.type} chat"
        )
    accepted = {"unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False}
    gifts = {"accepted_gift_types": accepted | {"gifts_from_channels": False}}
    return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11} | gifts


def get_member(world: World, call: Call) -> Json:
    chat = _inside(world, call)
    user = _user(world, call)
    return _member(world, chat, user)


def _member(world: World, chat: Chat, user: Json) -> Json:
    made = member_json(user, chat.role(user["id"]))
    if user["id"] == world.bot["id"] and made["status"] == "administrator":
        made |= {right: chat.rights.get(right, True) for right in made if right.startswith("can_")}
    return made


def _user(world: World, call: Call) -> Json:
    user_id = call.number("user_id")
    person = world.people.get(user_id or 0)
    user = person.user if person else world.bot if user_id == world.bot["id"] else None
    if user is None:
        raise bad("invalid user_id specified" if user_id is None else "user not found")
    return user


def _inside(world: World, call: Call) -> Chat:
    chat = chat_of(world, call)
    if chat.owner is None and chat.role(world.bot["id"]) not in IN:
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def administrators(world: World, call: Call) -> list[Json]:
    chat = _inside(world, call)
    if chat.owner is not None:
        raise bad("there are no administrators in the private chat")
    users = {world.bot["id"]: world.bot} | {p.id: p.user for p in world.people.values()}
    return [
        _member(world, chat, users[user_id])
        for user_id, status in chat.members.items()
        if status in ("administrator", "creator")
    ]


def member_count(world: World, call: Call) -> int:
    chat = _inside(world, call)
    return 2 if chat.owner is not None else sum(status in IN for status in chat.members.values())


def _ruled(world: World, call: Call, right: str, words: str) -> Chat:
    """A chat where the bot has this right."""
    chat = sending.writable(world, call)
    if chat.owner is not None:
        raise bad("method is available for supergroup and channel chats only")
    if not world.is_admin(chat) or not chat.rights.get(right, True):
        raise bad(words)
    return chat


def _removable(world: World, call: Call) -> tuple[Chat, Json]:
    chat = _ruled(world, call, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    user = _user(world, call)
    if user["id"] == world.bot["id"]:
        raise bad("can't restrict self")
    if chat.role(user["id"]) == "creator":
        raise bad("can't remove chat owner")
    if chat.role(user["id"]) == "administrator":
        raise bad("user is an administrator of the chat")
    return chat, user


def ban(world: World, call: Call) -> bool:
    chat, user = _removable(world, call)
    world.member_changed(chat, user, "kicked", by=world.bot)
    return True


def unban(world: World, call: Call) -> bool:
    """Without `only_if_banned` it removes who is in, too, as the platform does."""
    chat, user = _removable(world, call)
    status = chat.role(user["id"])
    if status != "left" and not (call.flag("only_if_banned") and status != "kicked"):
        world.member_changed(chat, user, "left", by=world.bot)
    return True


def restrict(world: World, call: Call) -> bool:
    chat, user = _removable(world, call)
    if chat.type != "supergroup":
        raise bad("method is available only for supergroups")
    if not isinstance(call.structure("permissions"), dict):
        raise bad("can't parse chat permissions: expected an Object")
    world.member_changed(chat, user, "restricted", by=world.bot)
    return True


def answer_request(*, approve: bool) -> Any:
    def answer(world: World, call: Call) -> bool:
        chat = _ruled(world, call, "can_invite_users", "not enough rights")
        user = _user(world, call)
        if chat.role(user["id"]) in IN:
            raise bad("USER_ALREADY_PARTICIPANT")
        if user["id"] not in chat.requests:
            raise bad("HIDE_REQUESTER_MISSING")
        chat.requests.discard(user["id"])
        if approve:
            world.member_changed(chat, user, "member", by=world.bot)
        return True

    return answer


def leave(world: World, call: Call) -> bool:
    chat = chat_of(world, call)
    if chat.owner is not None:
        raise bad("chat member status can't be changed in private chats")
    if chat.role(world.bot["id"]) not in IN:
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    world.member_changed(chat, world.bot, "left", by=world.bot)
    return True


# Pins


def pin(world: World, call: Call) -> bool:
    chat = _pinning(world, call)
    sent = chat.find(call.number("message_id"))
    if sent is None:
        raise bad("message to pin not found")
    if sent.id in chat.pinned:
        chat.pinned.remove(sent.id)
    chat.pinned.append(sent.id)
    return True


def unpin(world: World, call: Call) -> bool:
    chat = _pinning(world, call)
    number = call.number("message_id", chat.pinned[-1] if chat.pinned else None)
    if number not in chat.pinned:
        raise bad("message to unpin not found")
    chat.pinned.remove(number)
    return True


def _pinning(world: World, call: Call) -> Chat:
    chat = sending.writable(world, call)
    may = world.is_admin(chat) and chat.rights.get("can_pin_messages", True)
    if chat.owner is None and not may:
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat


# Topics


def create_topic(world: World, call: Call) -> Json:
    chat = _forum(world, call, "create a topic")
    name = _named(call)
    return {"message_thread_id": world.topic(chat, name), "name": name, "icon_color": 7322096}


def _named(call: Call) -> str:
    name = call.text("name")
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    return name


def _forum(world: World, call: Call, what: str, *, thread: int | None = None) -> Chat:
    """Whoever made a topic may change it without the right to manage all of them."""
    chat = sending.writable(world, call)
    if not chat.forum:
        raise bad("the chat is not a forum")
    manages = world.is_admin(chat) and chat.rights.get("can_manage_topics", True)
    if not manages and (thread is None or chat.makers.get(thread) != world.bot["id"]):
        raise bad(f"not enough rights to {what}")
    return chat


def _topic(world: World, call: Call, what: str) -> tuple[Chat, int]:
    thread = call.number("message_thread_id")
    chat = _forum(world, call, what, thread=thread)
    if thread is None or thread not in chat.topics:
        raise bad("TOPIC_ID_INVALID")
    return chat, thread


def edit_topic(world: World, call: Call) -> bool:
    chat, thread = _topic(world, call, "edit the topic")
    name = _named(call)
    if chat.topics[thread] == name:
        raise bad("TOPIC_NOT_MODIFIED")
    chat.topics[thread] = name
    world.post(chat, world.bot, thread=thread, extra={"forum_topic_edited": {"name": name}})
    return True


def close_topic(*, again: bool) -> Any:
    def close(world: World, call: Call) -> bool:
        chat, thread = _topic(world, call, "close the topic" if not again else "reopen the topic")
        if (thread in chat.closed) is not again:
            raise bad("TOPIC_NOT_MODIFIED")
        world.close_topic(chat, thread, again=again)
        return True

    return close


def delete_topic(world: World, call: Call) -> bool:
    chat, thread = _topic(world, call, "delete the topic")
    world.drop_topic(chat, thread)
    return True
