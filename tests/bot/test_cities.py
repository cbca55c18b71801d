"""Time zones by the names of cities, in both languages."""

from __future__ import annotations

from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

import bot.wording
from bot.wording.cities import find, like, near_language


@pytest.mark.parametrize(
    ("words", "zones"),
    [
        ("Berlin", {"Europe/Berlin"}),
        ("beijing", {"Asia/Shanghai"}),
        ("  旧金山 ", {"America/Los_Angeles"}),
        ("纽约", {"America/New_York"}),
        ("new_york", {"America/New_York"}),
        ("asia/tokyo", {"Asia/Tokyo"}),
        ("Kiev", {"Europe/Kyiv"}),
        ("UTC", {"UTC"}),
        ("Birmingham", {"Europe/London", "America/Chicago"}),
        ("hyderabad", {"Asia/Kolkata", "Asia/Karachi"}),
        ("Mars/Base", set()),
        ("", set()),
        ("x", set()),
    ],
)
def test_cities(words: str, zones: set[str]) -> None:
    assert set(find(words)) == zones


def test_the_likelier_place_of_a_name_comes_first() -> None:
    assert find("london")[0] == "Europe/London"


def test_a_slip_of_the_finger_is_guessed() -> None:
    assert "Europe/Berlin" in like("Berlni")
    assert like("zzzzqqq") == ()


def test_every_listed_zone_exists() -> None:
    listed = files(bot.wording).joinpath("cities.txt").read_text("utf-8").splitlines()
    rows = [line.split("|") for line in listed if line and not line.startswith("#")]
    assert len(rows) > 50
    for zone, *names in rows:
        assert ZoneInfo(zone.strip()).key
        assert names
        assert all(name.strip() for name in names)


def test_a_language_says_where_only_as_far_as_it_does() -> None:
    assert near_language("zh-hans")[0] == "Asia/Shanghai"
    assert near_language("zh-TW") == ("Asia/Taipei",)
    assert near_language("en") == ()
    assert "America/New_York" in near_language("en-US") or len(near_language("en-US")) == 8
    assert near_language("xx-nothing") == ()
    assert near_language("") == ()
