"""A weekly letter in words, as it was sent and after every press on it. Knows its sections; chooses nothing."""

from __future__ import annotations

from bot.domain.items import Course, Post
from bot.domain.outgoing import Block, Heading, Link, MessageLink, Note, Outgoing, Paragraph, Text
from bot.ports import UnitOfWork
from bot.usecases.digest_controls import control_buttons, settings_line
from bot.usecases.suggest import Detail, details
from bot.usecases.turn import Turn
from bot.usecases.views import Frame, View, item_card, rated_in, render_view, titles_for


def shown_now(uow: UnitOfWork, turn: Turn, view: View) -> Outgoing:
    """The message of a view in its present state: a letter stays a letter."""
    return render_view(uow, turn, view) if view.frame is None else letter_message(uow, turn, view, view.frame)


def letter_message(uow: UnitOfWork, turn: Turn, view: View, frame: Frame) -> Outgoing:
    """Order: continue, for you, somebody to help, controls and why."""
    say, settings = turn.wording.say, uow.digests.get(turn.member.id)
    around = details(uow, turn.viewer, [item for item in (frame.unfinished, frame.helpable) if item])
    known, titles = titles_for(uow, turn, view)
    rated = rated_in(uow, turn, view)
    cards = [
        item_card(turn, shown, known[shown.item], titles, rated.get(shown.item))
        for shown in view.items
        if shown.item in known
    ]
    blocks: tuple[Block, ...] = (
        Heading(say("digest-heading", community=turn.community.name, day=turn.wording.day(frame.day))),
        *_go_on(turn, frame, around.get(frame.unfinished)),
        Heading(say("digest-foryou")),
        *cards,
        *_help(turn, frame, around.get(frame.helpable)),
        Note((Text(settings_line(turn, settings)),)),
        Note((Text(say("digest-preview-note" if frame.preview else "digest-why")),)),
    )
    return Outgoing(blocks, control_buttons(turn, settings, frame.control), turn.wording.language)


def _go_on(turn: Turn, frame: Frame, course: Detail | None) -> tuple[Block, ...]:
    if not isinstance(course, Course):
        return ()
    say = turn.wording.say
    title = Link(course.title, course.url) if course.url else Text(course.title)
    percent = say("digest-progress", percent=round(100 * frame.progress))
    return Heading(say("digest-continue")), Paragraph((title, Text(f" — {percent}")))


def _help(turn: Turn, frame: Frame, post: Detail | None) -> tuple[Block, ...]:
    if not isinstance(post, Post):
        return ()
    say = turn.wording.say
    waiting = say("digest-unanswered", days=max((frame.day - post.created_at.date()).days, 0))
    title = MessageLink(post.title, post.root)
    return Heading(say("digest-help-someone")), Paragraph((title, Text(f" — {waiting}")))
