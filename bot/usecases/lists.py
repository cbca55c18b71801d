"""Lists of suggestions: made, put on the screen, paged, filtered. Knows views; knows no scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.interactions import Signal
from bot.domain.items import Kind
from bot.domain.wanted import Wanted, understand
from bot.ports import Ids, Store, UnitOfWork
from bot.usecases.events.seats import standings_in_lists
from bot.usecases.suggest import Find, Found, Suggest, details, score_parts
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import PAGE, Shown, View, button_rows, exposures_of, load_view, render_view, save_view
from recsys.types import Hit

GOOD_ENOUGH: Final = 0.32
"""A search whose best result scores below this found nothing that fits, and says so."""
_DEFAULT_KINDS: Final = (Kind.COURSE, Kind.POST, Kind.EVENT)


@dataclass(frozen=True, slots=True)
class Lists:
    """Makes views and shows them."""

    store: Store
    suggest: Suggest
    find: Find
    answering: Answering
    ids: Ids

    def suggested(
        self,
        turn: Turn,
        *,
        kinds: Sequence[Kind] = (),
        before: Sequence[str] = (),
        surface: str = "foryou",
        k: int = PAGE,
    ) -> View:
        """A list from the recommender; nothing is stored yet."""
        found: Found = self.suggest(
            turn.member,
            turn.viewer,
            k=k + 1,
            at=turn.at,
            kinds=kinds or _DEFAULT_KINDS,
            exclude=before,
            room_id=turn.room.id,
            # One pin a list: its further pages have none. What a letter leaves out are no earlier pages.
            pins=surface == "digest" or not before,
        )
        items = tuple(
            Shown(
                r.item,
                self.ids.code(),
                r.score,
                score_parts(r.reasons),
                explored=r.policy == "explore",
                propensity=r.propensity,
                pinned=r.policy == "pin",
                slate=r.slate,
            )
            for r in found.items[:k]
        )
        return View(
            id=self.ids.code(),
            surface=surface,
            items=items,
            kinds=tuple(kinds),
            before=tuple(before),
            newcomer=found.history == 0 and not turn.member.profile.topics,
            more=len(found.items) > k,
        )

    def searched(self, turn: Turn, wanted: Wanted, *, kinds: Sequence[Kind] = (), before: Sequence[str] = ()) -> View:
        """A list from the search; nothing is stored yet."""
        with self.store.read() as uow:
            known = uow.interactions.known(turn.member.id)
            answered = standings_in_lists(uow, turn.community.id, turn.member.id)
        unwanted = (*before, *known.get(Signal.DISMISS, ()))
        hits, _ = self.find(
            turn.viewer, wanted, k=PAGE + 1, at=turn.at, kinds=kinds or _DEFAULT_KINDS, exclude=unwanted
        )
        items = tuple(self._hit(hit) for hit in hits[:PAGE])
        return View(
            id=self.ids.code(),
            surface="learn",
            items=_marked(items, known, answered),
            wanted=wanted,
            kinds=tuple(kinds),
            before=tuple(before),
            more=len(hits) > PAGE,
            weak=not before and max((hit.score for hit in hits), default=0.0) < GOOD_ENOUGH,
        )

    def _hit(self, hit: Hit) -> Shown:
        return Shown(hit.item, self.ids.code(), hit.score, score_parts(hit.reasons))

    def show(
        self,
        turn: Turn,
        view: View,
        *,
        edit: bool = False,
        notice: str = "",
        also: Callable[[UnitOfWork], None] | None = None,
    ) -> bool:
        """Store the view with its buttons and exposures and queue its message, and `also` what else belongs to it,
        all in one transaction."""
        with self.store.write() as uow:
            if not turn.begin(uow):
                return False
            if also is not None:
                also(uow)
            save_view(uow, turn.member.id, view, turn.at)
            uow.buttons.add(turn.community.id, button_rows(view, turn.member.id, turn.at))
            message = render_view(uow, turn, view)
            # What was kept by hand is looked up, not suggested: nobody chose to expose it.
            policy = "search" if view.surface == "learn" else "main"
            exposures = [] if view.surface == "saved" else exposures_of(view, turn, policy)
            if edit:
                uow.exposures.add(turn.community.id, exposures)
                self.answering.edit(uow, turn, message, notice=notice)
            else:
                self.answering.reply(uow, turn, message, exposures=exposures)
            if view.surface == "learn":
                best = max((s.score for s in view.items), default=0.0)
                uow.demand.add(turn.community.id, turn.member.id, "learn", view.wanted.words, best, turn.at)
            uow.commit()
        return True


def _marked(
    items: tuple[Shown, ...], known: Mapping[Signal, Sequence[str]], answered: Mapping[str, str]
) -> tuple[Shown, ...]:
    """What the member enrolled in, answered or saved before looks so in new lists too."""
    state = dict.fromkeys((*known.get(Signal.ENROL, ()), *known.get(Signal.COMPLETE, ())), "enrolled")
    state |= answered
    saved = frozenset(known.get(Signal.SAVE, ()))
    return tuple(replace(s, state=state.get(s.item, ""), saved=s.item in saved) for s in items)


@dataclass(frozen=True, slots=True)
class ForYou:
    """``/foryou``: what would be suggested now."""

    lists: Lists

    def __call__(self, turn: Turn, words: str) -> None:
        kinds = tuple(kind for kind in (understand(words).kind,) if kind)
        self.lists.show(turn, self.lists.suggested(turn, kinds=kinds))


@dataclass(frozen=True, slots=True)
class Learn:
    """``/learn words``: search with chips and cards; without words, suggestions."""

    lists: Lists

    def __call__(self, turn: Turn, words: str) -> None:
        wanted = understand(words)
        if not wanted.words and not wanted.chips:
            self.lists.show(turn, replace(self.lists.suggested(turn), note=turn.wording.say("learn-usage")))
            return
        self.lists.show(turn, self.lists.searched(turn, wanted))


@dataclass(frozen=True, slots=True)
class Saved:
    """``/saved``: what the member kept for later, newest first."""

    lists: Lists

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        with self.lists.store.read() as uow:
            saved = uow.interactions.known(turn.member.id).get(Signal.SAVE, [])
            there = details(uow, turn.viewer, saved)
        kept = [item for item in saved if item in there]
        items = tuple(Shown(item, self.lists.ids.code(), 0.0, saved=True) for item in kept[: 2 * PAGE])
        self.lists.show(turn, View(id=self.lists.ids.code(), surface="saved", items=items))


@dataclass(frozen=True, slots=True)
class PressList:
    """Buttons of a list: more, another kind, a new list, a filter taken away."""

    lists: Lists

    def __call__(self, turn: Turn, act: str, view_id: str) -> bool:
        """False: no such list."""
        with self.lists.store.read() as uow:
            view = load_view(uow, turn.member.id, view_id)
        if view is None or view.frame is not None:  # a letter is no list: it has no pages and no filters
            return False
        say = turn.wording.say
        if act == "tell":
            with self.lists.store.write() as uow:
                if turn.begin(uow):
                    uow.demand.add(turn.community.id, turn.member.id, "wanted", view.wanted.words, 0.0, turn.at)
                    self.lists.answering.edit(
                        uow, turn, render_view(uow, turn, view), notice=say("notice-noted-demand")
                    )
                    uow.commit()
            return True
        changed = self._changed(turn, act, view)
        if changed is None:
            return False
        self.lists.show(turn, changed, edit=True)
        return True

    def _changed(self, turn: Turn, act: str, view: View) -> View | None:
        wanted, kinds, before = view.wanted, view.kinds, view.before
        if act == "more":
            before = (*view.before, *(shown.item for shown in view.items))
        elif act.startswith("kind-"):
            kind = next((known for known in _DEFAULT_KINDS if act == f"kind-{known.value}"), None)
            if kind is None:
                return None
            kinds, before = (() if kind in kinds else (kind,)), ()
        elif act.startswith("chip"):
            chips = wanted.chips
            number = int(act.removeprefix("chip")) if act.removeprefix("chip").isdecimal() else len(chips)
            if number >= len(chips):
                return None
            wanted, before = wanted.dropped(chips[number]), ()
        elif act == "fresh":
            before = ()
        else:
            return None
        if view.surface == "learn":
            return self.lists.searched(turn, wanted, kinds=kinds, before=before)
        return self.lists.suggested(turn, kinds=kinds, before=before, surface=view.surface)
