"""Generated files of the formats that people import: large enough to be killed in the middle of. Seeded."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGUN = datetime(2025, 1, 6, 8, tzinfo=UTC)
PEOPLE = 40
FIRST_PERSON = 7000
_WORDS = (
    *("async", "python", "rust", "borrow", "checker", "index", "postgres", "query", "cache", "docker", "compose"),
    *("线程", "数据库", "索引", "缓存", "编译", "递归", "指针", "算法", "面试", "项目"),
)
_EMOJI = ("👍", "❤", "🔥", "🎉")


def write_history(path: Path, *, messages: int, seed: int = 3) -> Path:
    """A Telegram group with topics: replies (some to what comes later), edits, polls, named and counted reactions."""
    dice = random.Random(seed)
    people = [(f"user{FIRST_PERSON + n}", f"Member {n}") for n in range(PEOPLE)]
    topics = range(2, 8)
    body: list[dict[str, Any]] = [_service(1, people[0], "create_channel", "Generated")]
    body += [_service(topic, people[0], "topic_created", f"Topic {topic}") for topic in topics]
    for number in range(len(body) + 1, messages + 1):
        body.append(_message(number, messages, dice, people, topics))
    whole = {"name": "Generated", "type": "private_supergroup", "id": 4242, "messages": body}
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _service(number: int, who: tuple[str, str], action: str, title: str) -> dict[str, Any]:
    return _stamped(number) | {"type": "service", "actor": who[1], "actor_id": who[0], "action": action, "title": title}


def _stamped(number: int) -> dict[str, Any]:
    at = BEGUN + timedelta(minutes=3 * number)
    return {"id": number, "date": f"{at:%Y-%m-%dT%H:%M:%S}", "date_unixtime": str(int(at.timestamp()))}


def _message(
    number: int, last: int, dice: random.Random, people: list[tuple[str, str]], topics: range
) -> dict[str, Any]:
    who = dice.choice(people)
    answered = dice.choice(topics) if dice.random() < 0.25 else max(1, number - dice.randint(1, 30))
    if dice.random() < 0.03:
        answered = min(last, number + dice.randint(1, 20))  # an answer that the file tells before what it answers
    message = _stamped(number) | {
        "type": "message",
        "from": who[1],
        "from_id": who[0],
        "reply_to_message_id": answered,
        "text": f"#{number} {' '.join(dice.choices(_WORDS, k=dice.randint(3, 30)))}?",
    }
    if dice.random() < 0.1:
        message["edited_unixtime"] = str(int(message["date_unixtime"]) + 60)
    if dice.random() < 0.02:
        message["poll"] = {
            "question": "Which?",
            "answers": [{"text": "this", "voters": 3}, {"text": "that", "voters": 1}],
        }
    if dice.random() < 0.3:
        fans = dice.sample(people, dice.randint(1, 4))
        recent = [{"from": name, "from_id": account, "date": message["date"]} for account, name in fans[:3]]
        emoji = dice.choice(_EMOJI)
        message["reactions"] = [{"type": "emoji", "emoji": emoji, "count": len(fans) + 2, "recent": recent}]
    return message


def write_courses(path: Path, *, courses: int, edition: int = 1) -> Path:
    """A catalogue; another `edition` changes every third summary."""
    dice = random.Random(11)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "title", "summary", "url", "tags", "level", "hours", "teacher"])
        for number in range(courses):
            mark = f" Edition {edition}." if number % 3 == 0 else ""
            summary = " ".join(dice.choices(_WORDS, k=40)) + mark
            address = f"https://example.org/c/{number}"
            tags = ";".join(dice.sample(_WORDS, 3))
            table.writerow([f"c{number}", f"Course {number}", summary, address, tags, "beginner", number % 40 + 1, "T"])
    return path


def write_interactions(path: Path, *, rows: int, courses: int) -> Path:
    dice = random.Random(12)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["user", "item", "signal", "value", "at"])
        for number in range(rows):
            signal = dice.choice(("enrol", "complete", "save", "rate", "progress"))
            value = {"rate": dice.randint(1, 5), "progress": "45%"}.get(signal, "")
            at = BEGUN + timedelta(minutes=number)
            table.writerow(
                [f"buyer{dice.randrange(300)}", f"c{dice.randrange(courses)}", signal, value, at.isoformat()]
            )
    return path
