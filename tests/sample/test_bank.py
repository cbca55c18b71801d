"""The hand-written material: enough of it, nothing twice, every link known."""

from __future__ import annotations

from collections import Counter

from bot.sample import bank


def test_enough_discussions_in_both_languages() -> None:
    written = [row for row in bank.discussions() if row["kind"] != "moderation"]
    languages = Counter(row["language"] for row in written)

    assert len(written) >= 110
    assert min(languages.values()) / len(written) > 0.4


def test_every_discussion_has_three_to_eight_answers() -> None:
    counts = {
        row["id"]: sum(turn["who"] != "asker" for thread in row["threads"] for turn in thread["turns"])
        for row in bank.discussions()
        if row["kind"] != "moderation"
    }

    assert {name: count for name, count in counts.items() if not 3 <= count <= 8} == {}


def test_no_sentence_is_written_twice() -> None:
    texts = Counter(text for thread in bank.threads() for text in (thread.ask, *(t.text for t in thread.turns)))

    assert [text for text, count in texts.items() if count > 1] == []


def test_ids_are_unique_and_say_the_language() -> None:
    rows = bank.discussions()

    assert len(rows) == len({row["id"] for row in rows})
    assert all(row["id"].startswith((f"{row['language']}-", "mod-")) for row in rows)


def test_links_point_into_the_catalogue(catalogue: tuple[dict[str, str], ...]) -> None:
    assert set() == bank.linked() - {row["id"] for row in catalogue}


def test_topics_are_tags_of_the_catalogue(catalogue: tuple[dict[str, str], ...]) -> None:
    tags = {tag for row in catalogue for tag in row["tags"].split(";")} | {"show", "moderation"}

    assert set() == {topic for thread in bank.threads() for topic in thread.topics} - tags
    assert set() == {topic for person in bank.people() for topic in person["topics"]} - tags


def test_phrases_that_expect_an_answer_have_one() -> None:
    for language in ("en", "zh"):
        for name in ("greet", "partner_reply", "finish_reply", "announce_reply"):
            assert [phrase for phrase in bank.phrases(language, name) if phrase.count(" => ") != 1] == []
