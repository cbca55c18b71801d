"""Chinese sentences read evenly where their parts meet, whatever is filled in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.admission import Admission, AdmissionKind, NativeRole
from bot.usecases.events.answering import offsets
from bot.usecases.events.cards import admission_name
from bot.wording import Wording, _bundle, message_ids
from bot.wording.spacing import CLOSE, OPEN, joined, marked
from tests.bot.usecases.events.hosting import planned

ZH = Wording("zh")
HAN, LATIN = "[\u4e00-\u9fff]", "[0-9A-Za-z]"


def test_what_is_joined_is_spaced_once() -> None:
    assert ZH.listing(["1 天", "15 分钟"]) == "1 天和 15 分钟"
    assert ZH.listing(["Rust", "Go"]) == "Rust 和 Go"
    assert ZH.listing(["后端", "前端"]) == "后端和前端"
    assert ZH.either(["Rust", "后端", "Go"]) == "Rust、后端或 Go"
    assert ZH.say("event-for-topic", topic="后端") == "在学后端的人"
    assert ZH.say("event-for-topic", topic="Rust") == "在学 Rust 的人"
    assert ZH.say("event-going", count=3) == "3 人参加"


def test_events_say_it_evenly() -> None:
    event = planned(1, reminders=(24 * 60, 15))
    assert offsets(ZH, event) == "1 天和 15 分钟"
    roles = (NativeRole("discord", "1", "2", "导师"), NativeRole("discord", "1", "3", "Mentor"))
    assert (
        admission_name(ZH, planned(1, admission=Admission(AdmissionKind.ROLE, roles=roles)))
        == "拥有身份组 @导师和 @Mentor 的人"
    )


def test_what_somebody_wrote_is_never_changed() -> None:
    for title in ("学习 小组", "Rust入门", "A 和B", "  "):
        assert title.strip() in ZH.say("event-title", title=title)
        assert title.strip() in ZH.say("event-leave-question", title=title, count=2)


@pytest.mark.parametrize("filled", ["后端", "Rust", "7"])
def test_no_sentence_has_a_seam_that_is_uneven(filled: str) -> None:
    """Whatever stands in it: no Han beside Latin without a space, no Han apart from Han."""
    around, looked_at = re.escape(filled), 0
    for id_ in sorted(message_ids("zh")):
        try:
            text = ZH.say(id_, **dict.fromkeys(_arguments(id_), filled))
        except LookupError:
            continue  # a number is wanted
        looked_at += filled in text
        assert OPEN not in text
        assert CLOSE not in text
        uneven = rf"{HAN} {around}|{around} {HAN}" if filled == "后端" else rf"{HAN}{around}|{around}{HAN}"
        assert not re.search(uneven, text), (id_, text)
    assert looked_at > 300


def _arguments(id_: str) -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "VariableReference":
                found.add(node["id"]["name"])
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(_bundle("zh")._messages[id_].to_json())
    return found


@given(st.lists(st.text("后Rp1 ，", max_size=6), max_size=5))
def test_joining_only_adds_or_takes_spaces_at_the_seams(parts: list[str]) -> None:
    said = joined("".join(marked(parts)))
    assert said.replace(" ", "") == "".join(parts).replace(" ", "")
    for part in parts:
        assert part.strip() in said
    assert joined(said) == said
