"""`studyhall import` killed at random moments and run again: as if it had never been interrupted."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.people import Member
from bot.domain.refs import AccountRef
from storage import open_store
from tests.system.commands import Ended, Warm
from tests.system.contents import address, contents, unsound
from tests.system.exports import BEGUN, FIRST_PERSON, PEOPLE, write_courses, write_history, write_interactions

MESSAGES = 1000
KILLS = 8
HOMES = 2
"""Each is interrupted KILLS / HOMES times before its import may end."""

Begin = Callable[[Path], None]


def interrupted(
    studyhall: Warm, tmp_path: Path, begin: Begin, *command: str | Path, seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What an import leaves that was never killed, and what each home has whose imports were."""
    whole = tmp_path / "whole"
    begin(whole)
    started = time.monotonic()
    assert run(studyhall, whole, *command).code == 0
    seconds = time.monotonic() - started
    dice = random.Random(seed)
    left = []
    cut_short = 0
    for number in range(HOMES):
        home = tmp_path / f"killed-{number}"
        begin(home)
        for slot in range(KILLS // HOMES):
            process = studyhall.start("--home", home, *command, "--json")
            # One moment from each part of the time that it takes, so that no stage is left out.
            time.sleep(seconds * (slot + dice.random()) / (KILLS // HOMES))
            process.signal(signal.SIGKILL)
            cut_short += process.wait().code == -signal.SIGKILL
            assert unsound(home) == []
        again = run(studyhall, home, *command)
        assert again.code == 0, again.err
        assert unsound(home) == []
        left.append(contents(home))
    assert cut_short >= KILLS // 2, "most of the kills must hit a running import"
    return contents(whole), left


def run(studyhall: Warm, home: Path, *command: str | Path) -> Ended:
    return studyhall.run("--home", home, *command, "--json")


def _with_members_who_consent(home: Path) -> None:
    """So that what they say becomes interactions too: those too must be neither lost nor doubled."""
    store = open_store(address(home))
    with store.write() as uow:
        community = uow.communities.add("Generated", language="en", timezone="UTC", sample=False)
        for number in range(0, PEOPLE, 2):
            member = Member(
                0, community.id, f"Member {number}", consent=Consent(frozenset(ConsentKind)), joined_at=BEGUN
            )
            uow.members.create(member, [AccountRef("telegram", str(FIRST_PERSON + number))])
        uow.commit()
    store.close()


def same(whole: dict[str, Any], other: dict[str, Any]) -> None:
    assert whole.keys() == other.keys()
    for name, told in whole.items():
        assert other[name] == told, name


@pytest.mark.slow
def test_a_killed_history_is_continued(studyhall: Warm, tmp_path: Path) -> None:
    file = write_history(tmp_path / "result.json", messages=MESSAGES)
    made = tmp_path / "made"
    assert studyhall.run("--home", made, "upgrade").code == 0
    _with_members_who_consent(made)

    def with_members(home: Path) -> None:
        shutil.copytree(made, home)

    whole, left = interrupted(studyhall, tmp_path, with_members, "import", "history", file, seed=1)
    assert whole["stats"]["messages"] == MESSAGES
    assert whole["stats"]["posts"] > 50
    assert whole["stats"]["reactions"] > MESSAGES / 2
    assert whole["stats"]["interactions"] > MESSAGES / 4
    for other in left:
        same(whole, other)
    again = run(studyhall, tmp_path / "killed-0", "import", "history", file).document
    assert (again["added"], again["updated"], again["messages"], again["reactions"]) == (0, 0, 0, 0)
    assert again["unchanged"] == again["read"]
    same(whole, contents(tmp_path / "killed-0"))


@pytest.mark.slow
def test_a_killed_catalogue_is_continued(studyhall: Warm, tmp_path: Path) -> None:
    first = write_courses(tmp_path / "first.csv", courses=3000)
    second = write_courses(tmp_path / "second.csv", courses=3300, edition=2)
    made = tmp_path / "made"
    assert run(studyhall, made, "import", "courses", first).document["added"] == 3000

    def old_edition(home: Path) -> None:
        shutil.copytree(made, home)

    whole, left = interrupted(studyhall, tmp_path, old_edition, "import", "courses", second, seed=2)
    assert whole["stats"]["courses"] == 3300
    for other in left:
        same(whole, other)
    again = run(studyhall, tmp_path / "killed-1", "import", "courses", second).document
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 3300)


@pytest.mark.slow
def test_killed_interactions_are_continued(studyhall: Warm, tmp_path: Path) -> None:
    catalogue = write_courses(tmp_path / "courses.csv", courses=200)
    file = write_interactions(tmp_path / "interactions.csv", rows=6000, courses=200)
    made = tmp_path / "made"
    assert run(studyhall, made, "import", "courses", catalogue).code == 0

    def with_courses(home: Path) -> None:
        shutil.copytree(made, home)

    whole, left = interrupted(studyhall, tmp_path, with_courses, "import", "interactions", file, seed=3)
    assert whole["stats"]["interactions"] == 6000
    for other in left:
        same(whole, other)
    again = run(studyhall, tmp_path / "killed-1", "import", "interactions", file).document
    assert (again["added"], again["unchanged"]) == (0, 6000)
