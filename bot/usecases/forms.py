"""Asking several things at once, and taking in what was answered. Knows forms; knows no platform.

A platform that has forms shows the whole; elsewhere the questions come one by one (`bot.usecases.wizard`). What was
asked, what for and by whom it may be answered stand in the store: a form survives a restart and is answered once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from bot.domain.forms import Choice, Filled, Form, Misfit, Unsure, cleaned, prefilled
from bot.domain.outgoing import Button, Outgoing, Rows
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.usecases.wizard import begin_wizard, end_wizard
from bot.wording import Wording

ACTION: Final = "form"
"""Of the rows that say what a form's code means."""

READING: Final = "reading"
"""Of the rows that say what the buttons of an answer's readings mean."""

_FORM: Final = TypeAdapter(Form)


class Receive(Protocol):
    """What becomes of the answers; `about` is what was given when the form was asked.

    Works inside the transaction of the submission and answers the member. Returns what is wrong, by the name of the
    field: then nothing may have been written, and the form is asked again with what was typed.
    """

    def __call__(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None: ...


@dataclass(frozen=True, slots=True)
class AskForm:
    """Puts a form before a member. `whole`: the platforms that show one as a whole."""

    answering: Answering
    ids: Ids
    whole: frozenset[str]

    def __call__(
        self,
        uow: UnitOfWork,
        turn: Turn,
        form: Form,
        action: str,
        about: Mapping[str, Any],
        *,
        edit: bool = False,
        back: str = "",
    ) -> str:
        """`action` names who receives the answers, `about` is kept for them (JSON). `edit`: in place of the message
        whose button was pressed; `back`: the code of what leads back there. Returns the code of what was asked."""
        token = self.ids.code()
        form = replace(form, code=code_of("fill", token))
        payload = {"action": action, "about": dict(about), "form": _FORM.dump_python(form, mode="json"), "back": back}
        uow.buttons.add(turn.community.id, [ButtonRow(token, ACTION, payload, turn.member.id, turn.at)])
        self.show(uow, turn, token, form, edit=edit, back=back)
        return token

    def show(
        self,
        uow: UnitOfWork,
        turn: Turn,
        token: str,
        form: Form,
        *,
        edit: bool,
        back: str = "",
        readings: Rows = (),
    ) -> None:
        """The same form again, for instance with what is wrong in it. `readings`: buttons of what may be meant."""
        if turn.room.ref.platform not in self.whole:
            begin_wizard(uow, turn, self.answering, token, form, edit=edit, readings=readings)
            return
        rows = readings + (((Button(turn.wording.say("button-back"), back),),) if back else ())
        message = Outgoing((), rows, turn.wording.language, form=form)
        if edit:
            self.answering.edit(uow, turn, message)
        else:
            self.answering.reply(uow, turn, message)


def asked(row: ButtonRow) -> Form:
    """The form that a row of `ACTION` stands for."""
    return _FORM.validate_python(row.payload["form"])


def _back(row: ButtonRow) -> str:
    """Rows of before there was a way back have none."""
    return str(row.payload.get("back", ""))


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """What was filled in reaches whoever asked, once."""

    store: Store
    ask: AskForm
    receivers: Mapping[str, Receive]

    def __call__(self, turn: Turn, row: ButtonRow, given: Filled) -> bool:
        """False: nobody waits for this any more."""
        receive = self.receivers.get(str(row.payload["action"]))
        if receive is None:
            return False
        form = asked(row)
        answers, misfits = cleaned(form, given)
        with self.store.write() as uow:
            if uow.buttons.get(turn.community.id, row.code) is None:
                return False
            if not turn.begin(uow):
                return True
            wrong: dict[str, str | Unsure] = {}
            wrong |= {name: problem(turn.wording, misfit) for name, misfit in misfits.items()}
            wrong = wrong or dict(receive(uow, turn, row.payload["about"], answers) or {})
            if wrong:
                problems = {name: one if isinstance(one, str) else one.problem for name, one in wrong.items()}
                readings = self._readings(uow, turn, row, answers, wrong)
                again = prefilled(form, answers, problems)
                self.ask.show(uow, turn, row.code, again, edit=True, back=_back(row), readings=readings)
            else:
                uow.buttons.end(turn.community.id, row.code)
                end_wizard(uow, turn.member.id, row.code)
            uow.commit()
        return True

    def _readings(
        self,
        uow: UnitOfWork,
        turn: Turn,
        row: ButtonRow,
        answers: Filled,
        wrong: Mapping[str, str | Unsure],
    ) -> Rows:
        """A button for each thing that may be meant; what else was answered goes along with it."""
        field, unsure = next(iter(wrong.items()))
        if len(wrong) > 1 or not isinstance(unsure, Unsure) or not unsure.readings:
            return ()  # with another answer still wrong, a tap would send nothing
        kept = {name: list(values) for name, values in answers.items()}
        payload = {"form": row.code, "answers": kept, "field": field}
        return reading_buttons(uow, turn, self.ask.ids, unsure.readings, payload)

    def mean(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """A reading was tapped: the form is sent with it. False: nobody waits for that form any more."""
        name, _, number = act.partition("-")
        values = list(row.payload["values"])
        if name != "mean" or not number.isdecimal() or int(number) >= len(values):
            return False
        with self.store.read() as uow:
            asked_row = uow.buttons.get(turn.community.id, str(row.payload["form"]))
        if asked_row is None or asked_row.action != ACTION:
            return False
        answers = {str(one): tuple(map(str, given)) for one, given in dict(row.payload["answers"]).items()}
        return self(turn, asked_row, {**answers, str(row.payload["field"]): (str(values[int(number)]),)})

    def open(self, turn: Turn, row: ButtonRow) -> bool:
        """Show it again: whoever closed the window, or could not be shown one, presses for another."""
        with self.store.write() as uow:
            if turn.begin(uow):
                self.ask.show(uow, turn, row.code, asked(row), edit=False, back=_back(row))
                uow.commit()
        return True


def reading_buttons(
    uow: UnitOfWork, turn: Turn, ids: Ids, readings: Sequence[Choice], payload: Mapping[str, Any]
) -> Rows:
    """A button for each, one below the other; the row of `READING` says what they mean."""
    if not readings:
        return ()
    token = ids.code()
    kept = {**payload, "values": [reading.value for reading in readings]}
    uow.buttons.add(turn.community.id, [ButtonRow(token, READING, kept, turn.member.id, turn.at)])
    return tuple((Button(reading.label, code_of(f"mean-{number}", token)),) for number, reading in enumerate(readings))


def problem(wording: Wording, misfit: Misfit) -> str:
    """In a sentence, with what to do."""
    return wording.say(f"form-{misfit.kind}", number=misfit.number)
