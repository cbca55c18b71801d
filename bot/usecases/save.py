"""Keep a discussion for later by one of its messages. Knows messages and their discussions; knows no platform."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Post
from bot.ports import UnitOfWork
from bot.usecases.lists import Lists
from bot.usecases.suggest import details
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Turn
from bot.usecases.views import Shown, View


@dataclass(frozen=True, slots=True)
class SaveDiscussion:
    """``/save`` as the answer to a message, or *Save* under it: its discussion, whichever message of it was meant.

    What cannot be kept says why: a greeting opens no discussion, and a closed room's are for who is in it.
    """

    lists: Lists

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        if turn.about is None:
            say_plainly(self.lists.store, self.lists.answering, turn, turn.wording.say("save-usage"))
            return
        with self.lists.store.read() as uow:
            post = self._discussion(uow, turn)
            before = post is not None and bool(uow.interactions.keys_of(turn.member.id, post.item, Signal.SAVE))
        if post is None:
            say_plainly(self.lists.store, self.lists.answering, turn, turn.wording.say("save-unknown"))
            return
        shown = Shown(post.item, self.lists.ids.code(), 0.0, saved=True)
        note = turn.wording.say("save-before" if before else "save-done")
        view = View(id=self.lists.ids.code(), surface="saved", items=(shown,), note=note)
        key = f"save:{turn.member.id}:{post.item}"
        kept = Interaction(turn.member.id, post.item, Signal.SAVE, turn.at, key)

        def keep(uow: UnitOfWork) -> None:
            if not before:
                uow.interactions.add(turn.community.id, kept)

        self.lists.show(turn, view, also=keep)

    def _discussion(self, uow: UnitOfWork, turn: Turn) -> Post | None:
        assert turn.about is not None
        message = uow.messages.within(turn.community.id, turn.about)
        post = uow.posts.by_root(message.root_id) if message is not None else None
        return post if post is not None and post.item in details(uow, turn.viewer, [post.item]) else None
