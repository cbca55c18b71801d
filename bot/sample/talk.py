"""Who says what, where and when in the sample community. Knows people, rooms and the bank; writes no file.

Every sentence of the bank is used at most once; only short acknowledgements come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bot.sample import bank, rooms
from bot.sample.bank import Thread
from bot.sample.interests import Course
from bot.sample.people import Person
from bot.sample.rooms import Room

SOLVED: Final = "✅"
QUIET: Final = timedelta(hours=2)
"""Nothing is said in the last hours before the moment of generation."""
_CHEERS: Final = ("👍", "👍", "👍", "❤️", "🔥", "🙏", "💯")
_PARTY: Final = ("🎉", "👏", "🔥", "❤️", "👍")
_SHORT: Final = 40


@dataclass(slots=True, eq=False)
class Said:
    """One message. `reactions` lists, per emoji, who chose it; `poll` is a question with counted answers."""

    room: Room
    author: Person
    at: datetime
    text: str
    reply_to: Said | None = None
    reactions: dict[str, list[Person]] = field(default_factory=dict)
    edited: datetime | None = None
    pinned: bool = False
    picture: str = ""
    poll: tuple[tuple[str, int], ...] = ()
    mention: Person | None = None


class Deck:
    """Draws from phrases without repeating one until all were drawn."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._left: dict[tuple[str, str], list[str]] = {}

    def draw(self, language: str, name: str) -> str:
        left = self._left.setdefault((language, name), [])
        if not left:
            left.extend(bank.phrases(language, name))
            self._rng.shuffle(left)
        return left.pop()


class Script:
    """Collects what is said and decides the details that all conversations share."""

    def __init__(self, rng: Random, members: Sequence[Person], known: Mapping[str, Course], now: datetime) -> None:
        self.rng = rng
        self.members = members
        self.known = known
        self.now = now
        self.limit = now - QUIET
        self.deck = Deck(rng)
        self.said: list[Said] = []
        self._texts: set[str] = set()

    def linked(self, text: str, *, link: bool = True) -> str:
        """Text with ``[[course-id]]`` replaced by title and address; an unknown id stays as words."""
        chinese = any("\u4e00" <= character <= "\u9fff" for character in text)

        def title(match: re.Match[str]) -> str:
            course = self.known.get(match[1])
            if course is None:
                return match[1].replace("-", " ")
            name = f"《{course.title}》" if chinese else course.title
            return f"{name} ({course.url})" if link else name

        return bank.LINK.sub(title, text)

    def fresh(self, make: Callable[[], str]) -> str:
        """A text nobody has said yet, if twenty attempts are enough."""
        for _ in range(20):
            text = make()
            if text not in self._texts:
                break
        return text

    def say(self, room: Room, author: Person, at: datetime, text: str, reply_to: Said | None = None) -> Said:
        message = Said(room, author, at.replace(microsecond=self.rng.randrange(1000) * 1000), text, reply_to)
        if self.rng.random() < 0.04 and len(text) > _SHORT:
            message.edited = min(at + timedelta(minutes=self.rng.uniform(1, 25)), self.limit)
        self._texts.add(text)
        self.said.append(message)
        return message

    def moment(self, person: Person, earliest: datetime, latest: datetime) -> datetime:
        """A time between the two, near the member's usual hour of that day where possible."""
        day = person.local(earliest + (latest - earliest) * self.rng.random())
        hour = (person.active_hour + self.rng.gauss(0, 1.6)) % 24
        at = day.replace(hour=int(hour), minute=self.rng.randrange(60), second=self.rng.randrange(60))
        return min(max(at.astimezone(earliest.tzinfo), earliest), latest)

    def after(self, previous: datetime, person: Person, *, minutes: float = 35) -> datetime:
        """When `person` answers: log-normal with this median, later when it is night there, before the limit."""
        delay = min(self.rng.lognormvariate(0, 1.1) * minutes, 60 * 14)
        at = previous + timedelta(minutes=1 + delay)
        local = person.local(at)
        if 1 <= local.hour < 7:
            at += timedelta(hours=7 - local.hour, minutes=self.rng.uniform(5, 70))
        return at if at < self.limit else previous + (self.limit - previous) * self.rng.uniform(0.15, 0.4)

    def crowd(self, room: Room, language: str, at: datetime) -> list[Person]:
        """Who could take part: present by then, has an account there, speaks the language, may enter."""
        return [
            person
            for person in self.members
            if person.on(room.platform)
            and person.joined <= at
            and person.speaks(language)
            and (person.moderator or not room.private)
        ]

    def pick(
        self, candidates: Iterable[Person], topics: Sequence[str], *, expert: bool, without: Iterable[Person] = ()
    ) -> Person | None:
        """One person, likelier with shared topics, and with a high level (`expert`) or a low one."""
        banned = {person.number for person in without}
        left = [person for person in candidates if person.number not in banned]
        if not left:
            return None
        weights = []
        for person in left:
            shared = len(set(person.topics) & set(topics))
            level = (0.3, 2.5, 5)[person.rank] if expert else (4, 3, 0.12)[person.rank]
            weights.append((0.02 + shared**1.5) * level)
        return self.rng.choices(left, weights)[0]

    def react(self, message: Said, language: str, most: int, emojis: Sequence[str] = _CHEERS) -> None:
        """Up to `most` members react, none of them the author."""
        crowd = [p for p in self.crowd(message.room, language, message.at) if p is not message.author]
        for person in self.rng.sample(crowd, min(len(crowd), self.rng.randint(0, most))):
            message.reactions.setdefault(self.rng.choice(emojis), []).append(person)


def label(script: Script, hosts: Mapping[str, Person], opened: datetime) -> None:
    """The pinned first message of every room: this is generated sample data."""
    for number, room in enumerate(rooms.ROOMS):
        both = f"{script.deck.draw('en', 'label')}\n\n{script.deck.draw('zh', 'label')}"
        note = script.say(room, hosts[room.platform], opened + timedelta(minutes=5 + number), f"[{room.name}] {both}")
        note.pinned, note.edited = True, None


def play(script: Script, thread: Thread, room: Room, asked: datetime) -> Said | None:
    """One written thread with its chatter. None when nobody could ask it at that time."""
    asker = script.pick(script.crowd(room, thread.language, asked), thread.topics, expert=thread.kind == "moderation")
    if asker is None:
        return None
    last = script.moment(asker, max(asked, asker.joined + timedelta(hours=3)), asked + timedelta(hours=20))
    opening = script.say(room, asker, min(last, script.limit), script.linked(thread.ask))
    celebrated = thread.kind == "post"
    script.react(opening, thread.language, 6 if celebrated else 3, _PARTY if celebrated else _CHEERS)
    if celebrated and script.rng.random() < 0.6:
        opening.picture = f"{thread.bank.removeprefix('en-').removeprefix('zh-')}.png"
    spoken: list[Person] = [asker]
    previous, solution = opening, None
    for turn in thread.turns:
        if turn.who == "asker":
            author, target = asker, previous
        else:
            crowd = script.crowd(room, thread.language, opening.at)
            found = script.pick(crowd, thread.topics, expert=True, without=(asker, previous.author))
            author = found or asker
            follows = previous is not opening and (previous.author is asker or script.rng.random() < 0.35)
            target = previous if follows else opening
        at = script.after(previous.at, author)
        previous = script.say(room, author, at, script.linked(turn.text), target)
        spoken.append(author)
        script.react(previous, thread.language, 4 if turn.who == "solution" else 2)
        solution = previous if turn.who == "solution" else solution
    if thread.turns:
        _chatter(script, thread, opening, previous, solution, spoken)
    return opening


def _chatter(
    script: Script,
    thread: Thread,
    opening: Said,
    last: Said,
    solution: Said | None,
    spoken: list[Person],
) -> None:
    """Short voices round a thread: somebody agrees, the asker thanks and marks what helped, the helper is glad."""
    rng, room, language = script.rng, opening.room, thread.language
    crowd = script.crowd(room, language, opening.at)
    for _ in range(rng.choice((0, 1, 1, 2)) if thread.kind != "moderation" else 0):
        voice = script.pick(crowd, thread.topics, expert=False, without=spoken)
        if voice is not None:
            target = rng.choice((opening, solution or last))
            at = script.after(last.at, voice, minutes=90)
            script.say(room, voice, at, script.deck.draw(language, "agree"), target)
            spoken.append(voice)
    if solution is None or thread.kind != "question" or rng.random() > 0.8:
        return
    asker = opening.author
    if solution.author is not asker:
        solution.reactions = {SOLVED: [asker], **solution.reactions}
    at = script.after(last.at, asker, minutes=50)
    thanks = script.say(room, asker, at, script.deck.draw(language, "thanks"), solution)
    if rng.random() < 0.25 and solution.author is not asker:
        thanks.mention = solution.author
        thanks.text = f"@{solution.author.name} {thanks.text}"
    if rng.random() < 0.45:
        at = script.after(thanks.at, solution.author)
        script.say(room, solution.author, at, script.deck.draw(language, "welcome_back"), thanks)
