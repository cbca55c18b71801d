"""Broken copies of good files: whatever is done to them, there are only values, skipped rows and BadInput."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.files.courses import read_courses
from adapters.files.history import open_history
from adapters.files.interactions import read_interactions
from bot.errors import BadInput
from bot.ports import SkippedRow
from tests.adapters.paths import FIXTURES

CASES = 300
SLOWEST = 2.0
"""Seconds for one small file; a reader that tries things again and again takes far longer."""

_BITS = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b";", b"\t", b"\n", b"\r", b"\0", b"\\", b"\\u", b"\\x0B", b"\\ud83d"),
    *(b"\xff", b"\xe4\xb8", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"<b>", b"null", b"true", b"-1", b"1e999", b"NaN"),
    *(b"9" * 5000, b'{"a":' * 3000, b"[" * 3000, b'"id"', b'"messages"', b'"type"', b'"date_unixtime"', b"0000"),
)
_ODD: tuple[object, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        1e300,
        float("nan"),
        10**30,
        2**63,
        "",
        "x",
        "\0",
        "\ud83d",
        "<b>\u202e",
        "user1",
        "\u0663",
    ),
    *([], {}, [[]], [None], [{}], {"text": 1}, ["a"], "9" * 300, "2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
)

Read = Callable[[Path], Iterable[object]]


@dataclass(frozen=True)
class Subject:
    fixture: str
    read: Read


SUBJECTS = [
    Subject("courses.csv", read_courses),
    Subject("courses.json", read_courses),
    Subject("courses.jsonl", read_courses),
    Subject("interactions.csv", read_interactions),
    Subject("telegram_forum.json", open_history),
    Subject("telegram_account.json", open_history),
    Subject("discord_channel.json", open_history),
]


def mutate(content: bytes, rng: random.Random) -> bytes:
    """One to three cuts, copies, swaps and insertions."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(content) + 1)
        end = min(len(content), at + rng.choice((1, 1, 2, 8, 64, 500)))
        match rng.randrange(6):
            case 0:
                content = content[:at] + content[end:]
            case 1:
                content = content[:at] + rng.choice(_BITS) + content[at:]
            case 2:
                content = content[:at] + rng.choice(_BITS) + content[end:]
            case 3:
                content = content[:at] + content[at:end] * rng.randint(2, 4) + content[end:]
            case 4:
                content = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
            case _:
                if rng.random() < 0.3:
                    content = content[:at]
    return content


def change(value: object, rng: random.Random) -> object:
    """A copy of a JSON value in which one member or element is odd, missing or there twice."""
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: each for name, each in value.items() if name != key}
        return value | {key: change(value[key], rng)}
    if isinstance(value, list) and value:
        at = rng.randrange(len(value))
        if rng.random() < 0.1:
            return [*value, value[at]]
        return [*value[:at], change(value[at], rng), *value[at + 1 :]]
    return rng.choice(_ODD)


def check(subject: Subject, path: Path, case: int) -> tuple[int, bool]:
    """Read the file; how many values it gave, and whether it was refused."""
    started = time.perf_counter()
    values, refused = 0, False
    try:
        for found in subject.read(path):
            repr(found).encode()
            values += not isinstance(found, SkippedRow)
    except BadInput as error:
        str(error).encode()
        refused = True
    except Exception as error:
        raise AssertionError(f"case {case} of {subject.fixture}: {path.read_bytes()[:20_000]!r}") from error
    assert time.perf_counter() - started < SLOWEST, f"case {case} of {subject.fixture}"
    return values, refused


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.fixture)
def test_mutated_files(subject: Subject, tmp_path: Path) -> None:
    rng = random.Random(f"bytes of {subject.fixture}")
    original = (FIXTURES / subject.fixture).read_bytes()
    path = tmp_path / subject.fixture
    outcomes = []
    for case in range(CASES):
        path.write_bytes(mutate(original, rng))
        outcomes.append(check(subject, path, case))
    assert sum(values for values, _ in outcomes) > CASES / 2
    assert sum(refused for _, refused in outcomes) > CASES / 20


@pytest.mark.parametrize(
    "subject",
    [subject for subject in SUBJECTS if subject.fixture.endswith(".json")],
    ids=lambda subject: subject.fixture,
)
def test_well_formed_files_with_odd_values(subject: Subject, tmp_path: Path) -> None:
    rng = random.Random(f"values of {subject.fixture}")
    text = (FIXTURES / subject.fixture).read_text(encoding="utf-8").replace("\\x0B", "")
    original = json.loads(text)
    path = tmp_path / subject.fixture
    values = 0
    for case in range(CASES):
        content = original
        for _ in range(rng.randint(1, 30)):
            content = change(content, rng)
        path.write_text(json.dumps(content), encoding="utf-8")
        values += check(subject, path, case)[0]
    assert values > CASES / 4
