"""Every act of staff leaves a row in the audit log. The list of acts is the program's own: a new one has to be told
here, or this fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import HostedEvent
from bot.domain.incoming import FormSubmitted
from bot.domain.permissions import Role
from bot.usecases.events import forms, hosts, recap_chat
from bot.usecases.events.guest_list import REMOVE
from bot.usecases.events.inviting import WHO
from bot.usecases.events.repeating import REPEATS
from tests.bot.reading import act_of, buttons_of
from tests.bot.usecases.events.hosting import EVENING, Hosts
from tests.bot.world import Sent, World

OPENS = {
    *("manage", "m-edit", "m-guests", "m-who", "m-later", "m-write", "m-cancel", "m-repeat", "m-remove"),
}
"""Acts that show the host's own event or ask a question, and change nothing and show nobody's name."""

ACTS = {
    "m-publish": ("draft", "event.publish"),
    "m-discard": ("draft", "event.discard"),
    "m-list": ("published", "event.guests"),
    "m-code": ("published", "event.code"),
    "m-close": ("published", "event.change"),
    "m-thread": ("published", "event.change"),
    "m-on": ("series", "event.change"),
    "m-skip": ("series", "event.cancel"),
    "m-stop": ("series", "event.change"),
    "m-resume": ("series", "event.change"),
}

FORMS = {
    forms.BASICS: [("draft", "m-edit", {"title": "Go night"}, "event.edit"),
                   ("published", "m-edit", {"title": "Go night"}, "event.change")],
    forms.GUESTS: [("draft", "m-guests", {"seats": "7"}, "event.edit"),
                   ("published", "m-guests", {"seats": "7"}, "event.change")],
    WHO: [("published", "m-who", {"who": "staff"}, "event.change")],
    REPEATS: [("draft", "m-repeat", {"repeats": "weekly"}, "event.edit"),
              ("published", "m-repeat", {"repeats": "weekly"}, "event.change")],
    forms.LATER: [("draft", "m-later", {"words": "2027-01-06 9:00"}, "event.schedule")],
    forms.WRITE: [("published", "m-write", {"words": "Bring a laptop."}, "event.write")],
    forms.CANCEL: [("published", "m-cancel", {"words": "ill"}, "event.cancel")],
    REMOVE: [("published", "m-remove", {"who": "ann"}, "event.remove")],
    recap_chat.FORM: [("over", "recap-edit", {"words": "It was good."}, "event.recap-edit")],
}  # fmt: skip


@pytest.fixture
def made(world: World) -> Hosts:
    made = Hosts(world)
    world.change(replace(world.member("hana"), role=Role.MODERATOR))
    world.arrives("ann")
    return made


def test_every_act_and_every_form_is_in_the_lists(made: Hosts) -> None:
    assert set(hosts._ACTS) == OPENS | set(ACTS)
    receivers = made.world.app.dispatcher({}, lambda: None).presses.form.submit.receivers
    assert {name for name in receivers if name.startswith(("event", "recap"))} == set(FORMS)


def event_in(made: Hosts, state: str) -> HostedEvent:
    world = made.world
    if state == "draft":
        world.commands("hana", "newevent", room="general")
        for words in ("Rust night", "2027-01-08 19:00", "1h30", "-", "-"):
            world.tells("hana", words)
        with world.store.read() as uow:
            return uow.hosted.all(world.community.id)[0]
    made.publish("general")
    made.presses("ann", "go")
    if state == "series":
        submit(made, made.event(), "m-repeat", {"repeats": "weekly"})
        with world.store.read() as uow:
            return uow.hosted.all(world.community.id)[-1]
    if state == "over":
        made.live_until(EVENING + timedelta(hours=3), timedelta(hours=1))
    return made.event()


def press(made: Hosts, event: HostedEvent, act: str) -> Sent:
    return made.world.happens(made.world.pressing("hana", f"v1:{act}:{event.token}"))[-1]


def submit(made: Hosts, event: HostedEvent, opener: str, given: dict[str, str]) -> None:
    """The form that the act opens, with what stands there already and these answers."""
    world = made.world
    asked = press(made, event, opener)
    token = next(b.code for b in buttons_of(asked.message) if act_of(b) == "cancel").rpartition(":")[2]
    with world.store.read() as uow:
        row = uow.buttons.get(world.community.id, token)
    assert row is not None
    values: dict[str, tuple[str, ...]] = {}
    for one in row.payload["form"]["fields"]:
        standing = one.get("chosen") or ([one["value"]] if one.get("value") else [])
        values[one["name"]] = tuple(standing) or (
            (one["choices"][0]["value"],) if one["type"] == "choice" and one["least"] else ()
        )
    values |= {name: (str(world.member("ann").id) if said == "ann" else said,) for name, said in given.items()}
    place = world.home("hana")
    form = FormSubmitted(place, world.sender("hana"), f"v1:fill:{token}", tuple(values.items()), world.clock.now())
    world.happens(form)


def rows(made: Hosts) -> list[tuple[str, str]]:
    with made.world.store.read() as uow:
        return [(row.action, row.actor) for row in uow.audit.all(made.world.community.id)]


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_act_is_in_the_log_with_who_did_it(made: Hosts, act: str) -> None:
    state, action = ACTS[act]
    event = event_in(made, state)
    before = rows(made).count((action, f"member:{made.hana.id}"))
    press(made, event, act)
    assert rows(made).count((action, f"member:{made.hana.id}")) == before + 1


@pytest.mark.parametrize(("state", "opener", "given", "action"), [case for cases in FORMS.values() for case in cases])
def test_a_form_is_in_the_log_with_who_sent_it(
    made: Hosts, state: str, opener: str, given: dict[str, str], action: str
) -> None:
    event = event_in(made, state)
    before = rows(made).count((action, f"member:{made.hana.id}"))
    submit(made, event, opener, given)
    assert rows(made).count((action, f"member:{made.hana.id}")) >= before + 1


def test_recaps_courses_and_new_events_are_in_the_log_too(made: Hosts) -> None:
    event_in(made, "draft")
    event = event_in(made, "over")
    press(made, event, "recap-post")
    actions = [action for action, _ in rows(made)]
    assert {"event.create", "event.recap"} <= set(actions)


def test_who_is_taken_off_is_told_and_the_next_is_asked(made: Hosts) -> None:
    made.world.arrives("ben")
    made.publish("general", capacity=1)
    made.presses("ann", "go")
    made.presses("ben", "go")
    made.world.sent.clear()
    submit(made, made.event(), "m-remove", {"who": "ann"})
    assert made.standing("ann") == "out"
    assert made.standing("ben") == "offered"
    letters = [sent for sent in made.world.sent if sent.sending.to_member == made.world.member("ann").id]
    assert any("taken you off" in str(sent.message) for sent in letters)
