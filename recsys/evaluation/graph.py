"""A knowledge graph as descriptions of items. Knows columns h, r, t; knows not what a relation means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from recsys.evaluation.datasets import name_of
from recsys.evaluation.errors import BadData
from recsys.evaluation.reading import read_rows

_COLUMNS: Final = ("h", "r", "t")
_RELATIONS: Final = 64
"""More are no relations but values in the wrong column."""


def read_links(path: Path, items: Sequence[str]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """By relation, in order of name: the words of each item. A link is read from both ends.

    Rows without a value and rows of which neither end is an item say nothing and are passed over. BadData where none
    is left, or where there are too many different relations.
    """
    number = {name: code for code, name in enumerate(items)}
    found: dict[str, list[set[str]]] = {}
    rows = 0
    for values in read_rows(path, _COLUMNS):
        rows += 1
        head, relation, tail = (name_of(value) for value in values)
        if not (head and relation and tail):
            continue
        for end, word in ((head, f">{tail}"), (tail, f"<{head}")):
            code = number.get(end)
            if code is None:
                continue
            if relation not in found:
                if len(found) == _RELATIONS:
                    raise BadData(f"{path.name} has more than {_RELATIONS} relations in column r: is it the right one?")
                found[relation] = [set() for _ in items]
            found[relation][code].add(word)
    if not found:
        why = f"none of its {rows} rows names an item of the interactions" if rows else "it is empty"
        raise BadData(f"{path.name} describes no item: {why}")
    return tuple(tuple(tuple(sorted(words)) for words in found[relation]) for relation in sorted(found))
