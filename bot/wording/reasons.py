"""Why something was suggested, in words: one sentence for each part of a score. Knows the parts; decides nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.interactions import ScorePart
from bot.domain.people import Level
from bot.domain.text import clip
from bot.wording import Argument, Wording
from recsys.rules import FEWEST

MAX_ON_CARD: Final = 2
_TITLE: Final = 48
# Parts that adjust a list rather than speak for an item: shown by "Why this?", never as a card's reason.
_ADJUSTMENTS: Final = frozenset({"kind", "diversity", "repeat", "balance", "over"})
BESIDE: Final = frozenset({"help", "event", "kept"})
"""Why something stands in a digest beside its suggestions."""
PLACED: Final = frozenset({"explore", "balance", "pinned"}) | BESIDE
"""Parts that say how an item came to its place; they add nothing to its score and are told apart from the sum."""
_FIRST: Final = frozenset({"explore", "pinned"}) | BESIDE
"""Said before all else: nobody should take a surprise or a decision of moderators for a match."""
LEAST: Final = 0.005
"""A part below this rounds to 0.00 and is not listed."""
THIN: Final = frozenset({"language"})
"""True of half of what there is: said after all else, and nothing that anybody is written to for."""
_OF_PEOPLE: Final = frozenset({"collaborative", "popular", "among"})
"""Parts whose number counts what people chose: a handful of them is not told as a number."""
_OF_TOPICS: Final = frozenset({"declared", "help", "event"})
"""Parts whose note is a topic."""
_SPOKEN: Final[Mapping[str, float]] = {"dense": 0.3}
"""A cosine below this is what any two texts have; saying "close" of it would be untrue."""
# What a note changes about a sentence: a discussion that was solved is not "rated", and missing ground is not finished.
_BY_NOTE: Final[Mapping[tuple[str, str], str]] = {
    ("path", "missing"): "reason-path-missing",
    ("quality", "solved"): "reason-quality-solved",
    ("level", "history"): "reason-level-history",
    ("collaborative", "rule"): "reason-collaborative-rule",
    ("collaborative", "alike"): "reason-collaborative-alike",
    ("help", "alike"): "reason-help-alike",
    ("help", "room"): "reason-help-room",
}


def reason_sentence(wording: Wording, part: ScorePart, titles: Mapping[str, str]) -> str:
    """A true sentence for one part: with the titles of its evidence where the reader may see them, else without."""
    if part.source == "among":
        return _among(wording, part)
    note = topic_name(wording, part.note) if part.source in _OF_TOPICS and part.note else part.note
    if part.source == "mapped":
        note = clip(part.note, _TITLE)
    named = [f"“{clip(titles[item], _TITLE)}”" for item in part.items if item in titles][:2]
    base = _BY_NOTE.get((part.source, part.note), f"reason-{part.source}")
    if not wording.has(base):
        return wording.say("reason-other", source=part.source)
    if part.value < 0 and wording.has(f"{base}-against"):
        base = f"{base}-against"
    count = 0 if part.source in _OF_PEOPLE and part.count < FEWEST else part.count
    told: dict[str, Argument] = {"count": count, "note": note, "of": part.of, "times": wording.number(part.times)}
    if named and wording.has(f"{base}-named"):
        return wording.say(f"{base}-named", titles=wording.listing(named), **told)
    if part.note and wording.has(f"{base}-noted"):
        base = f"{base}-noted"
    return wording.say(base, **told)


def _among(wording: Wording, part: ScorePart) -> str:
    """Popular among whom: only a group that clearly chose it, and large enough to be told, is named."""
    told = dict(word.split("=", 1) for word in part.note.split(";") if "=" in word)
    if part.count < FEWEST:
        return wording.say("reason-among")
    topic = topic_name(wording, told["topic"]) if told.get("topic") else ""
    level = list(Level)[int(told["level"])].value if told.get("level", "") in {"0", "1", "2"} else ""
    if not level and not topic:
        return wording.say("reason-among")
    base = "-".join(["reason-among", *(["level"] if level else []), *(["topic"] if topic else [])])
    return wording.say(base, count=part.count, topic=topic, level=level)


def topic_name(wording: Wording, topic: str) -> str:
    """A topic in the reader's language where we know its name, otherwise as the catalogue writes it."""
    return wording.say(f"topic-{topic}") if wording.has(f"topic-{topic}") else topic.replace("-", " ")


def _speaks(source: str, value: float) -> bool:
    return value >= _SPOKEN.get(source, LEAST) and source not in _ADJUSTMENTS | PLACED


def tells(source: str, value: float) -> bool:
    """Whether this part of a score is a reason that can stand alone."""
    return source in _FIRST or (source not in THIN and _speaks(source, value))


def card_reasons(wording: Wording, parts: Sequence[ScorePart], titles: Mapping[str, str]) -> tuple[str, ...]:
    """The strongest reasons for an item, best first; the sentence never claims what had no part in the score.

    A surprise says first that it is one.
    """
    speaking = [part for part in parts if _speaks(part.source, part.value)]
    if any(part.source == "popular" for part in speaking):
        # That it is popular here is said better, with its number, by the other part.
        speaking = [part for part in speaking if part.source != "among" or part.note]
    speaking.sort(key=lambda part: (part.source in THIN, -part.value, part.source))
    speaking[:0] = [part for part in parts if part.source in _FIRST]
    sentences: list[str] = []
    for part in speaking:
        sentence = reason_sentence(wording, part, titles)
        if sentence not in sentences:
            sentences.append(sentence)
        if len(sentences) == MAX_ON_CARD:
            break
    return tuple(sentences)


def score_lines(
    wording: Wording, score: float, parts: Sequence[ScorePart], titles: Mapping[str, str], *, every: bool = False
) -> list[str]:
    """``+0.41 close to things you chose``: the lines of "Why this?", largest first, which add up to the score shown.

    What says nothing (below half a hundredth) is left out unless `every` part is asked for.
    """
    ordered = sorted(parts, key=lambda part: (-part.value, part.source))
    lines = []
    for part, hundredths in zip(ordered, in_hundredths(score, [part.value for part in ordered]), strict=True):
        if every or hundredths or abs(part.value) >= LEAST:
            minus = hundredths < 0 or (not hundredths and part.value < 0)
            shown = f"{'−' if minus else '+'}{abs(hundredths) / 100:.2f}"
            lines.append(f"{shown} {reason_sentence(wording, part, titles)}")
    return lines


def in_hundredths(score: float, values: Sequence[float]) -> list[int]:
    """The values as whole hundredths that sum to those of the score, none of them off by a whole one.

    The largest remainders are rounded up (Hamilton's method): each rounded by itself, six of them can be three off.
    """
    exact = [100 * value for value in values]
    found = [math.floor(value) for value in exact]
    short = round(100 * score) - sum(found)
    order = sorted(range(len(exact)), key=lambda at: (found[at] - exact[at], at))
    for at in order[: max(short, 0)]:
        found[at] += 1
    return found
