"""Getting to know a newcomer: topics, level, goal and time, consent, first suggestions, then the digest question.

Skippable at every step; half-finished answers are kept in the store, so a restart loses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import TypeAdapter

from bot.domain.consent import SWITCHES, Consent, ConsentKind
from bot.domain.outgoing import Block, Button, Heading, Note, Outgoing, Paragraph, Rows, Style, Text
from bot.domain.people import Goal, Level
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.lists import Lists
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording
from bot.wording.reasons import topic_name

KIND: Final = "onboarding"
TOPICS: Final = 18
_STEPS: Final = ("topics", "level", "goal", "consent")
_HOURS: Final = ("2", "4", "8")
_LEVELS: Final = {"new": Level.BEGINNER, "some": Level.INTERMEDIATE, "expert": Level.ADVANCED}
_PER_ROW: Final = 6
_NO_TOPICS: Final = frozenset({level.value for level in Level})
"""Tags that say how hard something is; the next question asks that."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered so far; `offered` are the topics on the buttons, in their order."""

    token: str
    step: str = "topics"
    offered: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    level: Level | None = None
    goal: Goal | None = None
    hours: float | None = None
    consent: frozenset[ConsentKind] | None = None
    """None until that step is reached; then it starts from what the member allows at that moment."""


_CODEC: Final = TypeAdapter(Answers)


def common_topics(uow: UnitOfWork, community_id: int, *, n: int = TOPICS) -> tuple[str, ...]:
    """The tags that most courses of this community carry."""
    counts = Counter(tag for course in uow.courses.all(community_id) for tag in course.tags if tag not in _NO_TOPICS)
    return tuple(sorted((tag for tag, _ in counts.most_common(n)), key=lambda tag: (-counts[tag], tag)))


@dataclass(frozen=True, slots=True)
class Start:
    """``/start``: begin, or go on where it was left."""

    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            answers = load_answers(uow, turn.member.id)
            if answers is None:
                profile = turn.member.profile
                answers = Answers(
                    self.ids.code(),
                    offered=common_topics(uow, turn.community.id),
                    topics=profile.topics,
                    level=profile.level,
                    goal=profile.goal,
                    hours=profile.weekly_hours,
                )
                row = ButtonRow(answers.token, "onboarding", {}, turn.member.id, turn.at)
                uow.buttons.add(turn.community.id, [row])
                save_answers(uow, turn, answers)
            self.answering.reply(uow, turn, question(turn, answers))
            uow.commit()


def load_answers(uow: UnitOfWork, member_id: int) -> Answers | None:
    state = uow.conversations.get(member_id, KIND)
    return None if state is None else _CODEC.validate_python(state)


def save_answers(uow: UnitOfWork, turn: Turn, answers: Answers) -> None:
    uow.conversations.put(turn.member.id, KIND, _CODEC.dump_python(answers, mode="json"), turn.at)


@dataclass(frozen=True, slots=True)
class PressOnboarding:
    """One tap in the form. Answers are kept at once; finishing shows the first suggestions."""

    store: Store
    answering: Answering
    lists: Lists
    offer: Callable[[UnitOfWork, Turn], None]
    """Asks about the weekly letter, in the same transaction as the first list."""

    def __call__(self, turn: Turn, act: str, token: str) -> bool:
        """False: that form is over, or there is no such tap."""
        with self.store.write() as uow:
            answers = load_answers(uow, turn.member.id)
            if answers is None or answers.token != token:
                return False
            changed = advance(answers, act)
            if changed is answers:
                return False
            if changed is not None:
                if changed.step == "consent" and changed.consent is None:
                    changed = replace(changed, consent=turn.member.consent.granted)
                if turn.begin(uow):
                    save_answers(uow, turn, changed)
                    self.answering.edit(uow, turn, question(turn, changed))
                    uow.commit()
                return True
        self._finish(turn, answers)
        return True

    def _finish(self, turn: Turn, answers: Answers) -> None:
        """The answers become the profile, and the first list appears in the same transaction."""
        profile = replace(
            turn.member.profile,
            topics=answers.topics,
            level=answers.level,
            goal=answers.goal,
            weekly_hours=answers.hours,
        )
        member = replace(
            turn.member,
            profile=profile,
            onboarded_at=turn.member.onboarded_at or turn.at,
        )
        if answers.consent is not None:
            member = replace(member, consent=Consent(answers.consent))
        later = replace(turn, member=member)

        def also(uow: UnitOfWork) -> None:
            # Read again: name, language or switches may have been changed since this turn began.
            current = uow.members.get(member.id) or member
            kept = replace(current, profile=profile, onboarded_at=member.onboarded_at)
            uow.members.update(kept if answers.consent is None else replace(kept, consent=member.consent))
            uow.conversations.end(member.id, KIND)
            self.offer(uow, later)

        self.lists.show(later, self.lists.suggested(later, surface="start", k=3), edit=True, also=also)


def advance(answers: Answers, act: str) -> Answers | None:
    """The answers after one tap; None when the form is done. For an unknown tap `answers` itself."""
    name, _, value = act.partition("-")
    match name:
        case "skip" if not value:
            return None
        case "next" if not value:
            at = _STEPS.index(answers.step)
            return None if at + 1 == len(_STEPS) else replace(answers, step=_STEPS[at + 1])
        case "back" if not value:
            return replace(answers, step=_STEPS[max(_STEPS.index(answers.step) - 1, 0)])
        case "t" if value.isdecimal() and int(value) < len(answers.offered):
            return replace(answers, topics=_toggled(answers.topics, answers.offered[int(value)]))
        case "l" if value in _LEVELS:
            return replace(answers, level=_LEVELS[value], step="goal")
        case "g" if value in set(Goal):
            return replace(answers, goal=Goal(value))
        case "h" if value in _HOURS:
            return replace(answers, hours=float(value))
        case "c" if value in set(ConsentKind):
            return replace(answers, consent=(answers.consent or frozenset()) ^ {ConsentKind(value)})
        case _:
            return answers


def _toggled(chosen: tuple[str, ...], topic: str) -> tuple[str, ...]:
    return tuple(t for t in chosen if t != topic) if topic in chosen else (*chosen, topic)


def question(turn: Turn, answers: Answers) -> Outgoing:
    """The message of the step that the form is at."""
    say = turn.wording.say
    blocks: list[Block] = []
    if answers.step == "topics":
        blocks.append(Paragraph((Text(say("onboard-welcome", community=turn.community.name)),)))
    blocks.append(Heading(say(f"onboard-heading-{answers.step}")))
    if answers.step == "consent":
        blocks.extend(Paragraph((Text(say(f"consent-line-{kind.value}")),)) for kind in SWITCHES)
    blocks.append(Note((Text(say("onboard-step", step=_STEPS.index(answers.step) + 1, total=len(_STEPS))),)))
    return Outgoing(
        tuple(blocks), _choices(turn.wording, answers) + _steering(turn.wording, answers), turn.wording.language
    )


def _choices(wording: Wording, answers: Answers) -> Rows:
    def button(label: str, act: str, *, pressed: bool) -> Button:
        return Button(label, code_of(act, answers.token), pressed=pressed)

    match answers.step:
        case "topics":
            return _rows(
                [
                    button(topic_name(wording, topic), f"t-{number}", pressed=topic in answers.topics)
                    for number, topic in enumerate(answers.offered)
                ]
            )
        case "level":
            return (
                tuple(
                    button(wording.say(f"level-{name}"), f"l-{name}", pressed=answers.level is level)
                    for name, level in _LEVELS.items()
                ),
            )
        case "goal":
            goals = [button(wording.say(f"goal-{g.value}"), f"g-{g.value}", pressed=answers.goal is g) for g in Goal]
            hours = [button(wording.say(f"hours-{h}"), f"h-{h}", pressed=answers.hours == float(h)) for h in _HOURS]
            return (tuple(goals), tuple(hours))
        case _:
            return (consent_buttons(wording, answers.consent or frozenset(), answers.token),)


def consent_buttons(wording: Wording, granted: frozenset[ConsentKind], token: str) -> tuple[Button, ...]:
    """One switch for each kind of signal."""
    return tuple(
        Button(wording.say(f"switch-{kind.value}"), code_of(f"c-{kind.value}", token), pressed=kind in granted)
        for kind in SWITCHES
    )


def _steering(wording: Wording, answers: Answers) -> Rows:
    say, token = wording.say, answers.token
    row: list[Button] = []
    if answers.step != _STEPS[0]:
        row.append(Button(say("button-back"), code_of("back", token)))
    row.append(Button(say("button-continue"), code_of("next", token), style=Style.PRIMARY))
    if answers.step == _STEPS[0]:
        row.append(Button(say("button-skip"), code_of("skip", token)))
    return (tuple(row),)


def _rows(buttons: Sequence[Button]) -> Rows:
    return tuple(tuple(buttons[at : at + _PER_ROW]) for at in range(0, len(buttons), _PER_ROW))
