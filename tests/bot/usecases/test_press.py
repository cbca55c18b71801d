"""Buttons on cards: every press is a signal once, can be undone, and changes the next list."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from random import Random

import pytest

from bot.dispatch import Dispatcher
from bot.domain.consent import ConsentKind
from bot.domain.items import Event
from bot.usecases.press import UNDO
from bot.usecases.turn import Turn
from tests.bot.reading import acts, buttons_of, card_of, cards, items, labels, words_of
from tests.bot.world import Sent, World
from tests.fakes.clock import START


def first(sent: Sent) -> str:
    return items(sent.message)[0]


def card_acts(sent: Sent, item: str) -> list[str]:
    return [button.code.split(":")[1] for row in card_of(sent.message, item).buttons for button in row]


def state(world: World) -> dict[str, object]:
    """All that a press could have changed."""
    with world.store.read() as uow:
        stats = uow.stats(world.community.id)
        members = uow.members.all(world.community.id)
        kept = [uow.interactions.of_member(member.id) for member in members]
    return {"stats": {k: v for k, v in stats.items() if k not in {"inbox", "outbox", "receipts"}}} | {
        "members": members,
        "kept": kept,
    }


def test_enrolling_is_kept_shown_and_not_suggested_again(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    after = stocked.press("lin", shown, "enrol", item=item)
    assert after.notice == "Noted that you enrolled. Undo within 10 minutes."
    assert after.sending.edits == shown.ref
    assert card_of(after.message, item).state == "✅ You enrolled"
    assert card_acts(after, item) == ["undo", "save", "why"]
    assert stocked.history("lin") == [("enrol", item)]
    assert item not in stocked.everything_for("lin")
    found = stocked.asks("lin", "learn", card_of(shown.message, item).title)
    assert card_of(found.message, item).state == "✅ You enrolled"


def test_a_second_press_says_so_and_changes_nothing(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    stocked.press("lin", shown, "enrol", item=item)
    again = stocked.press("lin", shown, "enrol", item=item)
    assert again.notice == "You had done that already."
    assert stocked.history("lin") == [("enrol", item)]


def test_saving_is_a_switch(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    saved = stocked.press("lin", shown, "save", item=item)
    assert "🔖 Saved" in labels(saved.message)
    assert card_of(saved.message, item).state == "🔖 Saved"
    assert stocked.history("lin") == [("save", item)]
    assert items(stocked.asks("lin", "saved").message) == [item]
    taken = stocked.press("lin", saved, "save", item=item)
    assert taken.notice == "No longer saved."
    assert stocked.history("lin") == []
    assert items(stocked.asks("lin", "saved").message) == []


def test_a_save_from_one_list_is_taken_back_from_another(stocked: World) -> None:
    stocked.press("lin", stocked.asks("lin", "learn", "macros"), "save", item="course:rust-expert")
    stocked.clock.go_on(days=1)
    stocked.press("lin", stocked.asks("lin", "learn", "macros"), "save", item="course:rust-expert")
    assert stocked.history("lin") == []


def test_removing_hides_the_card_and_bars_the_item(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    after = stocked.press("lin", shown, "hide", item=item)
    assert after.notice.startswith("Removed.")
    card = card_of(after.message, item)
    assert card.state == "Removed from your suggestions"
    assert card.facts == ()
    assert card_acts(after, item) == ["easy", "hard", "have", "topic", "price", "author", "undo"]
    assert stocked.history("lin") == [("dismiss", item)]
    assert item not in stocked.everything_for("lin")
    assert item not in items(stocked.asks("lin", "learn", card.title).message)


def test_similar_items_sink_after_a_removal(stocked: World) -> None:
    before = stocked.asks("lin", "learn", "rust")
    stocked.press("lin", before, "hide", item="course:rust-async")
    why = stocked.asks("lin", "foryou")
    with stocked.store.read() as uow:
        member = stocked.member("lin")
        query = stocked.app.suggest.query(uow, member, uow.rooms.viewer(member), k=5, at=stocked.clock.now())
    found = stocked.app.engine.explain(query, "course:zh-rust")
    assert found is not None
    assert items(why.message)
    reasons = {reason.source: reason for reason in found.reasons}
    assert "dismissed" not in reasons or reasons["dismissed"].value < 0


def test_why_it_was_removed_is_one_signal_with_a_reason(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    hidden = stocked.press("lin", shown, "hide", item=item)
    thanks = stocked.press("lin", hidden, "price", item=item)
    assert thanks.notice == "Thank you, noted."
    assert card_acts(thanks, item) == ["undo"]
    with stocked.store.read() as uow:
        (kept,) = uow.interactions.of_member(stocked.member("lin").id)
    assert (kept.signal.value, kept.reason) == ("dismiss", "price")
    undone = stocked.press("lin", thanks, "undo", item=item)
    assert stocked.history("lin") == []
    assert card_of(undone.message, item).state == ""


def test_only_courses_are_too_easy_or_too_expensive(stocked: World) -> None:
    ref = stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    post = stocked.post(ref)
    assert post is not None
    hidden = stocked.press("lin", stocked.asks("lin", "foryou", "discussions"), "hide", item=post.item)
    assert card_acts(hidden, post.item) == ["have", "topic", "author", "undo"]


@pytest.mark.parametrize("act", ["enrol", "hide"])
def test_undo_works_for_ten_minutes(stocked: World, act: str) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    done = stocked.press("lin", shown, act, item=item)
    stocked.clock.go_on(seconds=UNDO.total_seconds())
    undone = stocked.press("lin", done, "undo", item=item)
    assert undone.notice == "Undone."
    assert stocked.history("lin") == []
    assert item in stocked.everything_for("lin")
    stocked.press("lin", undone, act, item=item)
    assert len(stocked.history("lin")) == 1
    stocked.clock.go_on(seconds=UNDO.total_seconds() + 1)
    late = stocked.press("lin", done, "undo", item=item)
    assert late.notice == "The 10 minutes for that undo are over. Nothing was changed."
    assert len(stocked.history("lin")) == 1


def test_an_event_is_gone_to(stocked: World) -> None:
    stocked.add_events(Event("live", "Profiling rust live", START.replace(day=9)))
    shown = stocked.asks("lin", "foryou", "events")
    going = stocked.press("lin", shown, "enrol", item="event:live")
    assert going.notice == "You are going: Sat 9 Jan 2027, 09:00 (UTC). I remind you before it starts."
    assert stocked.history("lin") == [("attend", "event:live")]
    found = stocked.asks("lin", "learn", "profiling rust live")
    assert card_of(found.message, "event:live").state == "✅ You are going"
    stocked.press("lin", going, "undo", item="event:live")
    assert stocked.history("lin") == []


def test_without_consent_nothing_is_kept_and_nothing_is_claimed(stocked: World) -> None:
    stocked.arrives("lin", consent=())
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    after = stocked.press("lin", shown, "enrol", item=item)
    assert after.notice == "Nothing was kept: in /profile you switched off your enrolments."
    assert card_of(after.message, item).state == ""
    assert stocked.history("lin") == []
    stocked.press("lin", shown, "save", item=item)
    assert stocked.history("lin") == [("save", item)]


def test_an_item_that_is_gone_says_so(stocked: World) -> None:
    ref = stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    shown = stocked.asks("lin", "foryou", "discussions")
    stocked.deletes(ref)
    after = stocked.press("lin", shown, "save", item=first(shown))
    assert after.notice == "That is no longer available."
    assert cards(after.message) == []
    assert stocked.history("lin") == []


def test_the_button_of_somebody_else_does_nothing(stocked: World) -> None:
    stocked.arrives("mei")
    shown = stocked.asks("lin", "foryou")
    before = state(stocked)
    for button in buttons_of(shown.message):
        (answer,) = stocked.happens(stocked.pressing("mei", button.code, shown.ref))
        assert answer.notice == "This button belongs to somebody else. Type /foryou for your own."
        assert answer.message.blocks == ()
        assert answer.sending.edits is None
    assert state(stocked) == before


def test_buttons_work_after_a_restart_and_a_year_less_a_day(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    stocked.restart()
    stocked.clock.go_on(days=364)
    after = stocked.press("lin", shown, "save", item=first(shown))
    assert after.notice.startswith("Saved.")


def mutated(code: str, random: Random) -> str:
    version, act, token = code.split(":")
    alphabet = "abcdefghijklmnopqrstuvwxyz234567:-_ /'\";\u202e中\x00%"
    acts_ = ["enrol", "kind-member", "kind-", "kind-zzz", "chip99", "chip-1", "less9", "less", "c-", "c-all", "t-999"]
    acts_ += ["0", "1", "5", "messages", "length7", "length", "solved2", "skip-a", "h-3", "l-", "g-", "-", "tell-", ""]
    match random.randrange(5):
        case 0:
            return f"{version}:{act}:{''.join(random.sample(token, len(token)))}"
        case 1:
            return f"{version}:{random.choice(acts_[1:])}:{token}"
        case 2:
            at = random.randrange(len(code))
            return code[:at] + random.choice(alphabet) + code[at + 1 :]
        case 3:
            return code[: random.randrange(len(code))]
        case _:
            return "".join(random.choices(alphabet, k=random.randrange(1, 100)))


def test_two_thousand_codes_that_we_never_gave_do_nothing(stocked: World) -> None:
    member = stocked.arrives("lin", consent=frozenset(ConsentKind))
    random = Random(7)
    given = [stocked.asks("lin", "foryou"), stocked.asks("lin", "learn", "rust, under 50 hours")]
    given.append(stocked.press("lin", given[0], "why", item=first(given[0])))
    given += [stocked.asks("lin", name) for name in ("start", "profile", "digest")]
    given.append(stocked.asks("lin", "ask", "What does cancel safety mean in rust?"))
    real = {button.code for sent in given for button in buttons_of(sent.message)}
    # A real act on a real token of another kind is a code of ours that we never gave.
    codes: list[str] = []
    while len(codes) < 2_000:
        code = mutated(random.choice(sorted(real)), random)
        act_and_token = code.split(":")[1:]
        if code not in real and not (len(act_and_token) == 2 and stands_for_something(stocked, *act_and_token)):
            codes.append(code)
    before = state(stocked)
    answers = stocked.happens(*(stocked.pressing("lin", code, given[0].ref) for code in codes[:60]))
    assert len(answers) == 60
    assert all(answer.message.blocks == () for answer in answers)
    told = {"This button is too old or no longer there. Type /foryou for a new list."}
    assert {answer.notice for answer in answers} == told
    press = stocked.pressing("lin", codes[0], given[0].ref)
    turn = stocked.dispatcher.arrive(stocked.community, press.sender, press.place, press.at, on=press.on)
    listening = Listening(**{f.name: getattr(stocked.dispatcher, f.name) for f in fields(Dispatcher)}, told=[])
    for code in codes:
        listening._press(turn, code)
    assert listening.told == ["notice-gone"] * 2_000
    assert state(stocked) == before
    assert stocked.member("lin") == member


@dataclass(frozen=True)
class Listening(Dispatcher):
    """Keeps what it would tell whoever pressed, which spares two thousand transactions."""

    told: list[str] = field(default_factory=list)

    def _notice(self, turn: Turn, message: str) -> None:
        self.told.append(message)


def stands_for_something(world: World, act: str, token: str) -> bool:
    """A mutation may by chance be another button of the same message: an item has acts that no card shows now."""
    if not token.isalnum():
        return False
    with world.store.read() as uow:
        row = uow.buttons.get(world.community.id, token)
    if row is None:
        return False
    known = {
        "item": {"enrol"},
        "view": {"tell", "more", "fresh"},
        "onboarding": {"back", "next", "skip"},
        "digest": {"settings", "skip", "pause", "stop", "on", "day", "earlier", "later", "preview"},
    }
    return act in known.get(row.action, set())


def test_the_same_update_twice_has_its_effect_once(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    item = first(shown)
    press = stocked.pressing("lin", card_of(shown.message, item).buttons[0][0].code, shown.ref)
    stocked.put(press)
    with stocked.store.read() as uow:
        (row,) = uow.inbox.pending(limit=10)
    stocked.dispatcher.drain()
    # The row is handled again, as if it had been read before it was marked.
    stocked.dispatcher._guarded(row, press)
    assert len(stocked.deliver()) == 1
    assert stocked.history("lin") == [("enrol", item)]
    with stocked.store.write() as uow:
        assert uow.inbox.put(stocked.community.id, "fake", [(row.native_id, row.raw)], stocked.clock.now()) == 0
        uow.commit()


def test_a_press_without_its_message_is_answered_anew(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    code = card_of(shown.message, first(shown)).buttons[0][0].code
    (answer,) = stocked.happens(stocked.pressing("lin", code))
    assert answer.sending.edits is None
    assert items(answer.message) == items(shown.message)
    assert "undo" in acts(answer.message)
    assert "✅ You enrolled" in words_of(answer.message)
