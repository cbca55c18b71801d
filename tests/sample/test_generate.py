"""The generated community: the same for the same seed, consistent across its files, and honest about what it is."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sample import COMMUNITY
from bot.sample.generate import SampleFiles, generate
from bot.sample.interests import SIGNALS
from tests.sample.conftest import NOW, SEED, Sample, plain

Rows = tuple[dict[str, str], ...]


def _bytes(files: SampleFiles) -> dict[str, bytes]:
    return {str(p.relative_to(files.folder)): p.read_bytes() for p in sorted(files.folder.rglob("*")) if p.is_file()}


def _interactions(sample: Sample) -> list[dict[str, str]]:
    with sample.files.interactions.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _words(sample: Sample) -> list[str]:
    telegram = [plain(m) for m in sample.telegram["messages"] if m["type"] == "message" and "poll" not in m]
    spoken = {"Default", "Reply"}
    discord = [m["content"] for d in sample.discord.values() for m in d["messages"] if m["type"] in spoken]
    return telegram + discord


def test_same_arguments_same_bytes(tmp_path: Path, sample: Sample, catalogue: Rows) -> None:
    again = generate(tmp_path, seed=SEED, now=NOW, catalogue=catalogue)

    assert _bytes(sample.files) == _bytes(again)


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path, sample: Sample) -> None:
    code = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from bot.sample import load_catalogue; from bot.sample.generate import generate\n"
        "generate(Path(sys.argv[1]), seed=int(sys.argv[2]), now=datetime.fromisoformat(sys.argv[3]),"
        " catalogue=load_catalogue())"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path), str(SEED), NOW.isoformat()]
    root = Path(__file__).resolve().parents[2]
    subprocess.run(arguments, check=True, cwd=root, env={**os.environ, "PYTHONHASHSEED": "99"})

    found = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert _bytes(sample.files) == found


def test_another_seed_another_community(tmp_path: Path, sample: Sample, catalogue: Rows) -> None:
    other = generate(tmp_path, seed=SEED + 1, now=NOW, catalogue=catalogue[:9])

    assert sample.files.telegram.read_bytes() != other.telegram.read_bytes()


def test_naive_now_is_refused(tmp_path: Path, catalogue: Rows) -> None:
    with pytest.raises(ValueError, match="aware"):
        generate(tmp_path, seed=1, now=datetime(2026, 1, 1), catalogue=catalogue)


def test_a_small_foreign_catalogue_is_enough_and_progress_is_told(tmp_path: Path, catalogue: Rows) -> None:
    told: list[tuple[int, int]] = []
    rows = [{**catalogue[0], "prerequisites": "", "hours": ""}]
    files = generate(tmp_path, seed=2, now=NOW, catalogue=rows, progress=lambda done, total: told.append((done, total)))

    assert told == [(done, len(told)) for done in range(1, len(told) + 1)]
    assert files.interactions.read_text(encoding="utf-8").startswith("user,item,signal,value,at\n")


def test_it_says_that_it_is_a_sample(sample: Sample) -> None:
    assert "(sample)" in COMMUNITY
    assert sample.telegram["name"] == COMMUNITY
    for path, file in sample.discord.items():
        assert file["guild"]["name"] == COMMUNITY
        assert "sample" in path.name
        if file["channel"]["type"] == "GuildTextChat":
            assert "sample" in file["channel"]["topic"]
            first = file["messages"][0] if file["messages"][0]["type"] == "Default" else file["messages"][1]
            said = [m["content"] for m in file["messages"] if m["isPinned"]] + [first["content"]]
            assert "SAMPLE" in said[0]
    assert all(member["sample"] is True for member in sample.members)
    assert all(event["sample"] is True for event in sample.events)


def test_every_telegram_topic_opens_with_the_label(sample: Sample) -> None:
    messages = sample.telegram["messages"]
    topics = {m["id"]: m["title"] for m in messages if m.get("action") == "topic_created"}
    first = {m["reply_to_message_id"]: m for m in reversed(messages) if m.get("reply_to_message_id") in topics}

    assert list(topics.values()) == ["综合讨论 General", "Rust", "Python 与数据", "找学习伙伴", "面试算法"]
    assert set(topics) == {topic for topic, message in first.items() if "SAMPLE" in plain(message)}
    assert {m["message_id"] for m in messages if m.get("action") == "pin_message"} == {m["id"] for m in first.values()}


def test_size_is_as_promised(sample: Sample) -> None:
    words = _words(sample)
    replied = {m.get("reply_to_message_id") for m in sample.telegram["messages"]}
    openings = sum(
        not m.get("reference") and m["type"] == "Default" for d in sample.discord.values() for m in d["messages"]
    )
    topics = {m["id"] for m in sample.telegram["messages"] if m.get("action") == "topic_created"}
    openings += sum(m.get("reply_to_message_id") in topics for m in sample.telegram["messages"])

    assert 1500 <= len(words) <= 2500
    assert 250 <= openings <= 400
    assert len(replied) > 100
    assert 6 <= sum(d["channel"]["type"] == "GuildPublicThread" for d in sample.discord.values()) <= 10
    assert 55 <= len(sample.members) <= 65
    assert 6 <= len(sample.events) <= 10


def test_both_languages_are_spoken(sample: Sample) -> None:
    words = _words(sample)
    chinese = sum(any("\u4e00" <= character <= "\u9fff" for character in text) for text in words)
    mainly = Counter(member["language"] for member in sample.members)

    assert 0.35 < chinese / len(words) < 0.65
    assert 0.4 < mainly["zh"] / len(sample.members) < 0.6


def test_only_short_phrases_are_repeated(sample: Sample) -> None:
    counted = Counter(_words(sample))

    assert [text for text, count in counted.items() if count > 1 and len(text) > 90] == []
    assert max(counted.values()) <= 12


def test_members_have_accounts_of_their_own(sample: Sample) -> None:
    accounts = [account for member in sample.members for account in member["accounts"]]
    kinds = Counter(tuple(account.partition(":")[0] for account in member["accounts"]) for member in sample.members)

    assert len(accounts) == len(set(accounts))
    assert {("telegram",), ("discord",), ("telegram", "discord")} == set(kinds)
    assert all(member["account"] == member["accounts"][0] for member in sample.members)


def test_interactions_refer_to_what_exists(sample: Sample, catalogue: Rows) -> None:
    rows = _interactions(sample)
    items = {row["id"] for row in catalogue}

    assert [row for row in rows if row["user"] not in sample.accounts or row["item"] not in items] == []
    assert set(SIGNALS) == {row["signal"] for row in rows}
    for row in rows:
        value = float(row["value"])
        allowed = {"progress": 0 <= value <= 1, "rate": value in {1, 2, 3, 4, 5}}
        assert allowed.get(row["signal"], value == 1), row
    times = [datetime.fromisoformat(row["at"]) for row in rows]
    assert sorted(times) == times
    assert times[-1] < NOW
    assert times[0] > NOW - timedelta(days=275)


def test_interactions_tell_a_story(sample: Sample, catalogue: Rows) -> None:
    """Enrolled before progress before completion; popular things are met far more often; much is not finished."""
    owner = {account: member["name"] for member in sample.members for account in member["accounts"]}
    seen: dict[tuple[str, str], list[str]] = {}
    share: dict[tuple[str, str], float] = {}
    for row in _interactions(sample):
        pair = owner[row["user"]], row["item"]
        if row["signal"] in {"progress", "complete"}:
            assert "enrol" in seen[pair]
        if row["signal"] == "progress":
            assert share.get(pair, 0) <= float(row["value"])
            share[pair] = float(row["value"])
        seen.setdefault(pair, []).append(row["signal"])
    counted = Counter(item for _, item in seen)
    enrolled = sum("enrol" in signals for signals in seen.values())
    completed = sum("complete" in signals for signals in seen.values())

    assert counted.most_common(1)[0][1] > 3 * sum(counted.values()) / len(catalogue)
    assert 0.2 < completed / enrolled < 0.7


def test_members_follow_their_topics_and_language(sample: Sample, catalogue: Rows) -> None:
    member = {account: m for m in sample.members for account in m["accounts"]}
    rows = {row["id"]: row for row in catalogue}
    enrolled = [row for row in _interactions(sample) if row["signal"] == "enrol"]
    on_topic = sum(bool(set(rows[r["item"]]["tags"].split(";")) & set(member[r["user"]]["topics"])) for r in enrolled)
    readable = sum(rows[r["item"]]["language"] in {"en", member[r["user"]]["language"]} for r in enrolled)

    assert on_topic / len(enrolled) > 0.85
    assert readable == len(enrolled)


def test_events_are_around_now(sample: Sample) -> None:
    starts = [datetime.fromisoformat(event["starts_at"]) for event in sample.events]

    assert all(start.tzinfo is not None for start in starts)
    assert sum(NOW < start < NOW + timedelta(days=22) for start in starts) >= 5
    assert 1 <= sum(start < NOW for start in starts) <= 3
    assert {event["host"] for event in sample.events} <= sample.accounts
    assert {"en", "zh"} == {event["language"] for event in sample.events}


def test_nothing_is_said_after_now_or_before_joining(sample: Sample) -> None:
    joined = {m: datetime.fromisoformat(row["joined"]) for row in sample.members for m in row["accounts"]}
    for message in sample.telegram["messages"]:
        at = datetime.fromtimestamp(int(message["date_unixtime"]), UTC)
        author = message.get("from_id") or message["actor_id"]
        assert joined[f"telegram:{author.removeprefix('user')}"] <= at < NOW - timedelta(hours=1), message
    for file in sample.discord.values():
        for message in file["messages"]:
            at = datetime.fromisoformat(message["timestamp"])
            assert joined[f"discord:{message['author']['id']}"] <= at < NOW - timedelta(hours=1), message
