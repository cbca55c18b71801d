"""One step of a form that is asked question by question: a press, or plain words. Decides what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.domain.forms import Choice, Unsure, fitted
from bot.domain.outgoing import Button, Outgoing, Paragraph, Text
from bot.ports import ButtonRow, Store, UnitOfWork
from bot.usecases.forms import SubmitForm, problem, reading_buttons
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.usecases.wizard import LISTENS, Step, after, before, go_on, load_step, save_step, spoken, tapped


class Check(Protocol):
    """What is wrong with one answer, in a sentence, as far as that can be known from it alone; empty: nothing. With
    readings, a tap on one is the answer."""

    def __call__(
        self, uow: UnitOfWork, turn: Turn, action: str, about: Mapping[str, Any], name: str, values: tuple[str, ...]
    ) -> str | Unsure: ...


@dataclass(frozen=True, slots=True)
class WizardSteps:
    store: Store
    answering: Answering
    submit: SubmitForm
    check: Check

    def press(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """False: that question is over."""
        if act == "cancel":
            return self.cancel(turn, row.code)
        with self.store.read() as uow:
            step = load_step(uow, turn.member.id)
        if step is None or step.token != row.code:
            # Another form was begun since, or this is a platform that shows the whole: it begins at its first question.
            return act in {"open", "next", "back"} and self.submit.open(turn, row)
        name, _, value = act.partition("-")
        match name:
            case "open":
                return self._ask(turn, step, edit=False)
            case "back":
                return self._ask(turn, before(step))
            case "next":
                return self._advance(turn, row, step, edit=True)
            case "pick" if value.isdecimal():
                chosen = tapped(step, int(value))
                if chosen is None:
                    return False
                if chosen.field.type == "choice" and chosen.field.most == 1:
                    return self._advance(turn, row, chosen, edit=True)
                return self._ask(turn, chosen)
            case _:
                return False

    def said(self, turn: Turn, text: str) -> bool:
        """Whether plain words, said to the bot alone, were the answer to its question."""
        with self.store.read() as uow:
            step = load_step(uow, turn.member.id)
            row = None if step is None else uow.buttons.get(turn.community.id, step.token)
        if step is None or row is None or step.left or turn.at - step.touched > LISTENS:
            return False
        values = spoken(step, text)
        if values is None:
            return self._ask(turn, step, turn.wording.say("form-unknown", number=0), edit=False)
        return self._advance(turn, row, step.answered(values), edit=False)

    def cancel(self, turn: Turn, token: str = "") -> bool:
        """Leave a form; without `token` whichever waits. What was answered is kept: it can be taken up again."""
        say = turn.wording.say
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            step = load_step(uow, turn.member.id)
            if step is None or (step.left and not token) or token not in ("", step.token):
                message = Outgoing((Paragraph((Text(say("form-nothing")),)),), language=turn.wording.language)
            else:
                save_step(uow, turn, replace(step, left=True))
                row = uow.buttons.get(turn.community.id, step.token)
                back = str(row.payload.get("back", "")) if row is not None else ""
                buttons = [Button(say("form-again"), code_of("open", step.token))]
                buttons += [Button(say("button-back"), back)] if back else []  # to what the question took the place of
                message = Outgoing(
                    (Paragraph((Text(say("form-left", title=step.form.title)),)),),
                    (tuple(buttons),),
                    turn.wording.language,
                )
            self.answering.edit(uow, turn, message)
            uow.commit()
        return True

    def _advance(self, turn: Turn, row: ButtonRow, step: Step, *, edit: bool) -> bool:
        """On from an answered question: to the next, or, after the last, to whoever asked."""
        _, misfit = fitted(step.field, step.answers.get(step.field.name, ()))
        if misfit is not None:
            return self._ask(turn, step, problem(turn.wording, misfit), edit=edit)
        about, values = row.payload["about"], step.answers.get(step.field.name, ())
        with self.store.read() as uow:
            wrong = self.check(uow, turn, str(row.payload["action"]), about, step.field.name, values)
        if isinstance(wrong, Unsure):
            return self._ask(turn, step, wrong.problem, edit=edit, readings=wrong.readings)
        if wrong:
            return self._ask(turn, step, wrong, edit=edit)
        if not step.last:
            return self._ask(turn, after(step), edit=edit)
        return self.submit(turn, row, step.answers)

    def mean(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """What may be meant was tapped: the answer to the question that is asked, or the whole form is sent with it."""
        if not row.payload.get("step"):
            return self.submit.mean(turn, act, row)
        name, _, number = act.partition("-")
        values, token = list(row.payload["values"]), str(row.payload["form"])
        with self.store.read() as uow:
            step, asked = load_step(uow, turn.member.id), uow.buttons.get(turn.community.id, token)
        if name != "mean" or not number.isdecimal() or int(number) >= len(values) or asked is None:
            return False
        if step is None or step.token != token or step.field.name != row.payload["field"]:
            return False
        return self._advance(turn, asked, step.answered((str(values[int(number)]),)), edit=True)

    def _ask(
        self, turn: Turn, step: Step, wrong: str = "", *, edit: bool = True, readings: tuple[Choice, ...] = ()
    ) -> bool:
        with self.store.write() as uow:
            if turn.begin(uow):
                payload = {"form": step.token, "field": step.field.name, "step": True}
                rows = reading_buttons(uow, turn, self.answering.ids, readings, payload)
                go_on(uow, turn, self.answering, step, wrong, edit=edit, readings=rows)
                uow.commit()
        return True


@dataclass(frozen=True, slots=True)
class CancelCommand:
    """``/cancel``: leave whatever is being asked."""

    steps: WizardSteps

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        self.steps.cancel(turn)
