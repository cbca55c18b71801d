"""Every answer and every update of the test server is what the SDK's own classes read, with nothing left over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    Chat,
    ChatFullInfo,
    ChatMember,
    File,
    ForumTopic,
    Message,
    Poll,
    TelegramObject,
    Update,
    User,
    WebhookInfo,
)

from tests.telegram_server import TelegramServer
from tests.telegram_server.methods import METHODS
from tests.telegram_server.scenario import ARTICLE, PNG, everything
from tests.telegram_server.updates import KINDS

OFFLINE = cast("Bot", None)
ANSWERS: dict[str, type[TelegramObject] | type[int] | type[bool]] = {
    "getMe": User,
    "sendMessage": Message,
    "sendDocument": Message,
    "sendPhoto": Message,
    "sendPoll": Message,
    "stopPoll": Poll,
    "editMessageText": Message,
    "editMessageCaption": Message,
    "editMessageMedia": Message,
    "editMessageReplyMarkup": Message,
    "createForumTopic": ForumTopic,
    "getMyCommands": BotCommand,
    "getChat": ChatFullInfo,
    "getChatMember": ChatMember,
    "getChatMemberCount": int,
    "getChatAdministrators": ChatMember,
    "getFile": File,
    "getWebhookInfo": WebhookInfo,
}


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


def leftovers(value: object, path: str = "") -> list[str]:
    """Fields that the SDK does not know, anywhere in what it has read."""
    found: list[str] = []
    if isinstance(value, TelegramObject):
        found += [f"{path}.{key}" for key in value.api_kwargs]
        for name in value.to_dict(recursive=False):
            found += leftovers(getattr(value, "from_user" if name == "from" else name, None), f"{path}.{name}")
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for each in value:
            found += leftovers(each, path)
    return found


class Calls:
    """Calls of which every answer is read as what it must be."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self.made: set[str] = set()

    def __call__(self, method: str, files: dict[str, Any] | None = None, **values: Any) -> Any:
        address = f"{self.server.base_url}{self.server.token}/{method}"
        data = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        body = httpx.post(address, data=data, files=files, timeout=20, trust_env=False).json()
        assert body["ok"], (method, body)
        self.made.add(method.lower())
        result = body["result"]
        expected = ANSWERS.get(method, bool)
        for one in result if isinstance(result, list) else [result]:
            if issubclass(expected, TelegramObject):
                read = expected.de_json(one, OFFLINE)
                assert leftovers(read) == [], method
            else:
                assert type(one) is expected, method
        return result


def test_every_answer(server: TelegramServer) -> None:
    call, world = Calls(server), server.world
    hall = world.group("Hall", forum=True, bot="administrator", username="hall")
    ann, ben, owner = world.person("Ann"), world.person("Ben", username="ben"), world.person("Owner")
    ann.sends(None, "/start")
    world.promote(hall, owner, "creator")
    ann.joins(hall)
    call("getMe")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go", "style": "primary"}]]}
    text = '<b>x</b> <a href="https://a.example/">y</a> <tg-time unix="1794047400" format="wDt">z</tg-time>'
    sent = call("sendMessage", chat_id=ann.id, text=text, parse_mode="HTML", reply_markup=keys)
    at = {"chat_id": ann.id, "message_id": sent["message_id"]}
    call("editMessageText", **at, text="<i>other</i>", parse_mode="HTML")
    call("editMessageReplyMarkup", **at, reply_markup=keys)
    call("setMessageReaction", **at, reaction=[{"type": "emoji", "emoji": "👍"}])
    call("pinChatMessage", **at)
    call("unpinChatMessage", **at)
    photo = call("sendPhoto", {"photo": ("p.png", PNG)}, chat_id=ann.id, caption="<b>p</b>", parse_mode="HTML")
    document = call("sendDocument", {"document": ("d.csv", b"a,b\n")}, chat_id=ann.id)
    call("editMessageCaption", chat_id=ann.id, message_id=document["message_id"], caption="said")
    media = {"type": "photo", "media": "attach://new", "caption": "later"}
    call("editMessageMedia", {"new": ("q.png", PNG)}, chat_id=ann.id, message_id=photo["message_id"], media=media)
    call("getFile", file_id=photo["photo"][0]["file_id"])
    poll = call("sendPoll", chat_id=ann.id, question="When?", options=[{"text": "Mon"}, {"text": "Tue"}])
    call("stopPoll", chat_id=ann.id, message_id=poll["message_id"])
    call("deleteMessage", **at)
    thread = {
        "chat_id": hall.id,
        "message_thread_id": call("createForumTopic", chat_id=hall.id, name="Async")["message_thread_id"],
    }
    call("sendMessage", **thread, text="in the topic")
    call("editForumTopic", **thread, name="Async Rust")
    call("closeForumTopic", **thread)
    call("reopenForumTopic", **thread)
    call("deleteForumTopic", **thread)
    call("sendChatAction", chat_id=hall.id, action="typing")
    for user in (ann, owner):
        call("getChatMember", chat_id=hall.id, user_id=user.id)
    for chat in (ann.id, "@hall"):
        call("getChat", chat_id=chat)
    call("getChatMemberCount", chat_id=hall.id)
    call("getChatAdministrators", chat_id=hall.id)
    call("restrictChatMember", chat_id=hall.id, user_id=ann.id, permissions={})
    call("getChatMember", chat_id=hall.id, user_id=ann.id)
    call("banChatMember", chat_id=hall.id, user_id=ann.id)
    call("getChatMember", chat_id=hall.id, user_id=ann.id)
    call("unbanChatMember", chat_id=hall.id, user_id=ann.id)
    for method in ("approveChatJoinRequest", "declineChatJoinRequest"):
        ben.asks_to_join(hall)
        hall.members.pop(ben.id, None)
        call(method, chat_id=hall.id, user_id=ben.id)
        hall.members.pop(ben.id, None)
    call("setMyCommands", commands=[{"command": "ask", "description": "Ask"}])
    call("getMyCommands")
    call("deleteMyCommands")
    call("sendMessage", chat_id=ann.id, text="x", reply_markup=keys)
    call("answerCallbackQuery", callback_query_id=ann.presses(ann.inbox[-1], "go").id, text="Saved")
    call("answerInlineQuery", inline_query_id=ann.searches("rust").id, results=[ARTICLE])
    call("setWebhook", url="http://127.0.0.1:9/x", secret_token="s")
    call("getWebhookInfo")
    call("deleteWebhook")
    call("leaveChat", chat_id=hall.id)
    assert call.made == METHODS.keys()


def test_every_update(server: TelegramServer) -> None:
    address = f"{server.base_url}{server.token}/getUpdates"
    httpx.post(address, json={"allowed_updates": sorted(KINDS)}, trust_env=False)
    everything(server.world)
    raw = httpx.post(address, json={"allowed_updates": sorted(KINDS)}, trust_env=False).json()["result"]
    for update in raw:
        read = Update.de_json(update, OFFLINE)
        assert leftovers(read) == [], update
    told = {key for update in raw for key in update} - {"update_id"}
    assert told == {
        *(
            "message",
            "edited_message",
            "channel_post",
            "inline_query",
            "chosen_inline_result",
            "callback_query",
            "poll",
        ),
        *("poll_answer", "my_chat_member", "chat_member", "chat_join_request", "message_reaction"),
        "message_reaction_count",
    }
    assert isinstance(Update.de_json(raw[0], OFFLINE).effective_chat, Chat)
