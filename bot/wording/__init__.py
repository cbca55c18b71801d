"""Every sentence that a person reads, in English and Chinese (Fluent). Knows words; decides nothing.

Messages live in ``en/*.ftl`` and ``zh/*.ftl``; both languages have the same ids (a test compares them). Arguments are
people's text: they are put in as data and never parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk

from bot.wording.spacing import joined, marked

LANGUAGES: Final = ("en", "zh")
_LOCALES: Final = {"en": "en-US", "zh": "zh-CN"}
_BABEL: Final = {"en": Locale.parse("en_US"), "zh": Locale.parse("zh_Hans_CN")}
_OFTEN: Final = 4_096
"""Sentences, numbers and days of each kind that are remembered. What somebody wrote is never among them."""

Argument = str | int | float


class MissingWording(LookupError):
    """A message id, or one of its arguments, is missing: a mistake in the program, never shown to a person."""


@cache
def _bundle(language: str) -> FluentBundle:
    # Isolation marks only show where parts of a Chinese sentence meet, and stay in no sentence: renderers isolate
    # people's text in their platform's own way, and `clean()` drops the marks.
    bundle = FluentBundle([_LOCALES[language]], use_isolating=language == "zh")
    folder = files(__package__) / language
    for source in sorted(folder.iterdir(), key=lambda path: path.name):
        if source.name.endswith(".ftl"):
            resource = FluentResource(source.read_text("utf-8"))
            broken = [entry for entry in resource.body if isinstance(entry, Junk)]
            if broken:  # the parser skips what it cannot read; a lost sentence must be found at once
                raise MissingWording(f"{language}/{source.name}: cannot read {broken[0].content.strip()[:60]!r}")
            bundle.add_resource(resource)
    return bundle


def message_ids(language: str) -> frozenset[str]:
    """All ids of a language, for the test that compares the two."""
    return frozenset(_bundle(language)._messages)  # noqa: SLF001  the bundle offers no public listing


@dataclass(frozen=True, slots=True)
class Wording:
    """Sentences of one language: ``say("hello", name="Lin")``."""

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {self.language!r}")

    def say(self, message: str, **arguments: Argument) -> str:
        """The sentence `message` with its arguments. Raises MissingWording for an unknown id or argument."""
        for value in arguments.values():
            if type(value) is not int:
                return _said(self.language, message, arguments)
        return _said_often(self.language, message, tuple(arguments.items()))

    def has(self, message: str) -> bool:
        return bool(_bundle(self.language).has_message(message))

    def platform(self, platform: str) -> str:
        """A platform as people call it."""
        name = f"platform-{platform}"
        return self.say(name) if self.has(name) else platform.title()

    def listing(self, parts: list[str]) -> str:
        """``a, b, and c`` / ``a、b和c``."""
        return self._listed(parts, "standard")

    def either(self, parts: list[str]) -> str:
        """``a, b, or c`` / ``a、b或c``."""
        return self._listed(parts, "or")

    def _listed(self, parts: list[str], style: Literal["standard", "or"]) -> str:
        chinese = self.language == "zh"
        text: str = format_list(marked(parts) if chinese else parts, style=style, locale=_BABEL[self.language])
        return joined(text) if chinese else text

    def day(self, day: date) -> str:
        return _day(self.language, day)

    def moment(self, at: datetime, timezone: str) -> str:
        """Weekday, day and time in a zone, such as ``Fri, Nov 7, 19:30``."""
        local = at.astimezone(ZoneInfo(timezone))
        pattern = "EEE, MMM d, HH:mm" if self.language == "en" else "M月d日EEE HH:mm"
        return format_datetime(local, pattern, locale=_BABEL[self.language])

    def month(self, day: date) -> str:
        """``November 2026`` / ``2026年11月``."""
        return format_date(day, "MMMM y" if self.language == "en" else "y年M月", locale=_BABEL[self.language])

    def weekday(self, day: date) -> str:
        """``Mon`` / ``周一``."""
        return format_date(day, "EEE", locale=_BABEL[self.language])

    def in_full(self, at: datetime, timezone: str, *, minutes: int | None = None, offset: bool = False) -> str:
        """All of a moment, such as ``Fri 27 Nov 2026, 19:30 (Asia/Shanghai)``; with `minutes` also when it ends.

        `offset`: says ``UTC+2`` too, for the hour that comes twice when clocks go back.
        """
        local = at.astimezone(ZoneInfo(timezone))
        english = self.language == "en"
        whole = "EEE d MMM y, HH:mm" if english else "y年M月d日 EEE HH:mm"
        text: str = format_datetime(local, whole, locale=_BABEL[self.language])
        if minutes is not None:
            ends = (local.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(local.tzinfo)
            short = ends - local < timedelta(days=1) and (ends.date() == local.date() or ends.hour < local.hour)
            text += "–" + format_datetime(ends, "HH:mm" if short else whole, locale=_BABEL[self.language])
        zone = f"{timezone}, {format_datetime(local, 'OOOO', locale='en_US')}" if offset else timezone
        return f"{text} ({zone})" if english else f"{text}（{zone}）"

    def money(self, amount: float, currency: str) -> str:
        """``$39`` / ``¥39``; whole amounts without decimals."""
        text: str = format_currency(
            amount,
            currency,
            locale=_BABEL[self.language],
            currency_digits=amount != int(amount),
            format=None if amount != int(amount) else "¤#,##0",
        )
        return text

    def number(self, value: float, digits: int = 1) -> str:
        return _number(self.language, value, digits)


def _said(language: str, message: str, arguments: Mapping[str, Argument]) -> str:
    bundle = _bundle(language)
    if not bundle.has_message(message):
        raise MissingWording(f"no message {message!r} in {language}")
    pattern = bundle.get_message(message).value
    if pattern is None:
        raise MissingWording(f"message {message!r} has no text in {language}")
    text, errors = bundle.format_pattern(pattern, arguments)
    if errors:
        raise MissingWording(f"message {message!r} in {language}: {errors[0]}")
    return joined(str(text)) if language == "zh" else str(text)


@lru_cache(_OFTEN)
def _said_often(language: str, message: str, counts: tuple[tuple[str, Argument], ...]) -> str:
    """Labels, headings and counts: a digest has dozens of them, the same for everybody."""
    return _said(language, message, dict(counts))


@lru_cache(_OFTEN)
def _day(language: str, day: date) -> str:
    return str(format_date(day, "medium", locale=_BABEL[language]))


@lru_cache(_OFTEN)
def _number(language: str, value: float, digits: int) -> str:
    return str(format_decimal(round(value, digits), locale=_BABEL[language]))


def choose(*wanted: str | None, default: str = "en") -> Wording:
    """The wording of the first language we speak among `wanted`, such as a member's choice, then a message's own."""
    for language in wanted:
        if language and language[:2] in LANGUAGES:
            return Wording(language[:2])
    return Wording(default if default in LANGUAGES else "en")
