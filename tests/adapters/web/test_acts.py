"""What members do: every act is in the inbox before it is answered, once, and only where they may."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.domain.incoming import (
    ButtonPressed,
    CommandInvoked,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
)
from bot.domain.outgoing import Button, Outgoing, Paragraph, Text
from tests.adapters.web.conftest import Browser, World, text_of


def card(world: World, who: str = "Mei") -> int:
    """A message of the bot with a button, in somebody's own room."""
    room = world.rooms[f"dm {who}"]
    message = Outgoing((Paragraph((Text("A course"),)),), ((Button("Save", code="v1:save:abcdefgh12345678"),),))
    asyncio.run(world.messenger.send(room.ref, message, key=f"card-{who}"))
    return world.messages(room.id)[-1].id


def test_a_message_is_durable_before_it_is_answered_and_stamped_by_the_server(world: World, mei: Browser) -> None:
    room = world.rooms["general"]
    response = mei.send(f"/rooms/{room.id}/messages", text="Hello 世界", account="m999", at="1970-01-01", by="Sam")
    assert response.status_code == 202
    (raw,) = world.raw()
    update = json.loads(raw)
    assert (update["kind"], update["text"]) == ("post", "Hello 世界")
    assert update["by"]["account"] == f"m{world.people['Mei'].id}"
    assert update["at"].startswith("2026-11-07")
    assert response.json()["message"] == update["message"]
    (heard,) = world.drain()
    assert isinstance(heard, MessagePosted)
    assert [one.text for one in world.messages(room.id)] == ["Hello 世界"]


def test_a_double_click_is_one_message(world: World, mei: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    first = mei.send(path, text="once", action="same-action-1")
    second = mei.send(path, text="once", action="same-action-1")
    assert (first.json()["new"], second.json()["new"]) == (True, False)
    assert first.json()["message"] == second.json()["message"]
    assert len(world.raw()) == 1


def test_the_same_action_id_of_two_members_is_two_messages(world: World, mei: Browser, sam: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    assert mei.send(path, text="a", action="same-action-1").json()["new"]
    assert sam.send(path, text="b", action="same-action-1").json()["new"]
    world.drain()
    assert sorted(one.text for one in world.messages(world.rooms["general"].id)) == ["a", "b"]


def test_many_at_once_lose_nothing(world: World, mei: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: mei.send(path, text=f"number {n}", action=f"parallel-{n}"), range(25)))
    assert {one.status_code for one in answers} == {202}
    assert len(world.raw()) == 25


def test_a_command_in_the_own_room_is_carried_by_a_message(world: World, mei: Browser) -> None:
    mei.send(f"/rooms/{world.rooms['dm Mei'].id}/messages", text="／Learn 异步 Rust")
    (heard,) = world.drain()
    assert isinstance(heard, CommandInvoked)
    assert (heard.name, heard.words) == ("learn", "异步 Rust")
    assert heard.ref is not None


def test_a_command_in_a_shared_room_leaves_no_message(world: World, mei: Browser) -> None:
    response = mei.send(f"/rooms/{world.rooms['general'].id}/messages", text="/foryou")
    assert response.json()["message"] is None
    (heard,) = world.drain()
    assert isinstance(heard, CommandInvoked)
    assert heard.ref is None


def test_a_reply_names_the_message_that_it_answers(world: World, mei: Browser) -> None:
    root = world.say("general", "Sam", "Why?", "q1")
    mei.send(f"/rooms/{root.room_id}/messages", text="Because.", reply_to=root.id)
    world.drain()
    answer = world.messages(root.room_id)[-1]
    assert (answer.reply_to_id, answer.root_id) == (root.id, root.id)


def test_edit_delete_and_react(world: World, mei: Browser) -> None:
    own = world.say("general", "Mei", "Helo", "q1")
    path = f"/rooms/{own.room_id}/messages/{own.id}"
    assert mei.send(path, do="edit", text="Hello").status_code == 202
    assert mei.send(path, do="react+👍").status_code == 202
    kinds = [type(one) for one in world.drain()]
    assert kinds == [MessageEdited, ReactionChanged]
    (message,) = world.messages(own.room_id)
    assert (message.text, message.reactions[0].emoji) == ("Hello", "👍")
    mei.send(path, do="react-👍")
    mei.send(path, do="delete")
    assert [type(one) for one in world.drain()] == [ReactionChanged, MessageDeleted]
    assert world.messages(own.room_id)[0].deleted_at is not None


def test_a_press_carries_the_code_and_its_message(world: World, mei: Browser) -> None:
    message_id = card(world)
    room = world.rooms["dm Mei"]
    response = mei.send(f"/rooms/{room.id}/messages/{message_id}", do="press:v1:save:abcdefgh12345678")
    assert response.status_code == 202
    (heard,) = world.drain()
    assert isinstance(heard, ButtonPressed)
    assert heard.code == "v1:save:abcdefgh12345678"
    assert heard.on == world.messages(room.id)[-1].ref
    assert heard.sender.account.native_id == f"m{world.people['Mei'].id}"


def test_a_code_works_on_the_message_that_carries_it_only(world: World, mei: Browser) -> None:
    message_id = card(world)
    room = world.rooms["dm Mei"]
    response = mei.send(f"/rooms/{room.id}/messages/{message_id}", do="press:v1:save:zzzzzzzz99999999")
    assert response.status_code == 400
    assert world.drain() == []


@pytest.mark.parametrize(
    ("do", "status"),
    [
        ("edit", 403),
        ("delete", 403),
        ("press:abc", 400),
        ("react+hello", 400),
        ("react+", 400),
        ("explode", 400),
        ("", 400),
    ],
)
def test_what_may_not_be_done_to_the_message_of_another(world: World, mei: Browser, do: str, status: int) -> None:
    theirs = world.say("general", "Sam", "Mine!", "q1")
    response = mei.send(f"/rooms/{theirs.room_id}/messages/{theirs.id}", do=do, text="changed")
    assert response.status_code == status
    assert response.json()["error"]
    assert world.raw() == []


def test_rooms_that_are_not_for_me_do_not_exist(world: World, mei: Browser, sam: Browser) -> None:
    secret = world.say("staff", "Ola", "The secret plan", "q1")
    message_id = card(world, "Sam")
    cases: list[tuple[str, dict[str, Any]]] = [
        (f"/rooms/{secret.room_id}/messages", {"text": "let me in"}),
        (f"/rooms/{secret.room_id}/messages/{secret.id}", {"do": "react+👍"}),
        (f"/rooms/{world.rooms['dm Sam'].id}/messages", {"text": "hello from Mei"}),
        (f"/rooms/{world.rooms['dm Sam'].id}/messages/{message_id}", {"do": "press:v1:save:abcdefgh12345678"}),
        # A message of another room under the address of a room that may be seen.
        (f"/rooms/{world.rooms['general'].id}/messages/{secret.id}", {"do": "react+👍"}),
        (f"/rooms/{world.rooms['general'].id}/messages", {"text": "quoting", "reply_to": str(secret.id)}),
        ("/rooms/99999/messages", {"text": "nowhere"}),
    ]
    answers = [mei.send(path, **fields) for path, fields in cases]
    assert [one.status_code for one in answers] == [404] * len(cases)
    assert len({one.json()["error"] for one in answers}) == 1
    for path in (
        f"/rooms/{secret.room_id}",
        f"/rooms/{secret.room_id}/d/{secret.id}",
        f"/rooms/{secret.room_id}/older?before=99",
    ):
        response = mei.client.get(path)
        assert response.status_code == 404
        assert "secret" not in response.text
    asked = mei.client.post(
        f"/rooms/{secret.room_id}/changes",
        json={"known": {}},
        headers={"x-csrf-token": mei.csrf, "accept": "application/json"},
    )
    assert asked.status_code == 404
    assert "staff" not in mei.open("/")
    assert world.raw() == []


def test_a_room_of_another_platform_is_read_only(world: World, mei: Browser) -> None:
    room = world.rooms["archive"]
    assert mei.send(f"/rooms/{room.id}/messages", text="hello?").status_code == 403
    assert "telegram" in text_of(mei.open(f"/rooms/{room.id}"))
    assert world.raw() == []


@pytest.mark.parametrize("text", ["", "   \n", "\u200b\u202e\x00"])
def test_nothing_is_not_a_message(world: World, mei: Browser, text: str) -> None:
    assert mei.send(f"/rooms/{world.rooms['general'].id}/messages", text=text).status_code == 400
    assert world.raw() == []


def test_a_message_can_be_4000_characters_and_no_longer(world: World, mei: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    assert mei.send(path, text="学" * 4000).status_code == 202
    refused = mei.send(path, text="学" * 4001)
    assert refused.status_code == 400
    assert "4" in refused.json()["error"]
    assert len(world.raw()) == 1


@pytest.mark.parametrize("action", ["", "short", "x" * 65, "with space", "a/../b/../c", "ключ-ключ"])
def test_action_ids_have_a_form(world: World, mei: Browser, action: str) -> None:
    assert mei.send(f"/rooms/{world.rooms['general'].id}/messages", text="x", action=action).status_code == 400


def test_whoever_is_too_fast_is_told_when_to_try_again(world: World, mei: Browser, sam: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    answers = [mei.send(path, text="spam") for _ in range(31)]
    assert [one.status_code for one in answers] == [202] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert sam.send(path, text="someone else").status_code == 202
    world.seconds += 5
    assert mei.send(path, text="later").status_code == 202


def test_a_plain_form_goes_back_to_its_room(world: World, mei: Browser) -> None:
    room = world.rooms["general"]
    response = mei.send(f"/rooms/{room.id}/messages", form=True, text="no script")
    assert (response.status_code, response.headers["location"]) == (303, f"/rooms/{room.id}")
    assert len(world.raw()) == 1


def test_an_old_button_works_after_a_restart(world: World, mei: Browser) -> None:
    from tests.adapters.web.conftest import Served

    message_id = card(world)
    again = Served(world.ports)
    try:
        mei.client.base_url = again.origin
        response = mei.send(
            f"/rooms/{world.rooms['dm Mei'].id}/messages/{message_id}", do="press:v1:save:abcdefgh12345678"
        )
        assert response.status_code == 202
    finally:
        again.stop()
