"""What every platform's messenger must do, as a class to inherit from: give it a `MessengerCase` as a fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.domain.outgoing import Button, Heading, Outgoing, Paragraph, Text
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.errors import DeliveryError
from bot.ports import Messenger


@dataclass(frozen=True)
class MessengerCase:
    """A messenger with somewhere to write to, and eyes on the other side.

    `shown(room)` lists (ref, visible text) of what people see there now, oldest first; `notices(account)` what was
    shown to an account in passing. `idempotent`: the platform itself refuses a second send with the same key.
    """

    messenger: Messenger
    room: RoomRef
    elsewhere: RoomRef
    account: AccountRef
    shown: Callable[[RoomRef], list[tuple[MessageRef, str]]]
    notices: Callable[[AccountRef], list[str]]
    idempotent: bool = True


def said(text: str) -> Outgoing:
    return Outgoing((Heading("Result"), Paragraph((Text(text),))), ((Button("Again", code="again"),),))


class MessengerContract:
    """Tests get the fixture `case`: a fresh MessengerCase."""

    def test_a_message_is_shown_where_it_was_sent(self, case: MessengerCase) -> None:
        receipt = asyncio.run(case.messenger.send(case.room, said("one <b>two</b> & 三"), key="a"))
        shown = case.shown(case.room)
        assert [ref for ref, _ in shown] == list(receipt.refs)
        assert "one <b>two</b> & 三" in shown[-1][1]
        assert case.shown(case.elsewhere) == []

    def test_the_same_key_is_one_message(self, case: MessengerCase) -> None:
        if not case.idempotent:
            pytest.skip("this platform cannot tell a repetition")
        first = asyncio.run(case.messenger.send(case.room, said("once"), key="same"))
        second = asyncio.run(case.messenger.send(case.room, said("once"), key="same"))
        assert first.refs == second.refs
        assert len(case.shown(case.room)) == len(first.refs)

    def test_other_keys_are_other_messages_in_order(self, case: MessengerCase) -> None:
        for number in range(3):
            asyncio.run(case.messenger.send(case.room, said(f"number {number}"), key=f"k{number}"))
        texts = [text for _, text in case.shown(case.room)]
        assert [next(n for n in range(3) if f"number {n}" in text) for text in texts] == [0, 1, 2]

    def test_an_edit_replaces_what_is_shown(self, case: MessengerCase) -> None:
        receipt = asyncio.run(case.messenger.send(case.room, said("before"), key="e"))
        asyncio.run(case.messenger.edit(receipt.refs[0], said("after")))
        asyncio.run(case.messenger.edit(receipt.refs[0], said("after")))
        shown = case.shown(case.room)
        assert len(shown) == 1
        assert "after" in shown[0][1]
        assert "before" not in shown[0][1]

    def test_an_unknown_message_cannot_be_edited(self, case: MessengerCase) -> None:
        with pytest.raises(DeliveryError):
            asyncio.run(case.messenger.edit(MessageRef(case.room, "123456789"), said("nowhere")))

    def test_an_unknown_room_is_an_error_that_says_what_to_do(self, case: MessengerCase) -> None:
        nowhere = RoomRef(case.messenger.platform, "999999999")
        with pytest.raises(DeliveryError):
            asyncio.run(case.messenger.send(nowhere, said("hello"), key="n"))

    def test_a_notice_reaches_its_account_and_leaves_no_message(self, case: MessengerCase) -> None:
        asyncio.run(case.messenger.notice(case.room, case.account, "Saved"))
        assert case.notices(case.account) == ["Saved"]
        assert case.shown(case.room) == []
