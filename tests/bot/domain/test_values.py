"""Values that refuse nonsense at birth, and the small decisions that they make."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.consent import DEFAULT_CONSENT, Consent, ConsentKind
from bot.domain.digests import DigestSettings
from bot.domain.interactions import Signal
from bot.domain.items import ItemId, Kind, item_id, kind_of, native_of
from bot.domain.outgoing import Button, Link
from bot.domain.people import Level
from bot.domain.permissions import PUBLIC, Viewer, member_audience, room_audience, visible
from bot.domain.refs import AccountRef, MessageRef, RoomRef


@pytest.mark.parametrize("native", ["", "x" * 201])
def test_an_address_needs_an_id_of_sane_length(native: str) -> None:
    with pytest.raises(ValueError, match="1-200 characters"):
        AccountRef("web", native)
    with pytest.raises(ValueError, match="1-200 characters"):
        RoomRef("web", native)
    with pytest.raises(ValueError, match="1-200 characters"):
        RoomRef("web", "general", native)
    with pytest.raises(ValueError, match="1-200 characters"):
        RoomRef(native, "general")
    with pytest.raises(ValueError, match="1-200 characters"):
        MessageRef(RoomRef("web", "general"), native)


@given(st.text("abc:/ 中", min_size=1, max_size=20), st.sampled_from(["telegram", "discord", "web"]))
def test_an_account_key_reads_back(native: str, platform: str) -> None:
    account = AccountRef(platform, native)
    assert AccountRef.parse(account.key) == account


@pytest.mark.parametrize(
    ("key", "wrong"), [("telegram", "platform:id"), ("", "platform:id"), (":7", "platform"), ("web:", "native_id")]
)
def test_a_broken_account_key_says_what_is_wrong(key: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        AccountRef.parse(key)


def test_a_button_code_has_1_to_64_bytes() -> None:
    assert Button("Go", "x" * 64).code == "x" * 64
    with pytest.raises(ValueError, match="1-64 bytes"):
        Button("Go", "x" * 65)
    with pytest.raises(ValueError, match="1-64 bytes"):
        Button("Go", "按" * 22)


def test_a_button_has_a_label_and_one_thing_that_it_does() -> None:
    with pytest.raises(ValueError, match="label"):
        Button("  ", "code")
    with pytest.raises(ValueError, match="either"):
        Button("Go")
    with pytest.raises(ValueError, match="either"):
        Button("Go", "code", "https://example.org")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "ftp://example.org", " https://a.b"])
def test_a_link_goes_to_http_or_to_us(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Link("here", url)


def test_item_ids_say_what_they_are() -> None:
    item = item_id(Kind.COURSE, "a:b")
    assert (item, kind_of(item), native_of(item)) == ("course:a:b", Kind.COURSE, "a:b")
    with pytest.raises(ValueError, match="nonsense"):
        kind_of(ItemId("nonsense:1"))


def test_only_what_is_addressed_to_the_viewer_is_visible() -> None:
    viewer = Viewer(1, 7, frozenset({PUBLIC, member_audience(7), room_audience(3)}))
    assert visible(viewer, PUBLIC)
    assert visible(viewer, member_audience(7))
    assert visible(viewer, room_audience(3))
    assert not visible(viewer, room_audience(4))
    assert not visible(viewer, member_audience(8))
    anybody = Viewer.of_public(1)
    assert visible(anybody, PUBLIC)
    assert not visible(anybody, room_audience(3))


def test_newcomers_allow_enrolments_only() -> None:
    assert Consent().granted == DEFAULT_CONSENT == {ConsentKind.ENROLMENTS}
    assert not Consent().allows(ConsentKind.MESSAGES)
    assert Consent().toggled(ConsentKind.MESSAGES).allows(ConsentKind.MESSAGES)
    assert Consent().toggled(ConsentKind.MESSAGES).toggled(ConsentKind.MESSAGES) == Consent()


def test_what_people_write_or_take_needs_consent_and_what_they_press_does_not() -> None:
    assert {signal for signal in Signal if signal.consent is ConsentKind.MESSAGES} == {Signal.POST, Signal.REPLY}
    assert {signal for signal in Signal if signal.consent is ConsentKind.REACTIONS} == {Signal.REACT}
    for signal in (Signal.SAVE, Signal.DISMISS, Signal.CLICK, Signal.HELPFUL, Signal.UNHELPFUL, Signal.SOLVED):
        assert signal.consent is None


def test_levels_are_in_order() -> None:
    assert [level.rank for level in Level] == [0, 1, 2]


@pytest.mark.parametrize(
    ("start", "end", "local", "expected"),
    [
        (22, 8, "2027-01-04 18:00", "2027-01-04 18:00"),
        (22, 8, "2027-01-04 21:59", "2027-01-04 21:59"),
        (22, 8, "2027-01-04 22:00", "2027-01-05 08:00"),
        (22, 8, "2027-01-04 03:15", "2027-01-04 08:00"),
        (22, 8, "2027-01-04 08:00", "2027-01-04 08:00"),
        (1, 6, "2027-01-04 00:30", "2027-01-04 00:30"),
        (1, 6, "2027-01-04 01:30", "2027-01-04 06:00"),
        (9, 9, "2027-01-04 09:30", "2027-01-04 09:30"),
    ],
)
def test_quiet_hours_move_a_letter_to_their_end(start: int, end: int, local: str, expected: str) -> None:
    settings = DigestSettings(7, quiet_start=start, quiet_end=end)
    # Shanghai is eight hours ahead all the year round.
    at = datetime.fromisoformat(f"{local}+08:00").astimezone(UTC)
    moved = settings.awake_from(at, "Asia/Shanghai")
    assert moved == datetime.fromisoformat(f"{expected}+08:00")
    assert moved.tzinfo is UTC


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 24 * 400))
def test_after_waiting_it_is_never_quiet(start: int, end: int, hours: int) -> None:
    settings = DigestSettings(7, quiet_start=start, quiet_end=end)
    at = datetime.fromtimestamp(1_800_000_000 + 3600 * hours, UTC)
    moved = settings.awake_from(at, "Europe/Berlin")
    assert moved >= at
    assert settings.awake_from(moved, "Europe/Berlin") == moved
    assert (moved - at).total_seconds() <= 25 * 3600
