"""The two export formats: the keys a real export has, and references that lead somewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sample.conftest import NOW, Sample, plain

SOLVED = "✅"


def _users(sample: Sample, platform: str) -> set[str]:
    return {native for kind, _, native in (a.partition(":") for a in sample.accounts) if kind == platform}


def _posts(sample: Sample) -> list[dict[str, Any]]:
    return [message for file in sample.discord.values() for message in file["messages"]]


def test_telegram_has_the_keys_of_an_export(sample: Sample) -> None:
    assert {"name", "type", "id", "messages"} == set(sample.telegram)
    for message in sample.telegram["messages"]:
        common = {"id", "type", "date", "date_unixtime", "text", "text_entities"}
        kind = {"service": {"actor", "actor_id", "action"}, "message": {"from", "from_id"}}[message["type"]]
        assert common | kind <= set(message)
        stamp = datetime.fromtimestamp(int(message["date_unixtime"]), UTC)
        assert message["date"] == stamp.strftime("%Y-%m-%dT%H:%M:%S")
        assert ("edited" in message) == ("edited_unixtime" in message)


def test_telegram_ids_rise_with_time(sample: Sample) -> None:
    messages = sample.telegram["messages"]
    ids = [message["id"] for message in messages]

    assert list(range(1, len(ids) + 1)) == ids
    dates = [message["date"] for message in messages if message.get("action") != "pin_message"]
    assert sorted(dates) == dates


def test_telegram_references_exist(sample: Sample) -> None:
    users = _users(sample, "telegram")
    known: set[int] = set()
    for message in sample.telegram["messages"]:
        for name in ("reply_to_message_id", "message_id"):
            assert message.get(name) in known | {None}
        for name in ("from_id", "actor_id"):
            assert name not in message or message[name].removeprefix("user") in users
        for reaction in message.get("reactions", []):
            assert {"type", "count", "emoji", "recent"} == set(reaction)
            assert 1 <= len(reaction["recent"]) <= 3
            assert len(reaction["recent"]) == min(3, reaction["count"])
            assert {person["from_id"].removeprefix("user") for person in reaction["recent"]} <= users
        known.add(message["id"])


def test_telegram_text_and_entities_say_the_same(sample: Sample) -> None:
    kinds: set[str] = set()
    for message in sample.telegram["messages"]:
        assert plain(message) == "".join(entity["text"] for entity in message["text_entities"])
        kinds |= {entity["type"] for entity in message["text_entities"]}

    assert {"plain", "link", "code", "mention_name"} <= kinds <= {"plain", "link", "code", "pre", "mention_name"}


def test_telegram_exercises_the_rarer_shapes(sample: Sample) -> None:
    messages = sample.telegram["messages"]

    assert any("poll" in message for message in messages)
    assert any("edited" in message for message in messages)
    actions = {m["action"] for m in messages if m["type"] == "service"}
    assert {"create_channel", "topic_created", "join_group_by_link", "pin_message"} == actions


def test_discord_has_the_keys_of_an_export(sample: Sample) -> None:
    for file in sample.discord.values():
        assert {"guild", "channel", "dateRange", "exportedAt", "messages", "messageCount"} == set(file)
        assert {"id", "type", "categoryId", "category", "name", "topic"} == set(file["channel"])
        assert len(file["messages"]) == file["messageCount"] > 0
        for message in file["messages"]:
            wanted = {
                "id",
                "type",
                "timestamp",
                "timestampEdited",
                "callEndedTimestamp",
                "isPinned",
                "content",
                "author",
            }
            wanted |= {"attachments", "embeds", "stickers", "reactions", "mentions", "inlineEmojis"}
            assert wanted <= set(message)
            author = {"id", "name", "discriminator", "nickname", "color", "isBot", "roles", "avatarUrl"}
            assert author == set(message["author"])


def test_discord_ids_are_unique_snowflakes(sample: Sample) -> None:
    posts = [message for message in _posts(sample) if message["type"] != "ThreadCreated"]
    ids = [int(message["id"]) for message in posts]

    assert len(ids) == len(set(ids))
    for message in posts:
        at = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(message["id"]) >> 22)
        assert abs(at - datetime.fromisoformat(message["timestamp"])) < timedelta(seconds=1)
    channels = [file["channel"]["id"] for file in sample.discord.values()]
    assert len(channels) == len(set(channels))


def test_discord_references_exist(sample: Sample) -> None:
    users = _users(sample, "discord")
    channels = {file["channel"]["id"]: {m["id"] for m in file["messages"]} for file in sample.discord.values()}
    for message in _posts(sample):
        assert message["author"]["id"] in users
        assert {user["id"] for reaction in message["reactions"] for user in reaction["users"]} <= users
        assert all(reaction["count"] == len(reaction["users"]) for reaction in message["reactions"])
        assert {user["id"] for user in message["mentions"]} <= users
        reference = message.get("reference")
        assert (message["type"] in {"Reply", "ThreadCreated"}) == (reference is not None)
        if reference and reference["messageId"]:
            assert reference["messageId"] in channels[reference["channelId"]]
        elif reference:
            assert reference["channelId"] in channels


def test_discord_threads_hang_under_their_channel(sample: Sample) -> None:
    named = {file["channel"]["id"]: file["channel"] for file in sample.discord.values()}
    threads = [channel for channel in named.values() if channel["type"] == "GuildPublicThread"]

    assert {"ask-anything"} == {thread["category"] for thread in threads}
    assert {"ask-anything"} == {named[thread["categoryId"]]["name"] for thread in threads}


def test_the_private_room_is_a_file_of_its_own(sample: Sample) -> None:
    (private,) = sample.files.private
    file = sample.discord[private]
    moderators = {m["accounts"][-1].partition(":")[2] for m in sample.members if m["moderator"]}

    assert file["channel"]["name"] == "moderators"
    assert {message["author"]["id"] for message in file["messages"]} <= moderators
    others = {m["content"] for path, d in sample.discord.items() if path != private for m in d["messages"]}
    assert set() == others & {message["content"] for message in file["messages"]}


def test_askers_mark_what_solved_it(sample: Sample) -> None:
    messages = {message["id"]: message for message in sample.telegram["messages"]}
    solved = 0
    for message in messages.values():
        for reaction in message.get("reactions", []):
            if reaction["emoji"] == SOLVED:
                opening = messages[message["reply_to_message_id"]]
                while "from_id" in messages.get(opening.get("reply_to_message_id"), {}):
                    opening = messages[opening["reply_to_message_id"]]
                assert [opening["from_id"]] == [person["from_id"] for person in reaction["recent"]]
                solved += 1
    on_discord = sum(r["emoji"]["name"] == SOLVED for message in _posts(sample) for r in message["reactions"])

    assert solved > 25
    assert on_discord > 25


def test_some_recent_questions_wait_for_an_answer(sample: Sample) -> None:
    recent = (NOW - timedelta(days=4)).timestamp()
    topics = {m["id"] for m in sample.telegram["messages"] if m.get("action") == "topic_created"}
    answered = {message.get("reply_to_message_id") for message in sample.telegram["messages"]}
    waiting = [
        message
        for message in sample.telegram["messages"]
        if message.get("reply_to_message_id") in topics
        and int(message["date_unixtime"]) > recent
        and message["id"] not in answered
        and plain(message).rstrip().endswith(("?", "？"))
    ]
    replied = {message["reference"]["messageId"] for message in _posts(sample) if message.get("reference")}
    waiting += [
        message
        for message in _posts(sample)
        if message["type"] == "Default"
        and datetime.fromisoformat(message["timestamp"]).timestamp() > recent
        and message["id"] not in replied
    ]

    assert len(waiting) >= 6
