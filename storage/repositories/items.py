"""One row for everything that can be suggested, and its vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from bot.domain.items import ItemId, Kind
from bot.domain.permissions import PUBLIC, Audience
from bot.ports import ItemChange, ToEmbed
from recsys.types import Item as RankedItem
from storage.repositories.communities import next_revisions
from storage.scope import Record, Scope, chunks
from storage.tables import COMMUNITIES, ITEMS, VECTORS

_I = ITEMS.c
_V = VECTORS.c
_FLOATS: Final = np.dtype("<f4")
_KNOWN: Final = select(ITEMS).where(
    _I.community_id == bindparam("b_community"), _I.item.in_(bindparam("b_items", expanding=True))
)
_CHANGE: Final = update(ITEMS).where(_I.row == bindparam("b_row"))
_DROP_VECTORS: Final = delete(VECTORS).where(_V.row.in_(bindparam("b_rows", expanding=True)))
_PRESENT: Final = select(_I.row).where(
    _I.community_id == bindparam("b_community"),
    _I.item.in_(bindparam("b_items", expanding=True)),
    _I.deleted.is_(False),
)
_SET_REVISION: Final = update(ITEMS).where(_I.row == bindparam("b_row")).values(revision=bindparam("b_revision"))


@dataclass(frozen=True, slots=True)
class Suggestable:
    """What a repository says about a thing of its own. `text` is what is embedded and searched."""

    item: ItemId
    kind: Kind
    title: str
    text: str
    language: str
    audience: Audience = PUBLIC
    tags: tuple[str, ...] = ()
    level: int | None = None
    author: str = ""
    created_at: datetime | None = None
    starts_at: datetime | None = None
    hours: float | None = None
    price: float | None = None
    prerequisites: tuple[str, ...] = ()
    replies: int = 0
    participants: int = 0
    reactions: int = 0
    solved: bool = False
    quality: float | None = None


class SqlItems:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def pending(
        self, community_id: int, encoder: str, *, limit: int, kinds: frozenset[str] = frozenset()
    ) -> list[ToEmbed]:
        rows = self._scope.rows(
            select(_I.row, _I.item, _I.title, _I.text, _I.text_hash)
            .select_from(_with_vectors(encoder))
            .where(_waiting(community_id, kinds))
            .order_by(_I.row)
            .limit(limit)
        )
        return [ToEmbed(row.row, ItemId(row.item), row.text, row.text_hash, row.title) for row in rows]

    def pending_count(self, community_id: int, encoder: str, *, kinds: frozenset[str] = frozenset()) -> int:
        return int(
            self._scope.value(
                select(func.count()).select_from(_with_vectors(encoder)).where(_waiting(community_id, kinds))
            )
        )

    def vectors(self, encoder: str, rows: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        found: dict[int, NDArray[np.float32]] = {}
        for part in chunks(rows):
            same = and_(_V.row == _I.row, _V.text_hash == _I.text_hash)
            wanted = select(_V.row, _V.vector).select_from(VECTORS.join(ITEMS, same))
            where = and_(_V.encoder == encoder, _V.row.in_(part), _I.deleted.is_(False))
            found.update((row.row, _vector(row.vector)) for row in self._scope.rows(wanted.where(where)))
        return found

    def embedded(self, encoder: str, vectors: Sequence[tuple[ToEmbed, NDArray[np.float32]]]) -> int:
        kept = 0
        for part in chunks(vectors):
            current = {
                row.row: row
                for row in self._scope.rows(
                    select(_I.row, _I.community_id, _I.text_hash).where(
                        _I.row.in_([todo.row for todo, _ in part]), _I.deleted.is_(False)
                    )
                )
            }
            rows = [
                _vector_values(current[todo.row].community_id, encoder, todo, vector)
                for todo, vector in part
                if todo.row in current and current[todo.row].text_hash == todo.text_hash
            ]
            upsert = self._scope.insert(VECTORS)
            self._scope.run(
                upsert.on_conflict_do_update(
                    index_elements=[_V.row, _V.encoder],
                    set_={name: upsert.excluded[name] for name in ("text_hash", "dimension", "vector")},
                ),
                rows,
            )
            raise_revisions(self._scope, [(row["community_id"], row["row"]) for row in rows])
            kept += len(rows)
        return kept

    def changed(
        self,
        community_id: int,
        encoder: str,
        *,
        after: int,
        limit: int,
        until: int | None = None,
        vectors: bool = True,
    ) -> list[ItemChange]:
        wanted = select(ITEMS, _V.vector).select_from(_with_vectors(encoder)) if vectors else select(ITEMS)
        wanted = wanted.where(_I.community_id == community_id, _I.revision > after)
        if until is not None:
            wanted = wanted.where(_I.revision <= until)
        return [
            ItemChange(
                revision=row.revision,
                row=row.row,
                item=ItemId(row.item),
                audience=Audience(row.audience),
                ranked=None if row.deleted else _ranked(row),
                vector=_vector(row.vector) if vectors and not row.deleted and row.vector is not None else None,
            )
            for row in self._scope.rows(wanted.order_by(_I.revision).limit(limit))
        ]

    def revision(self, community_id: int) -> int:
        return self._scope.value(select(COMMUNITIES.c.revision).where(COMMUNITIES.c.id == community_id)) or 0

    def get(self, community_id: int, items: Iterable[ItemId]) -> dict[ItemId, RankedItem]:
        found: dict[ItemId, RankedItem] = {}
        for part in chunks(set(items)):
            wanted = and_(_I.community_id == community_id, _I.deleted.is_(False), _I.item.in_(part))
            found.update((ItemId(row.item), _ranked(row)) for row in self._scope.rows(select(ITEMS).where(wanted)))
        return found

    def forget_vectors(self, community_id: int, *, keep: str) -> int:
        return self._scope.run(delete(VECTORS).where(_V.community_id == community_id, _V.encoder != keep))


def put_items(scope: Scope, community_id: int, things: Sequence[Suggestable]) -> None:
    """Make or refresh the rows of `things`; a change raises the revision, a change of text drops the vectors."""
    for part in chunks(things):
        wanted = {thing.item: _values(thing) for thing in part}
        rows = scope.rows(_KNOWN, [{"b_community": community_id, "b_items": list(wanted)}])
        known = {row.item: row._mapping for row in rows}  # noqa: SLF001 - SQLAlchemy's public name for it
        added = [values for item, values in wanted.items() if item not in known]
        changed = {
            known[item]["row"]: values
            for item, values in wanted.items()
            if item in known and any(known[item][name] != value for name, value in values.items())
        }
        if not added and not changed:
            continue
        revisions = iter(next_revisions(scope, community_id, len(added) + len(changed)))
        scope.run(insert(ITEMS), [row | {"community_id": community_id, "revision": next(revisions)} for row in added])
        _drop_vectors(
            scope, [row for row, values in changed.items() if known[values["item"]]["text_hash"] != values["text_hash"]]
        )
        scope.run(_CHANGE, [{"b_row": row, "revision": next(revisions)} | values for row, values in changed.items()])
        scope.topics.add("items")


def remove_items(scope: Scope, community_id: int, items: Iterable[ItemId]) -> int:
    """Take the words and vectors away and leave a tombstone for `changed()`; returns how many were there."""
    removed = 0
    for part in chunks(set(items)):
        rows = [row[0] for row in scope.rows(_PRESENT, [{"b_community": community_id, "b_items": part}])]
        if not rows:
            continue
        _drop_vectors(scope, rows)
        empty = {
            "deleted": True,
            "title": "",
            "text": "",
            "text_hash": "",
            "tags": [],
            "author": "",
            "prerequisites": [],
        }
        scope.run(update(ITEMS).where(_I.row.in_(rows)).values(empty))
        raise_revisions(scope, [(community_id, row) for row in rows])
        removed += len(rows)
    return removed


def text_hash(title: str, text: str) -> str:
    """Names what is embedded: 128 bits of SHA-256, in hexadecimal."""
    return hashlib.sha256(f"{title}\0{text}".encode(errors="surrogatepass")).hexdigest()[:32]


def embedding_text(title: str, body: str, *more: str) -> str:
    """Title, body and what else describes a thing, without saying the title twice."""
    parts = [body if body.startswith(title) else f"{title}\n{body}", *more]
    return "\n".join(part.strip() for part in parts if part.strip())


def _with_vectors(encoder: str) -> Any:
    """Items with the vector that this encoder made of their present text, where there is one."""
    same = and_(_V.row == _I.row, _V.encoder == encoder, _V.text_hash == _I.text_hash)
    return ITEMS.outerjoin(VECTORS, same)


def _waiting(community_id: int, kinds: frozenset[str]) -> Any:
    waiting = and_(_I.community_id == community_id, _I.deleted.is_(False), _V.row.is_(None))
    return and_(waiting, _I.kind.in_(sorted(kinds))) if kinds else waiting


def _drop_vectors(scope: Scope, rows: Sequence[int]) -> None:
    if rows:
        scope.run(_DROP_VECTORS, [{"b_rows": rows}])


def raise_revisions(scope: Scope, rows: Sequence[tuple[int, int]]) -> None:
    """A revision of its own for each (community, row): readers page through them."""
    by_community: dict[int, list[int]] = {}
    for community_id, row in rows:
        by_community.setdefault(community_id, []).append(row)
    for community_id, changed in by_community.items():
        revisions = next_revisions(scope, community_id, len(changed))
        values = [{"b_row": row, "b_revision": revision} for row, revision in zip(changed, revisions, strict=True)]
        scope.run(_SET_REVISION, values)
        scope.topics.add("items")


def _values(thing: Suggestable) -> dict[str, Any]:
    return {
        "item": thing.item,
        "kind": thing.kind.value,
        "audience": thing.audience,
        "deleted": False,
        "language": thing.language,
        "title": thing.title,
        "text": thing.text,
        "text_hash": text_hash(thing.title, thing.text),
        "tags": list(thing.tags),
        "level": thing.level,
        "author": thing.author,
        "created_at": thing.created_at,
        "starts_at": thing.starts_at,
        "hours": thing.hours,
        "price": thing.price,
        "prerequisites": list(thing.prerequisites),
        "replies": thing.replies,
        "participants": thing.participants,
        "reactions": thing.reactions,
        "solved": thing.solved,
        "quality": thing.quality,
    }


def _vector_values(community_id: int, encoder: str, todo: ToEmbed, vector: NDArray[np.float32]) -> dict[str, Any]:
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise ValueError(f"a vector must be finite and of shape (dimension,), got shape {vector.shape}")
    return {
        "row": todo.row,
        "encoder": encoder,
        "community_id": community_id,
        "text_hash": todo.text_hash,
        "dimension": len(vector),
        "vector": vector.astype(_FLOATS).tobytes(),
    }


def _vector(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, dtype=_FLOATS).astype(np.float32)


def _ranked(row: Record) -> RankedItem:
    return RankedItem(
        id=row.item,
        row=row.row,
        kind=row.kind,
        title=row.title,
        text=row.text,
        language=row.language,
        tags=tuple(row.tags),
        level=row.level,
        author=row.author,
        audience=row.audience,
        created_at=row.created_at.timestamp() if row.created_at else 0.0,
        starts_at=row.starts_at.timestamp() if row.starts_at else None,
        hours=row.hours,
        price=row.price,
        prerequisites=tuple(row.prerequisites),
        replies=row.replies,
        participants=row.participants,
        reactions=row.reactions,
        solved=row.solved,
        quality=row.quality,
    )
