"""Every sentence exists in both languages, is used, and renders; reasons are true in all their forms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.consent import ConsentKind
from bot.domain.digests import LENGTHS, Section
from bot.domain.interactions import ScorePart
from bot.domain.items import ItemId, Kind
from bot.domain.people import LANGUAGES, Goal, Level
from bot.domain.rules import RuleAction
from bot.domain.schedules import Frequency
from bot.domain.segments import DECLARED, RuleKind
from bot.domain.setup import CheckName, RefusalCause
from bot.sample import load_catalogue
from bot.usecases.author_report import Advice
from bot.usecases.calendars.feeds import ALARMS
from bot.usecases.digest_controls import STOP_REASONS
from bot.usecases.digest_pages import FREQUENCIES, PAGES
from bot.usecases.events.series import Made
from bot.usecases.proving import Proved
from bot.usecases.talk import HELP_ORDER, HELP_STAFF
from bot.usecases.times.when import Doubt, Problem
from bot.usecases.views import HIDE_REASONS
from bot.wording import MissingWording, Wording, choose, message_ids
from bot.wording.reasons import (
    BESIDE,
    LEAST,
    MAX_ON_CARD,
    PLACED,
    card_reasons,
    in_hundredths,
    reason_sentence,
    score_lines,
)
from recsys.ranking import CATALOGUE, DEFAULT_WEIGHTS
from recsys.reranking import BALANCE, DIVERSITY, EXPLORE, PINNED
from recsys.search import DENSE, KIND, LEXICAL, OVER

ROOT = Path(bot.__file__).parent.parent
SOURCES = (
    frozenset(DEFAULT_WEIGHTS) | BESIDE | {CATALOGUE, BALANCE, DIVERSITY, EXPLORE, PINNED, DENSE, KIND, LEXICAL, OVER}
)
NOTES = {
    "path": "missing",
    "quality": "solved",
    "level": "history",
    "declared": "rust",
    "language": "zh",
    "help": "room",
    "event": "rust",
}

FAMILIES = frozenset(
    [
        *(f"kind-{kind.value}" for kind in Kind),
        *(f"show-{kind}" for kind in ("course", "post", "event")),
        *(f"level-{level.value}" for level in Level),
        *(f"level-{name}" for name in ("new", "some", "expert")),
        *(f"goal-{goal.value}" for goal in Goal),
        *(f"hours-{hours}" for hours in ("2", "4", "8")),
        *(f"language-{language}" for language in LANGUAGES),
        *(f"consent-{kind.value}" for kind in ConsentKind),
        *(f"consent-line-{kind.value}" for kind in ConsentKind),
        *(f"switch-{kind.value}" for kind in ConsentKind),
        *(f"form-{kind}" for kind in ("empty", "too-long", "too-few", "too-many", "unknown")),
        *(f"rec-{action.value}-done" for action in RuleAction),
        *(f"rec-word-{action.value}" for action in RuleAction),
        *(f"state-{state}" for state in ("enrolled", "going", "waiting", "offered", "saved", "hidden")),
        *(f"hide-{act}" for act in HIDE_REASONS),
        *(f"calendar-alarm-{minutes}" for minutes in ALARMS),
        *(f"help-{name}" for name in (*HELP_ORDER, *HELP_STAFF)),
        *(f"person-state-{state}" for state in ("hello", "declined")),
        *(f"person-{source}" for source in ("shared", "teaches", "learns", "answered", "level", "language")),
        *(f"person-{source}-against" for source in ("level", "language")),
        *(f"rate-{kept}" for kept in ("mark", "rating", "same")),
        *(f"report-band-{number}" for number in range(4)),
        *(f"report-do-{advice.value}" for advice in Advice),
        *(f"proposal-{source}" for source in ("sequence", "named", "asked", "level")),
        *(f"notice-proposal-{state}" for state in ("confirmed", "refused")),
        *(f"weekday-{day}" for day in range(7)),
        *(f"when-which-{doubt.value}" for doubt in Doubt),
        *(f"when-{problem.value}" for problem in Problem),
        *(f"weekday-short-{day}" for day in range(7)),
        *(f"digest-{name}-{one.value}" for name in ("heading", "when") for one in Frequency),
        *(f"digest-f-{one.value}" for one in FREQUENCIES),
        *(f"digest-s-{one.value}" for one in Section),
        *(f"digest-p-{page}" for page in PAGES if page not in {"main", "pause"}),
        *(f"digest-stop-{why}" for why in STOP_REASONS),
        *(f"digests-stop-{why}" for why in (*STOP_REASONS, "stopped")),
        *(f"digest-note-stop-{why}" for why in STOP_REASONS),
        *(f"event-series-{made.value}" for made in Made),
        *(f"segment-is-{segment.slug}" for segment in DECLARED),
        *(f"segment-rule-{kind.value}" for kind in RuleKind),
        *(f"segment-rule-{did}-{what}" for did in ("finished", "enrolled") for what in ("level", "course")),
        *(f"segment-wrong-{kind}" for kind in ("topic", "level", "finished", "enrolled")),
        *(f"event-barred-{kind}" for kind in ("topic", "level")),
        *(f"platform-{platform}" for platform in ("web", "telegram", "discord")),
        *(f"digest-note-{note}" for note in ("sent", "little", "skipped", "stopped", "unreachable")),
        *(f"ask-confidence-{level}" for level in ("good", "fair", "low")),
        *(f"onboard-heading-{step}" for step in ("topics", "level", "goal", "consent", "digest")),
        *(f"{surface}-heading" for surface in ("start", "foryou", "learn", "saved")),
        *(f"reason-{source}" for source in SOURCES),
        *(f"setup-{name.value}-{how}" for name in CheckName for how in ("good", "bad", "todo")),
        *(f"setup-refused-{cause.value}{more}" for cause in RefusalCause for more in ("", "-todo")),
        *(f"setup-delivery-{state}{more}" for state in ("in-doubt", "malformed", "dropped") for more in ("", "-todo")),
        *(f"setup-proved-{proved}" for proved in get_args(Proved)),
        *(f"setup-room-{state}" for state in ("on", "off", "never")),
        *(f"setup-notice-{what}" for what in ("on", "off", "never", "lift")),
        *(f"source-{source}" for source in ("semantic", "collaborative", "popular", "fresh", "social", "upcoming")),
        *(f"source-{source}" for source in ("declared", "quality", "level", "hours", "language", "path", "mapped")),
    ]
)
"""Ids that the program puts together from a name and a value, written out."""


class Variables(Visitor):  # type: ignore[misc]
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.names.add(node.id.name)


@cache
def variables(language: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for file in sorted((ROOT / "bot/wording" / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{file.name}: {entry.content[:60]}"
            if isinstance(entry, ftl.Message):
                visitor = Variables()
                visitor.visit(entry)
                assert entry.id.name not in found, f"{entry.id.name} is written twice in {language}"
                found[entry.id.name] = frozenset(visitor.names)
    return found


def code() -> Iterator[tuple[Path, str]]:
    for folder in ("bot", "adapters/web", "adapters/discord", "adapters/telegram"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".html", ".js"}:
                yield file, file.read_text("utf-8")


def literals(argument: ast.expr) -> Iterator[str]:
    """The ids that an argument may be; the pieces of an f-string are families, not ids."""
    match argument:
        case ast.Constant(value=str() as literal):
            yield literal
        case ast.IfExp(body=body, orelse=orelse):
            yield from literals(body)
            yield from literals(orelse)


def said() -> dict[str, str]:
    """Every literal id given to `say` or `has`, with where it stands."""
    found: dict[str, str] = {}
    for file, text in code():
        if file.suffix != ".py":
            for literal in re.findall(r"""\bsay\(\s*["']([a-z0-9-]+)["']\s*(?=[,)])""", text):
                found[literal] = file.name
        else:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
                    found |= dict.fromkeys(literals(node.args[0]) if node.args else (), file.name)
    return found


def test_both_languages_have_the_same_ids() -> None:
    assert message_ids("en") == message_ids("zh") == variables("en").keys() == variables("zh").keys()


def test_both_languages_use_the_same_variables() -> None:
    """Chinese may leave a count out where the sentence needs none; it never asks for more than English gives."""
    more = {id_: zh - variables("en")[id_] for id_, zh in variables("zh").items() if zh - variables("en")[id_]}
    fewer = {id_: en - variables("zh")[id_] for id_, en in variables("en").items() if en - variables("zh")[id_]}
    assert more == {}
    assert fewer == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_said_exists(language: str) -> None:
    ids = message_ids(language)
    found = said()
    assert len(found) > 150
    assert {id_: file for id_, file in found.items() if id_ not in ids} == {}
    assert FAMILIES - ids == set()


def test_nothing_is_written_that_is_never_said() -> None:
    everything = "\n".join(text for _, text in code())
    quoted = set(re.findall(r"""["'`]([a-z][a-z0-9-]+)["'`]""", everything))
    families = re.compile(
        r"(reason-|source-|topic-|platform-|(web|telegram)-command-|discord-(name|about|option)-|web-(chip|theme|error)-"
        r"|help-|right-|event-thread-(told|not)-|event-(platform|you|notice|flaw|guests|manage|state|queue|repeats|later|write|cancel|letter)-)"
    )
    unused = {id_ for id_ in message_ids("en") if id_ not in quoted and id_ not in FAMILIES and not families.match(id_)}
    assert unused == set()


def test_every_topic_name_is_a_name_and_every_reason_belongs_to_a_source() -> None:
    for id_ in message_ids("en"):
        if id_.startswith("reason-") and id_ != "reason-other":
            assert id_.split("-")[1] in SOURCES, id_


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize("value", [0.4, -0.4, 0.0])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_every_reason_is_a_sentence(language: str, source: str, value: float, count: int) -> None:
    wording = Wording(language)
    titles = {"course:a": "Rust <from> zero", "course:b": "Tokio"}
    other = wording.say("reason-other", source=source)
    for note in {"", NOTES.get(source, "")}:
        for evidence in ((), ("course:a",), ("course:a", "course:b"), ("course:hidden",)):
            part = ScorePart(source, value, tuple(map(ItemId, evidence)), count, note)
            sentence = reason_sentence(wording, part, titles)
            assert sentence.strip()
            assert sentence != other, f"nothing is written for {source}"
            assert "course:" not in sentence
            assert "{" not in sentence


def test_an_unknown_source_is_named_rather_than_hidden() -> None:
    assert reason_sentence(Wording("en"), ScorePart("moon", 0.2), {}) == "moon"


def test_what_one_lacks_is_never_called_finished() -> None:
    titles = {"course:a": "Rust from zero"}
    for value in (0.15, 0.0, -0.15):
        part = ScorePart("path", value, (ItemId("course:a"),), 1, "missing")
        assert "you finished" not in reason_sentence(Wording("en"), part, titles)
        assert "Rust from zero" in reason_sentence(Wording("en"), part, titles)
        assert "接在" not in reason_sentence(Wording("zh"), part, titles)
    done = ScorePart("path", 0.15, (ItemId("course:a"),), 1)
    assert reason_sentence(Wording("en"), done, titles) == "Next after “Rust from zero”, which you finished"


def test_a_solved_discussion_is_not_called_rated() -> None:
    assert "rated" not in reason_sentence(Wording("en"), ScorePart("quality", 0.05, note="solved"), {})
    assert "评分" not in reason_sentence(Wording("zh"), ScorePart("quality", 0.05, note="solved"), {})
    assert reason_sentence(Wording("en"), ScorePart("quality", 0.05), {}) == "Well rated"


def test_a_card_gives_its_strongest_reasons_and_none_that_had_no_part() -> None:
    wording = Wording("en")
    parts = [
        ScorePart("fresh", 0.02),
        ScorePart("semantic", 0.3),
        ScorePart("language", 0.12),
        ScorePart("path", -0.15, note="missing"),
        ScorePart("repeat", 0.2),
        ScorePart("balance", 0.0, note="kind"),
    ]
    assert card_reasons(wording, parts, {}) == ("Close to what you chose here", "New here")
    assert card_reasons(wording, parts[1:], {}) == ("Close to what you chose here", "In your language")
    assert card_reasons(wording, [ScorePart("fresh", LEAST / 2)], {}) == ()
    assert card_reasons(wording, [ScorePart("catalogue", 0.0)], {}) == ()


def test_a_surprise_says_that_it_is_one() -> None:
    parts = [ScorePart("language", 0.12), ScorePart("semantic", 0.3), ScorePart("explore", 0.0, count=20)]
    reasons = card_reasons(Wording("en"), parts, {})
    assert reasons[0].startswith("A surprise")
    assert len(reasons) == MAX_ON_CARD
    assert EXPLORE in PLACED


@pytest.mark.parametrize(("value", "begins"), [(0.414, "+0.41 "), (-0.066, "−0.07 "), (-0.0, "+0.00 ")])
def test_a_line_of_why_shows_its_part(value: float, begins: str) -> None:
    (line,) = score_lines(Wording("en"), value, [ScorePart("fresh", value)], {}, every=True)
    assert line.startswith(begins)


def test_what_says_nothing_has_no_line_of_its_own() -> None:
    parts = [
        ScorePart("semantic", 0.3),
        ScorePart("fresh", 0.002),
        ScorePart("explore", 0.0),
        ScorePart("kind", -0.001),
    ]
    assert len(score_lines(Wording("en"), 0.301, parts, {})) == 1
    assert len(score_lines(Wording("en"), 0.301, parts, {}, every=True)) == 4


@given(st.lists(st.floats(-2, 2), max_size=15))
def test_the_lines_of_why_add_up_to_the_score_that_stands_above_them(values: list[float]) -> None:
    score = sum(values)
    shown = in_hundredths(score, values)
    if values:
        assert sum(shown) == round(100 * score)
    assert all(abs(one - 100 * value) < 1 for one, value in zip(shown, values, strict=True))
    parts = [ScorePart("fresh", value) for value in values]
    lines = score_lines(Wording("en"), score, parts, {})
    told = [int(line.split()[0].replace("−", "-").replace(".", "")) for line in lines]
    assert sum(told) == (round(100 * score) if values else 0)


def test_peoples_text_is_data() -> None:
    for language in LANGUAGES:
        assert "{ $x } <b>" in Wording(language).say("learn-heading", words="{ $x } <b>")


def test_a_missing_sentence_or_argument_is_a_mistake_of_ours() -> None:
    with pytest.raises(MissingWording, match="no-such-thing"):
        Wording("en").say("no-such-thing")
    with pytest.raises(MissingWording, match="learn-heading"):
        Wording("en").say("learn-heading")
    with pytest.raises(ValueError, match="tlh"):
        Wording("tlh")


def test_choose_takes_the_first_language_that_we_speak() -> None:
    assert choose(None, "", "zh-Hans", "en").language == "zh"
    assert choose("de", "en-GB").language == "en"
    assert choose("de", None).language == "en"
    assert choose("de", default="zh").language == "zh"


def test_numbers_money_and_lists_follow_the_language() -> None:
    assert Wording("en").money(39, "USD") == "$39"
    assert Wording("en").money(39.5, "USD") == "$39.50"
    assert Wording("zh").money(99, "CNY") == "¥99"
    assert Wording("zh").listing(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert Wording("en").listing(["a", "b", "c"]) == "a, b, and c"
    assert [Wording("en").say("digest-length", length=n) for n in LENGTHS] == ["3 items", "5 items", "10 items"]


def test_every_topic_of_the_sample_catalogue_has_a_name_in_both_languages() -> None:
    tags = {tag for row in load_catalogue() for tag in row["tags"].split(";") if tag}
    for language in LANGUAGES:
        assert sorted(tag for tag in tags if not Wording(language).has(f"topic-{tag}")) == []


def test_popular_among_whom_is_said_where_somebody_speaks() -> None:
    said = {
        "topic=rust": "Popular among people here who want to learn Rust (23 people)",
        "level=0": "Popular among beginners here (23 people)",
        "level=0;topic=rust": "Popular among beginners in Rust here (23 people)",
        "level=2;topic=rust": "Popular among advanced learners of Rust here (23 people)",
        "": "Popular here",
        "level=9": "Popular here",
    }
    for note, sentence in said.items():
        assert reason_sentence(Wording("en"), ScorePart("among", 0.2, (), 23, note), {}).startswith(sentence)
        few = reason_sentence(Wording("en"), ScorePart("among", 0.2, (), 4, note), {})
        assert few == "Popular here"
        in_chinese = reason_sentence(Wording("zh"), ScorePart("among", 0.2, (), 23, note), {})
        assert ("23" in in_chinese) is ("23" in sentence)
    both = (ScorePart("popular", 0.2, (), 40), ScorePart("among", 0.3, (), 0, ""))
    assert card_reasons(Wording("en"), both, {}) == ("Popular here: 40 members chose it lately",)
    assert card_reasons(Wording("en"), both[1:], {}) == ("Popular here",)


def test_rules_and_neighbours_are_told_in_numbers_of_many_people_only() -> None:
    titles = {"course:a": "Rust", "course:b": "Go"}
    rule = ScorePart("collaborative", 0.4, (ItemId("course:a"),), 37, "rule", of=60, times=3.1)
    assert reason_sentence(Wording("en"), rule, titles) == (
        "37 of the 60 people who took “Rust” chose this too, 3.1 times as often as others"
    )
    assert "60" in reason_sentence(Wording("zh"), rule, titles)
    assert "something you took" in reason_sentence(Wording("en"), rule, {})
    alike = ScorePart("collaborative", 0.4, (ItemId("course:a"), ItemId("course:b")), 12, "alike", of=50)
    assert reason_sentence(Wording("en"), alike, titles) == "12 of the 50 learners most like you took it"
    for source in ("collaborative", "popular"):
        for language in ("en", "zh"):
            few = reason_sentence(Wording(language), ScorePart(source, 0.4, (), 4), titles)
            assert not any(character.isdigit() for character in few)
            assert "5" in reason_sentence(Wording(language), ScorePart(source, 0.4, (), 5), titles)
