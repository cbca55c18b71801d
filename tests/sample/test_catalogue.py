"""The bundled catalogue: complete rows, sane addresses, prerequisites that can be followed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from graphlib import TopologicalSorter
from urllib.parse import urlsplit

import pytest

from bot.sample import catalogue_path

Rows = tuple[dict[str, str], ...]

COLUMNS = "id,title,summary,url,tags,level,language,provider,hours,price,currency,prerequisites,published"


def _width(text: str) -> int:
    """Columns on a screen: an ideograph counts two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def test_header_is_the_agreed_one() -> None:
    with catalogue_path().open(encoding="utf-8") as lines:
        assert lines.readline().rstrip("\n") == COLUMNS


def test_there_is_enough_in_both_languages(catalogue: Rows) -> None:
    languages = Counter(row["language"] for row in catalogue)

    assert {"en", "zh"} == set(languages)
    assert languages["en"] >= 120
    assert languages["zh"] >= 90
    assert len(catalogue) >= 240


@pytest.mark.parametrize("column", ["id", "url", "summary"])
def test_nothing_appears_twice(catalogue: Rows, column: str) -> None:
    assert [value for value, count in Counter(row[column] for row in catalogue).items() if count > 1] == []


def test_titles_appear_once_per_language(catalogue: Rows) -> None:
    counted = Counter((row["language"], row["title"].casefold()) for row in catalogue)

    assert [title for title, count in counted.items() if count > 1] == []


def test_addresses_are_absolute_https(catalogue: Rows) -> None:
    split = {row["id"]: urlsplit(row["url"]) for row in catalogue}

    assert [item for item, url in split.items() if url.scheme != "https" or "." not in url.netloc or url.username] == []
    assert [row["id"] for row in catalogue if re.search(r"[\s()<>\"]", row["url"])] == []


def test_fields_are_well_formed(catalogue: Rows) -> None:
    for row in catalogue:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"]), row["id"]
        assert row["level"] in {"beginner", "intermediate", "advanced"}, row["id"]
        assert row["title"].strip() == row["title"] != "", row["id"]
        assert row["provider"], row["id"]
        assert row["hours"] == "" or float(row["hours"]) > 0, row["id"]
        assert row["price"] == "" or float(row["price"]) >= 0, row["id"]
        assert (row["currency"] != "") == (row["price"] not in {"", "0"}), row["id"]
        assert re.fullmatch(r"(\d{4}(-\d{2}-\d{2})?)?", row["published"]), row["id"]


def test_summaries_fit_a_card(catalogue: Rows) -> None:
    assert {row["id"]: _width(row["summary"]) for row in catalogue if not 80 <= _width(row["summary"]) <= 260} == {}


def test_chinese_rows_are_described_in_chinese(catalogue: Rows) -> None:
    for row in catalogue:
        share = sum("\u4e00" <= character <= "\u9fff" for character in row["summary"]) / len(row["summary"])
        assert (share > 0.5) == (row["language"] == "zh"), row["id"]


def test_tags_form_a_small_vocabulary(catalogue: Rows) -> None:
    used = Counter(tag for row in catalogue for tag in row["tags"].split(";"))

    assert len(used) <= 60
    assert [tag for tag in used if not re.fullmatch(r"[a-z]+(-[a-z]+)*", tag)] == []
    assert [tag for tag, count in used.items() if count < 3] == []


def test_prerequisites_exist_are_acyclic_and_not_harder(catalogue: Rows) -> None:
    rank = {"beginner": 0, "intermediate": 1, "advanced": 2}
    rows = {row["id"]: row for row in catalogue}
    needs = {item: [need for need in row["prerequisites"].split(";") if need] for item, row in rows.items()}

    assert [(item, need) for item, found in needs.items() for need in found if need not in rows] == []
    assert len(rows) == len(tuple(TopologicalSorter(needs).static_order()))  # raises CycleError otherwise
    for item, found in needs.items():
        for need in found:
            assert rank[rows[need]["level"]] <= rank[rows[item]["level"]], (item, need)
