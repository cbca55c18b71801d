"""Asking several things at once, and taking in what was answered. Knows forms; knows no platform.

A platform that has forms shows the whole; elsewhere the questions come one by one (`bot.usecases.wizard`). What was
asked, what for and by whom it may be answered stand in the store: a form survives a restart and is answered once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from bot.domain.forms import Filled, Form, Misfit, cleaned, prefilled
from bot.domain.outgoing import Button, Outgoing
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.usecases.wizard import begin_wizard, end_wizard
from bot.wording import Wording

ACTION: Final = "form"
"""Of the rows that say what a form's code means."""

_FORM: Final = TypeAdapter(Form)


class Receive(Protocol):
    """What becomes of the answers; `about` is what was given when the form was asked.

    Works inside the transaction of the submission and answers the member. Returns what is wrong, by the name of the
    field: then nothing may have been written, and the form is asked again with what was typed.
    """

    def __call__(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str] | None: ...


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

    def show(self, uow: UnitOfWork, turn: Turn, token: str, form: Form, *, edit: bool, back: str = "") -> None:
        """The same form again, for instance with what is wrong in it."""
        if turn.room.ref.platform not in self.whole:
            begin_wizard(uow, turn, self.answering, token, form, edit=edit)
            return
        rows = ((Button(turn.wording.say("button-back"), back),),) if back else ()
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
            problems = {name: problem(turn.wording, misfit) for name, misfit in misfits.items()}
            problems = problems or dict(receive(uow, turn, row.payload["about"], answers) or {})
            if problems:
                self.ask.show(uow, turn, row.code, prefilled(form, answers, problems), edit=True, back=_back(row))
            else:
                uow.buttons.end(turn.community.id, row.code)
                end_wizard(uow, turn.member.id, row.code)
            uow.commit()
        return True

    def open(self, turn: Turn, row: ButtonRow) -> bool:
        """Show it again: whoever closed the window, or could not be shown one, presses for another."""
        with self.store.write() as uow:
            if turn.begin(uow):
                self.ask.show(uow, turn, row.code, asked(row), edit=False, back=_back(row))
                uow.commit()
        return True


def problem(wording: Wording, misfit: Misfit) -> str:
    """In a sentence, with what to do."""
    return wording.say(f"form-{misfit.kind}", number=misfit.number)
