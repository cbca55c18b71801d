"""Members' calendars over HTTP: the secret feed for their programs, and the page that makes it. Knows requests.

Neither asks for a session or the access token: a calendar program has none. The feed's secret, or the page's
short-lived code, says whose it is; what is wrong with either is never told apart from what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from adapters.web.answers import page, read_form
from adapters.web.problems import Problem, not_found
from adapters.web.reads import Reads
from adapters.web.site import Site
from bot.domain.calendar import CalendarFeed
from bot.usecases.calendars.feeds import ALARMS, Agenda, FeedFile, KeepFeed, ReadFeed
from bot.usecases.calendars.ics import MEDIA_TYPE
from bot.wording import choose

_HEADERS: Final = {
    "content-disposition": 'inline; filename="studyhall.ics"',
    # It may be kept, and is asked about again each time: a revoked address must not live on in a proxy.
    "cache-control": "private, no-cache",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True)
class Calendars:
    site: Site
    reads: Reads
    agenda: Agenda

    @property
    def keep(self) -> KeepFeed:
        ports = self.site.ports
        return KeepFeed(ports.store, ports.ids, ports.clock, ports.community_id)

    async def feed(self, request: Request) -> Response:
        """``/calendar/<secret>.ics``"""
        ports = self.site.ports
        read = ReadFeed(ports.store, ports.clock, ports.community_id, self.agenda)
        found = await self.site.run(read, str(request.path_params["secret"]))
        if found is None:
            raise not_found()
        headers = {
            **_HEADERS,
            "etag": f'"{found.tag}"',
            "last-modified": format_datetime(_whole(found.changed_at), usegmt=True),
        }
        if _known(request, found):
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers, media_type=MEDIA_TYPE)

    async def show(self, request: Request) -> Response:
        """The page of whoever holds the code, or is signed in."""
        return await self._page(request, await self._member(request))

    async def act(self, request: Request) -> Response:
        member_id = await self._member(request)
        form = await read_form(self.site, request)
        match form.get("do", ""):
            case "renew":
                secret = await self.site.run(self.keep.renew, member_id)
                return await self._page(request, member_id, secret=secret)
            case "end":
                await self.site.run(self.keep.end, member_id)
                return await self._page(request, member_id, said="calendar-page-ended")
            case "change" if form.get("alarm", "") in map(str, ALARMS):
                await self.site.run(self.keep.change, member_id, maybe="maybe" in form, alarm=int(form["alarm"]))
                return await self._page(request, member_id, said="calendar-page-saved")
            case _:
                raise Problem(400, "web-error-bad-request")

    async def _member(self, request: Request) -> int:
        session = self.site.session(request)
        code = str(request.path_params.get("code", ""))
        if code:
            member_id = await self.site.run(self.keep.member_behind, code)
        else:
            member_id = session.member if self.site.keys.door_open(session) else None
        if member_id is None:
            raise Problem(404, "calendar-page-expired")
        return member_id

    async def _page(self, request: Request, member_id: int, *, secret: str = "", said: str = "") -> Response:
        feed: CalendarFeed | None = await self.site.run(self.keep.of, member_id)
        shell = await self.site.run(self.reads.shell, member_id, self.site.session(request).language)
        session = self.site.session(request)
        base = self.site.ports.public_url.rstrip("/") or str(request.base_url).rstrip("/")
        url = f"{base}/calendar/{secret}.ics" if secret else ""
        html = self.site.render(
            "calendar.html",
            choose(shell.wording.language),
            feed=feed,
            url=url,
            webcal=f"webcal:{url.partition(':')[2]}" if url else "",
            said=said,
            alarms=ALARMS,
            here=request.url.path,
            csrf=self.site.keys.csrf(session),
            theme=session.theme,
        )
        return page(self.site, request, html)


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _known(request: Request, found: FeedFile) -> bool:
    """Whether the program has just this already. Only its tag can tell: an event that left it changed no other time."""
    tags = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/").strip('"') in {found.tag, "*"} for tag in tags.split(","))
