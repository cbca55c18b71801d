"""Conversations that follow from what members do: hello, partners, check-ins, reviews. Knows people and courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.sample import bank, rooms
from bot.sample.interests import Act
from bot.sample.people import Person
from bot.sample.rooms import Room
from bot.sample.talk import Said, Script

_CHECKINS: Final = 9  # per language, evenly over the months
_PARTNER_POSTS: Final = 22
_REVIEWS: Final = 26
_HELLOS: Final = 42
_DAYTIME: Final = {"en": ("morning", "afternoon", "evening"), "zh": ("早上", "下午", "晚上")}


def _fill(script: Script, person: Person, name: str, **more: object) -> str:
    """A phrase of the bank with the member's own facts in it."""
    language = person.language
    topics = [bank.topic_name(topic, language) for topic in person.topics[:2]]
    hour = person.active_hour
    return script.deck.draw(language, name).format(
        **{
            "name": person.name,
            "city": person.city,
            "topics": (" and " if language == "en" else "和").join(topics),
            "hours": person.weekly_hours,
            "hour": hour,
            "tz": person.timezone.split("/")[1].replace("_", " "),
            "level": bank.level_name(person.level, language),
            "daytime": _DAYTIME[language][0 if hour < 12 else 1 if hour < 18 else 2],
            "goal": "",
            **more,
        }
    )


def answers(script: Script, opening: Said, name: str, most: int, language: str, topics: Sequence[str]) -> None:
    """Some members answer an opening, and its author may come back to one of them.

    A phrase is ``answer => what the author says to that``.
    """
    author, spoken, previous = opening.author, [opening.author], opening
    crowd = script.crowd(opening.room, language, opening.at)
    come_back = script.rng.randrange(most + 1)
    for number in range(script.rng.randint(1, most)):
        voice = script.pick(crowd, topics, expert=True, without=spoken)
        if voice is None:
            return
        topic = bank.topic_name(author.topics[0], language)
        phrase = script.deck.draw(language, name).format(name=author.name, topic=topic)
        text, _, back = phrase.partition(" => ")
        previous = script.say(opening.room, voice, script.after(previous.at, voice), text, opening)
        script.react(previous, language, 1)
        spoken.append(voice)
        if number == come_back:
            previous = script.say(opening.room, author, script.after(previous.at, author), back, previous)


def hellos(script: Script) -> None:
    """Newcomers introduce themselves soon after they joined."""
    newcomers = [person for person in script.members if not person.moderator]
    chosen = sorted(script.rng.sample(range(len(newcomers)), min(_HELLOS, len(newcomers))))
    for person in (newcomers[number] for number in chosen):
        room = rooms.WELCOME if person.discord is not None else rooms.GENERAL
        at = script.moment(person, person.joined + timedelta(hours=1), person.joined + timedelta(days=9))
        if at >= script.limit:
            continue
        goal = script.deck.draw(person.language, f"goals_{person.goal}")
        opening = script.say(room, person, at, _fill(script, person, "intro", goal=goal))
        script.react(opening, person.language, 4, ("👋", "❤️", "🎉", "👍"))
        answers(script, opening, "greet", 3, person.language, person.topics)


def partners(script: Script, acts: Sequence[Act]) -> None:
    """Members who have just enrolled look for company."""
    starts = [act for act in acts if act.signal == "enrol" and act.person.telegram is not None]
    for act in _spread(script, starts, _PARTNER_POSTS):
        person = act.person
        text = script.linked(_fill(script, person, "partner", course=act.item))
        opening = script.say(rooms.TG_PARTNERS, person, script.after(act.at, person), text)
        script.react(opening, person.language, 2)
        answers(script, opening, "partner_reply", 2, person.language, person.topics)


def reviews(script: Script, acts: Sequence[Act]) -> None:
    """Members who completed a course say how it was."""
    enrolled = {(act.person.number, act.item): act.at for act in acts if act.signal == "enrol"}
    ends = [act for act in acts if act.signal == "complete"]
    for act in _spread(script, ends, _REVIEWS):
        person = act.person
        weeks = max(2, round((act.at - enrolled[person.number, act.item]).days / 7))
        verdict = script.deck.draw(person.language, "verdicts")
        text = script.linked(_fill(script, person, "finish", course=act.item, weeks=weeks, verdict=verdict))
        room = rooms.SHOW if person.discord is not None else rooms.GENERAL
        opening = script.say(room, person, script.after(act.at, person), text)
        script.react(opening, person.language, 5, ("🎉", "👏", "🔥", "👍"))
        answers(script, opening, "finish_reply", 2, person.language, person.topics)


def _spread(script: Script, acts: Sequence[Act], count: int) -> list[Act]:
    """At most `count` acts with room for answers, at most two of one member and one of one course, in order."""
    usable = [act for act in acts if act.at < script.limit - timedelta(days=1)]
    script.rng.shuffle(usable)
    chosen: list[Act] = []
    for act in usable:
        same = sum(other.person is act.person for other in chosen)
        if same < 2 and all(other.item != act.item for other in chosen):
            chosen.append(act)
        if len(chosen) == count:
            break
    return sorted(chosen, key=lambda act: act.at)


def checkins(script: Script, acts: Sequence[Act], hosts: dict[str, Person], start: datetime) -> None:
    """Now and then a round: what was done, what is stuck. Everybody names a course they are really taking."""
    for language, room in (("zh", rooms.TG_PARTNERS), ("en", rooms.SHOW)):
        host = hosts[language]
        step = (script.limit - timedelta(days=3) - start) / _CHECKINS
        for number in range(_CHECKINS):
            at = script.moment(host, start + step * (number + 0.3), start + step * (number + 0.7))
            at += timedelta(days=6 - host.local(at).weekday())  # check-ins are a Sunday ritual
            opening = script.say(room, host, at, f"#{number + 1} {script.deck.draw(language, 'checkin')}")
            _round(script, acts, opening, room, language)


def _round(script: Script, acts: Sequence[Act], opening: Said, room: Room, language: str) -> None:
    since = opening.at - timedelta(days=16)
    recent = {act.person.number: act for act in acts if since < act.at < opening.at and act.signal == "progress"}
    crowd = [p for p in script.crowd(room, language, opening.at) if p.language == language and p.number in recent]
    previous = opening
    for person in script.rng.sample(crowd, min(len(crowd), script.rng.randint(4, 8))):
        course = f"[[{recent[person.number].item}]]"

        def line(person: Person = person, course: str = course) -> str:
            gap = " " if language == "en" else ""
            did = _fill(script, person, "did", course=course)
            return script.linked(f"{did}{gap}{script.deck.draw(language, 'stuck')}", link=False)

        at = script.after(previous.at, person, minutes=25)
        previous = script.say(room, person, at, script.fresh(line), opening)
        script.react(previous, language, 2)
    if previous is not opening and script.rng.random() < 0.6:
        text = script.deck.draw(language, "cheer").format(name=previous.author.name)
        script.say(room, opening.author, script.after(previous.at, opening.author), text, opening)
