"""The test server itself: strict where Telegram is. Spoken to without the SDK, as any client would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.telegram_server import Rates, TelegramServer
from tests.telegram_server.errors import ApiError
from tests.telegram_server.markup import parse_html


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


def call(server: TelegramServer, method: str, token: str = "", **values: Any) -> dict[str, Any]:
    address = f"{server.base_url}{token or server.token}/{method}"
    answer: dict[str, Any] = httpx.post(address, json=values, timeout=20, trust_env=False).json()
    return answer


def test_tokens(server: TelegramServer) -> None:
    assert call(server, "getMe")["result"]["username"] == "studyhall_bot"
    assert call(server, "GETME")["ok"]
    assert call(server, "getMe", token="1:wrong")["error_code"] == 401
    assert call(server, "getMe", token="nonsense")["error_code"] == 404
    assert call(server, "noSuchMethod")["error_code"] == 404


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("学<b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ('<tg-time unix="soon">x</tg-time>', 'Invalid date specified in the tag "tg-time" at byte offset 0'),
    ],
)
def test_html_that_cannot_be_read(html: str, words: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(html)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n<b></b> ", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, "entity beyond the end of the text"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "学" * 22}]]}},
         "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "message_thread_id": 9}, "message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ],
)  # fmt: skip
def test_messages_that_are_not_taken(server: TelegramServer, values: dict[str, Any], words: str) -> None:
    person = server.world.person("Ann")
    person.sends(None, "/start")
    refused = call(server, "sendMessage", chat_id=person.id, **values)
    assert refused == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}


def test_the_whole_length_is_counted_after_the_markup(server: TelegramServer) -> None:
    person = server.world.person("Ann")
    person.sends(None, "/start")
    text = "<b>" + "&amp;" * 4096 + "</b>"
    assert call(server, "sendMessage", chat_id=person.id, text=text, parse_mode="HTML")["ok"]


def test_rates() -> None:
    now = [0.0]
    with TelegramServer(rates=Rates(lambda: now[0])) as server:
        group = server.world.group("Hall")
        people = [server.world.person(str(n)) for n in range(31)]
        for person in people:
            person.sends(None, "hi")
        answers = [call(server, "sendMessage", chat_id=person.id, text="x") for person in people]
        assert [a["ok"] for a in answers] == [True] * 30 + [False]
        assert answers[-1]["error_code"] == 429
        assert answers[-1]["parameters"] == {"retry_after": 1}
        taken = 0
        for second in range(1, 26):
            now[0] = float(second)
            taken += call(server, "sendMessage", chat_id=group.id, text="x")["ok"]
        assert taken == 20


def test_updates_are_kept_until_they_are_confirmed(server: TelegramServer) -> None:
    person = server.world.person("Ann")
    for text in ("one", "two"):
        person.sends(None, text)
    first = call(server, "getUpdates")["result"]
    assert [u["message"]["text"] for u in first] == ["one", "two"]
    assert call(server, "getUpdates")["result"] == first
    assert call(server, "getUpdates", offset=first[0]["update_id"] + 1)["result"] == first[1:]
    assert call(server, "getUpdates", offset=-1)["result"] == first[1:]


def test_reactions_and_members_are_told_only_when_asked_for_and_to_an_admin(server: TelegramServer) -> None:
    world = server.world
    group, ann = world.group("Hall", bot="administrator"), world.person("Ann")
    ann.joins(group)
    sent = ann.sends(group, "hello")
    ann.reacts(sent, "👍")
    assert {k for u in call(server, "getUpdates")["result"] for k in u} == {"update_id", "message"}
    call(server, "getUpdates", allowed_updates=["message_reaction", "chat_member"], offset=10**9)
    ann.reacts(sent)
    ann.leaves(group)
    kinds = [next(k for k in u if k != "update_id") for u in call(server, "getUpdates")["result"]]
    assert kinds == ["message_reaction", "chat_member"]
    world.promote(group, status="member")
    ann.reacts(sent, "🎉")
    assert len(call(server, "getUpdates")["result"]) == 2


def test_privacy_mode(server: TelegramServer) -> None:
    world = server.world
    group, ann = world.group("Hall"), world.person("Ann")
    ann.joins(group)
    for text in ("hello", "/ask x", "/ask@otherbot x", "hi @studyhall_bot"):
        ann.sends(group, text)
    texts = [u["message"].get("text") for u in call(server, "getUpdates")["result"]]
    assert texts == [None, "/ask x", "hi @studyhall_bot"]


def test_a_long_poll_ends_at_the_first_update_and_by_another_poll(server: TelegramServer) -> None:
    person = server.world.person("Ann")
    answers: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(call(server, "getUpdates", timeout=20)))
    waiting.start()
    time.sleep(0.2)
    person.sends(None, "now")
    waiting.join(5)
    assert answers[0]["result"][0]["message"]["text"] == "now"
    other = threading.Thread(target=lambda: answers.append(call(server, "getUpdates", timeout=20, offset=10**9)))
    other.start()
    time.sleep(0.2)
    call(server, "getUpdates", offset=10**9)
    other.join(5)
    assert answers[1]["error_code"] == 409
    assert answers[1]["description"].startswith("Conflict: terminated by other getUpdates request")


def test_presses_are_answered_once_and_in_time(server: TelegramServer) -> None:
    now = [1_800_000_000.0]
    server.world.now = lambda: now[0]
    ann = server.world.person("Ann")
    ann.sends(None, "/start")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    call(server, "sendMessage", chat_id=ann.id, text="x", reply_markup=keys)
    first, second = (ann.presses(ann.inbox[0], "go") for _ in range(2))
    assert call(server, "answerCallbackQuery", callback_query_id=first.id, text="Saved")["ok"]
    assert not call(server, "answerCallbackQuery", callback_query_id=first.id)["ok"]
    now[0] += 60
    late = call(server, "answerCallbackQuery", callback_query_id=second.id)
    assert late["description"].startswith("Bad Request: query is too old")
    assert ann.notices == ["Saved"]


def test_files_come_back_as_they_went(server: TelegramServer) -> None:
    ann = server.world.person("Ann")
    ann.sends(None, "/start")
    address = f"{server.base_url}{server.token}/sendDocument"
    files = {"document": ("notes.txt", b"\x00hello")}
    data = {"chat_id": str(ann.id), "caption": "<b>x</b>", "parse_mode": "HTML"}
    sent = httpx.post(address, data=data, files=files, trust_env=False).json()["result"]
    assert sent["caption"] == "x"
    assert sent["document"]["file_name"] == "notes.txt"
    path = call(server, "getFile", file_id=sent["document"]["file_id"])["result"]["file_path"]
    assert httpx.get(f"{server.file_url}{server.token}/{path}", trust_env=False).content == b"\x00hello"
    data["caption"] = "😀" * 513
    assert httpx.post(address, data=data, files=files, trust_env=False).json()["description"].endswith("too long")


def test_webhooks_exclude_polling(server: TelegramServer) -> None:
    assert not call(server, "setWebhook", url="http://hall.example/x")["ok"]
    assert not call(server, "setWebhook", url="https://hall.example/x", secret_token="no spaces")["ok"]
    assert call(server, "setWebhook", url="http://127.0.0.1:9/x", secret_token="s")["ok"]
    assert call(server, "getWebhookInfo")["result"]["url"] == "http://127.0.0.1:9/x"
    assert call(server, "getUpdates")["error_code"] == 409
    assert call(server, "deleteWebhook")["ok"]
    assert call(server, "getUpdates")["ok"]


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"command": "Ask", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "ask", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "ask", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
def test_menus_that_are_not_taken(server: TelegramServer, commands: list[dict[str, str]], words: str) -> None:
    assert call(server, "setMyCommands", commands=commands)["description"] == f"Bad Request: {words}"
