"""What Telegram refuses, in its own words: files, topics, inline answers, members, polls. Spoken to without the SDK."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.telegram_server import Chat, Person, TelegramServer
from tests.telegram_server.app import Fault
from tests.telegram_server.errors import ApiError
from tests.telegram_server.scenario import ARTICLE, PNG
from tests.telegram_server.test_server import call


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    person = server.world.person("Ann")
    person.sends(None, "/start")
    return person


@pytest.fixture
def hall(server: TelegramServer) -> Chat:
    return server.world.group("Hall", forum=True, bot="administrator")


def refused(server: TelegramServer, method: str, **values: Any) -> str:
    body = call(server, method, **values)
    assert not body["ok"], body
    return str(body["description"])


def upload(server: TelegramServer, method: str, files: dict[str, Any], **values: Any) -> dict[str, Any]:
    address = f"{server.base_url}{server.token}/{method}"
    data = {key: str(value) for key, value in values.items()}
    answer: dict[str, Any] = httpx.post(address, data=data, files=files, timeout=30, trust_env=False).json()
    return answer


# Files


@pytest.mark.parametrize(
    ("method", "files", "words"),
    [
        ("sendPhoto", {"photo": ("p.png", b"no picture")}, "Bad Request: IMAGE_PROCESS_FAILED"),
        ("sendPhoto", {"photo": ("p.png", PNG[:16] + b"\x00\x00\x27\x10\x00\x00\x00\x10")},
         "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        ("sendPhoto", {"photo": ("p.png", PNG + b"\x00" * 10 * 1024 * 1024)},
         "Bad Request: file of size 10485800 bytes is too big for a photo; the maximum size is 10485760 bytes"),
        ("sendDocument", {"document": ("d.txt", b"")}, "Bad Request: file must be non-empty"),
        ("sendDocument", {"other": ("d.txt", b"x")}, "Bad Request: there is no document in the request"),
        ("sendDocument", {"document": ("d.bin", b"x" * (50 * 1024 * 1024 + 1))}, "Request Entity Too Large"),
    ],
)  # fmt: skip
def test_files_that_are_not_taken(
    server: TelegramServer, ann: Person, method: str, files: dict[str, Any], words: str
) -> None:
    assert upload(server, method, files, chat_id=ann.id)["description"] == words


def test_what_is_too_large_to_fetch(server: TelegramServer, ann: Person) -> None:
    sent = ann.sends_file(None, "large.bin", b"x" * (20 * 1024 * 1024 + 1))
    assert refused(server, "getFile", file_id=sent.extra["document"]["file_id"]) == "Bad Request: file is too big"
    assert refused(server, "getFile", file_id="none").endswith("wrong file_id or the file is temporarily unavailable")
    small = ann.sends_file(None, "s.bin", b"x").extra["document"]["file_id"]
    address = f"{server.file_url}{server.token}/documents/{small}"
    assert httpx.get(address, trust_env=False).status_code == 404  # not asked for yet
    call(server, "getFile", file_id=small)
    assert httpx.get(address, trust_env=False).content == b"x"


def test_captions_are_changed_as_captions(server: TelegramServer, ann: Person) -> None:
    photo = upload(server, "sendPhoto", {"photo": ("p.png", PNG)}, chat_id=ann.id, caption="one")["result"]
    at = {"chat_id": ann.id, "message_id": photo["message_id"]}
    assert refused(server, "editMessageText", **at, text="x").endswith("there is no text in the message to edit")
    assert refused(server, "editMessageCaption", **at, caption="one").startswith("Bad Request: message is not modified")
    assert refused(server, "editMessageCaption", **at, caption="学" * 1025) == "Bad Request: MEDIA_CAPTION_TOO_LONG"
    assert call(server, "editMessageCaption", **at, caption="two")["result"]["caption"] == "two"
    text = call(server, "sendMessage", chat_id=ann.id, text="x")["result"]["message_id"]
    wrong = refused(server, "editMessageCaption", chat_id=ann.id, message_id=text, caption="x")
    assert wrong == "Bad Request: there is no caption in the message to edit"


# Topics, pins, deletions


def test_topics(server: TelegramServer, hall: Chat) -> None:
    thread = {"chat_id": hall.id, "message_thread_id": server.world.topic(hall, "Async")}
    call(server, "closeForumTopic", **thread)
    assert refused(server, "closeForumTopic", **thread) == "Bad Request: TOPIC_NOT_MODIFIED"
    assert call(server, "sendMessage", **thread, text="as an administrator")["ok"]
    server.world.promote(hall, status="member")
    assert refused(server, "sendMessage", **thread, text="x") == "Bad Request: TOPIC_CLOSED"
    assert refused(server, "createForumTopic", chat_id=hall.id, name="x").endswith(
        "not enough rights to create a topic"
    )
    assert call(server, "reopenForumTopic", **thread)["ok"], "it made that one itself"
    ann = server.world.person("Ann")
    theirs = {"chat_id": hall.id, "message_thread_id": server.world.topic(hall, "Ann's", ann.user)}
    assert refused(server, "editForumTopic", **theirs, name="x").endswith("not enough rights to edit the topic")
    server.world.promote(hall)
    assert call(server, "editForumTopic", **theirs, name="x")["ok"]
    assert refused(server, "editForumTopic", **theirs, name="x") == "Bad Request: TOPIC_NOT_MODIFIED"
    call(server, "deleteForumTopic", **thread)
    assert refused(server, "sendMessage", **thread, text="x") == "Bad Request: TOPIC_DELETED"
    plain = server.world.group("Plain", bot="administrator")
    assert refused(server, "createForumTopic", chat_id=plain.id, name="x") == "Bad Request: the chat is not a forum"


def test_pins_and_deletions(server: TelegramServer, ann: Person) -> None:
    now = [1_800_000_000.0]
    server.world.now = lambda: now[0]
    group = server.world.group("Hall")
    ann.joins(group)
    theirs, mine = (
        ann.sends(group, "x"),
        call(server, "sendMessage", chat_id=group.id, text="y")["result"]["message_id"],
    )
    at = {"chat_id": group.id, "message_id": mine}
    assert refused(server, "pinChatMessage", **at).endswith("not enough rights to manage pinned messages in the chat")
    assert refused(server, "deleteMessage", chat_id=group.id, message_id=theirs.id).endswith("message can't be deleted")
    now[0] += 49 * 3600
    assert refused(server, "deleteMessage", **at) == "Bad Request: message can't be deleted"
    server.world.promote(group)
    assert call(server, "pinChatMessage", **at)["ok"]
    assert call(server, "deleteMessage", **at)["ok"]
    assert refused(server, "deleteMessage", **at) == "Bad Request: message to delete not found"
    assert refused(server, "editMessageText", **at, text="z") == "Bad Request: message to edit not found"


# Inline


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"results": [ARTICLE | {"id": str(n)} for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [ARTICLE, ARTICLE]}, "RESULT_ID_DUPLICATE"),
        ({"results": [ARTICLE | {"id": ""}]}, "RESULT_ID_INVALID"),
        ({"results": [ARTICLE | {"id": "学" * 22}]}, "RESULT_ID_INVALID"),
        ({"results": [ARTICLE | {"title": " "}]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [ARTICLE | {"input_message_content": {"message_text": " "}}]}, "MESSAGE_EMPTY"),
        ({"results": [ARTICLE | {"input_message_content": {"message_text": "😀" * 2049}}]}, "MESSAGE_TOO_LONG"),
        ({"results": [], "next_offset": "5" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "Go", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "Go", "start_parameter": "a" * 65}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "Go", "start_parameter": ""}}, "START_PARAM_EMPTY"),
        ({"results": [], "button": {"text": "Go"}},
         "can't parse inline query results button: exactly one of the optional fields must be used"),
    ],
)  # fmt: skip
def test_inline_answers_that_are_not_taken(
    server: TelegramServer, ann: Person, values: dict[str, Any], words: str
) -> None:
    asked = ann.searches("rust")
    assert refused(server, "answerInlineQuery", inline_query_id=asked.id, **values) == f"Bad Request: {words}"
    assert asked.answer is None


def test_an_inline_answer_is_kept_for_all_or_for_one(server: TelegramServer, ann: Person) -> None:
    now, ben = [1_800_000_000.0], server.world.person("Ben")
    server.world.now = lambda: now[0]
    asked = ann.searches("rust")
    given = {"results": [ARTICLE], "cache_time": 60, "is_personal": False}
    assert call(server, "answerInlineQuery", inline_query_id=asked.id, **given)["ok"]
    assert refused(server, "answerInlineQuery", inline_query_id=asked.id, **given).endswith("query ID is invalid")
    assert ben.searches("rust").remembered
    now[0] += 61
    again = ben.searches("rust")
    assert not again.remembered
    call(server, "answerInlineQuery", inline_query_id=again.id, **(given | {"is_personal": True}))
    assert ben.searches("rust").remembered
    late = ann.searches("rust")
    assert not late.remembered
    now[0] += 11
    assert refused(server, "answerInlineQuery", inline_query_id=late.id, **given).endswith("query ID is invalid")


def test_a_bot_that_is_not_made_for_it_is_not_asked(server: TelegramServer, ann: Person) -> None:
    server.world.inline = False
    ann.searches("rust")
    assert [u for u in call(server, "getUpdates")["result"] if "inline_query" in u] == []
    assert call(server, "getMe")["result"]["supports_inline_queries"] is False


def test_links_into_the_private_chat(server: TelegramServer, ann: Person) -> None:
    assert ann.opens("A-z_9" * 12).text == "/start " + "A-z_9" * 12
    for payload in ("a" * 65, "a b", "学"):
        with pytest.raises(ApiError, match="START_PARAM_INVALID"):
            ann.opens(payload)


# Members


def test_who_may_be_removed_by_whom(server: TelegramServer, ann: Person) -> None:
    group, owner = server.world.group("Hall", bot="administrator"), server.world.person("Owner")
    ann.joins(group)
    server.world.promote(group, owner, "creator")
    at = {"chat_id": group.id, "user_id": ann.id}
    assert refused(server, "banChatMember", **(at | {"user_id": owner.id})) == "Bad Request: can't remove chat owner"
    server.world.promote(group, ann)
    assert refused(server, "banChatMember", **at) == "Bad Request: user is an administrator of the chat"
    server.world.promote(group, ann, "member")
    group.rights["can_restrict_members"] = False
    assert refused(server, "banChatMember", **at).endswith("not enough rights to restrict/unrestrict chat member")
    group.rights.clear()
    call(server, "banChatMember", **at)
    with pytest.raises(ApiError, match="USER_BANNED"):
        ann.joins(group)
    call(server, "unbanChatMember", **at, only_if_banned=True)
    ann.joins(group)
    assert refused(server, "approveChatJoinRequest", **at) == "Bad Request: USER_ALREADY_PARTICIPANT"
    ben = server.world.person("Ben")
    at = {"chat_id": group.id, "user_id": ben.id}
    assert refused(server, "approveChatJoinRequest", **at) == "Bad Request: HIDE_REQUESTER_MISSING"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("kicked", "Forbidden: bot was kicked from the supergroup chat"),
        ("left", "Forbidden: bot is not a member of the supergroup chat"),
        ("restricted", "Bad Request: not enough rights to send text messages to the chat"),
    ],
)
def test_where_the_bot_may_not_write(server: TelegramServer, status: str, words: str) -> None:
    group = server.world.group("Hall", bot=status)
    assert refused(server, "sendMessage", chat_id=group.id, text="x") == words


def test_a_group_that_was_deleted_and_a_channel_of_others(server: TelegramServer) -> None:
    group, news = server.world.group("Hall"), server.world.group("News", channel=True)
    group.deactivated = True
    assert refused(server, "sendMessage", chat_id=group.id, text="x") == "Forbidden: the group chat was deleted"
    told = refused(server, "sendMessage", chat_id=news.id, text="x")
    assert told == "Bad Request: need administrator rights in the channel chat"


# Polls and what the bot is told


def test_votes_are_told_in_polls_of_the_bot_and_the_end_of_every_poll(
    server: TelegramServer, ann: Person, hall: Chat
) -> None:
    ann.joins(hall)
    call(server, "getUpdates", offset=10**9, allowed_updates=["poll", "poll_answer"])
    theirs = ann.polls(hall, "When?", "Mon", "Tue")
    ann.votes(theirs, 1)
    assert call(server, "getUpdates")["result"] == []
    ann.ends_poll(theirs)
    options = [{"text": "a"}, {"text": "b"}]
    call(server, "sendPoll", chat_id=hall.id, question="Q", options=options, is_anonymous=False)
    ours = hall.messages[-1]
    ann.votes(ours, 0)
    ann.votes(ours)
    kinds = [next(k for k in u if k != "update_id") for u in call(server, "getUpdates")["result"]]
    assert kinds == ["poll", "poll", "poll_answer", "poll", "poll_answer"]
    with pytest.raises(ApiError, match="already been closed"):
        ann.votes(theirs, 0)
    at = {"chat_id": hall.id, "message_id": ours.id}
    call(server, "stopPoll", **at)
    assert refused(server, "stopPoll", **at) == "Bad Request: poll has already been closed"
    few = refused(server, "sendPoll", chat_id=hall.id, question="Q", options=options[:1])
    assert few == "Bad Request: poll must have at least 2 option"


def test_anonymous_reactions_come_as_numbers(server: TelegramServer, ann: Person) -> None:
    news, ben = server.world.group("News", channel=True, bot="administrator"), server.world.person("Ben")
    call(server, "getUpdates", offset=10**9, allowed_updates=["message_reaction", "message_reaction_count"])
    post = server.world.post(news, ann.user, "out")
    ann.reacts(post, "👍", "🎉")
    ben.reacts(post, "👍")
    *_, last = call(server, "getUpdates")["result"]
    counts = [(r["type"]["emoji"], r["total_count"]) for r in last["message_reaction_count"]["reactions"]]
    assert counts == [("🎉", 1), ("👍", 2)]


def test_a_webhook_ends_a_poll_that_waits(server: TelegramServer) -> None:
    answers: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(call(server, "getUpdates", timeout=20)))
    waiting.start()
    server.until(lambda: server.calls("getUpdates"))
    time.sleep(0.1)
    call(server, "setWebhook", url="http://127.0.0.1:9/x")
    waiting.join(10)
    assert answers[0]["description"] == "Conflict: terminated by setWebhook request"


def test_updates_are_asked_for_by_name_in_any_case(server: TelegramServer, ann: Person) -> None:
    call(server, "getUpdates", offset=10**9, allowed_updates=["Message", "of_tomorrow"])
    assert server.world.updates.allowed == {"message"}
    call(server, "getUpdates", allowed_updates=["of_tomorrow"])
    assert "callback_query" in server.world.updates.allowed
    assert "chat_member" not in server.world.updates.allowed


def test_a_fault_comes_once(server: TelegramServer) -> None:
    server.fails("getMe", Fault("limit", 3))
    assert call(server, "getMe")["parameters"] == {"retry_after": 3}
    assert call(server, "getMe")["ok"]
