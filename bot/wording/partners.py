"""Why somebody would be a good partner, in words. Knows the parts of a match; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.interactions import ScorePart
from bot.domain.text import clip
from bot.wording import Wording
from bot.wording.reasons import topic_name
from recsys.partners import SUBJECTS

MAX_ON_CARD: Final = 4
_TITLE: Final = 48
_GIVEN: Final = frozenset({"teaches", "learns"})


def partner_sentence(
    wording: Wording, part: ScorePart, titles: Mapping[str, str], *, timezone: str, at: datetime
) -> str | None:
    """A true sentence for one part, for a reader in `timezone`; None where there is nothing worth saying."""
    if part.source in _GIVEN:
        named = [f"“{clip(titles[item], _TITLE)}”" for item in part.items if item in titles]
        return wording.say(f"person-{part.source}", titles=wording.listing(named)) if named else None
    if part.source in {"shared", "answered"}:
        topics = wording.listing([topic_name(wording, topic) for topic in part.items])
        return wording.say(f"person-{part.source}", topics=topics, count=part.count) if topics else None
    if part.source == "hours":
        if not part.note:
            return wording.say("person-hours-zone", count=part.count)
        begins = at.astimezone(UTC).replace(hour=int(part.note), minute=0).astimezone(ZoneInfo(timezone))
        return wording.say("person-hours", count=part.count, start=f"{begins:%H:%M}")
    if part.value < 0:
        return wording.say(f"person-{part.source}-against")
    return wording.say(f"person-{part.source}")


def partner_reasons(
    wording: Wording, parts: Sequence[ScorePart], titles: Mapping[str, str], *, timezone: str, at: datetime
) -> tuple[str, ...]:
    """Subjects before circumstances, the strongest first; what speaks against somebody is said too, last."""
    ordered = sorted(
        parts, key=lambda part: (part.value < 0, part.source not in SUBJECTS, -abs(part.value), part.source)
    )
    said = (partner_sentence(wording, part, titles, timezone=timezone, at=at) for part in ordered)
    return tuple(sentence for sentence in said if sentence)[:MAX_ON_CARD]
