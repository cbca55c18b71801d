"""What ``/link`` and ``/unlink`` say: the code, the questions to both sides, what came of it. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.links import CODE_LIVES, Link, shown_code
from bot.domain.outgoing import Bullets, Button, Code, Heading, Note, Outgoing, Paragraph, Style, Text
from bot.domain.people import Identity, Member
from bot.domain.permissions import STAFF
from bot.usecases.views import code_of
from bot.wording import Wording


def account_line(wording: Wording, identity: Identity) -> str:
    return wording.say("account-line", platform=wording.platform(identity.account.platform), name=identity.name)


def plain(wording: Wording, *sentences: str) -> Outgoing:
    return Outgoing(tuple(Paragraph((Text(sentence),)) for sentence in sentences), language=wording.language)


def code_message(wording: Wording, code: str) -> Outgoing:
    """The one place where a code is written."""
    say, minutes = wording.say, round(CODE_LIVES.total_seconds() / 60)
    return Outgoing(
        (
            Heading(say("link-heading")),
            Paragraph((Text(say("link-code")), Text(" "), Code(shown_code(code)))),
            Paragraph((Text(say("link-code-how", code=shown_code(code))),)),
            Note((Text(say("link-code-note", minutes=minutes)),)),
        ),
        language=wording.language,
    )


def question(wording: Wording, link: Link, first: Member, second: Member, token: str, *, to_first: bool) -> Outgoing:
    """Asked of each side before anything is joined: who the other is, and what becomes of both."""
    say = wording.say
    other, there = (second, link.second_platform) if to_first else (first, link.first_platform)
    platform = wording.platform(there)
    lines = [say("link-moves-history"), say("link-moves-rooms")]
    lines.append(say("link-moves-profile-kept" if to_first else "link-moves-profile", platform=platform))
    lines += [say("link-moves-consent"), say("link-moves-letter")]
    if first.role in STAFF or second.role in STAFF:
        lines.append(say("link-moves-role"))
    return Outgoing(
        (
            Heading(say("link-heading")),
            Paragraph((Text(say("link-ask", name=other.name, platform=platform)),)),
            Bullets(tuple((Text(line),) for line in lines)),
            Note((Text(say("link-ask-note")),)),
        ),
        (
            (
                Button(say("button-link-yes"), code_of("yes", token), style=Style.PRIMARY),
                Button(say("button-link-no"), code_of("no", token)),
            ),
        ),
        wording.language,
    )


def linked_accounts(wording: Wording, accounts: Sequence[Identity], links: Sequence[tuple[Link, str, str]]) -> Outgoing:
    """All accounts of a member, and for each link (with the name of its account and its button's token) a way out."""
    say = wording.say
    rows = tuple(
        (Button(say("button-unlink", account=name), code_of("part", token), style=Style.DANGER),)
        for _, name, token in links
    )
    return Outgoing(
        (
            Heading(say("unlink-heading")),
            Bullets(tuple((Text(account_line(wording, account)),) for account in accounts)),
            Note((Text(say("unlink-note")),)),
        ),
        rows,
        wording.language,
    )


def parting(wording: Wording, name: str, token: str) -> Outgoing:
    """Asked once more before a link is taken apart."""
    say = wording.say
    return Outgoing(
        (
            Heading(say("unlink-heading")),
            Paragraph((Text(say("unlink-ask", account=name)),)),
            Bullets(((Text(say("unlink-back")),), (Text(say("unlink-since")),), (Text(say("unlink-switches")),))),
        ),
        (
            (
                Button(say("button-unlink-yes"), code_of("part-yes", token), style=Style.DANGER),
                Button(say("button-unlink-no"), code_of("part-no", token)),
            ),
        ),
        wording.language,
    )
