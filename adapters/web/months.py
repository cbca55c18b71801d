"""The page of a month's events, for who is signed in. Knows requests; `usecases.calendars.month` knows days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from adapters.web.answers import member_of, page
from adapters.web.problems import not_found
from adapters.web.reads import Reads
from adapters.web.site import Site
from bot.usecases.calendars.month import Month, month_named, month_of, this_month


@dataclass(frozen=True)
class Months:
    site: Site
    reads: Reads

    async def show(self, request: Request) -> Response:
        """``/month`` (this one) and ``/month/2026-11``."""
        member_id = member_of(self.site, request)
        named = request.path_params.get("month")
        first = month_named(str(named)) if named is not None else None
        if named is not None and first is None:
            raise not_found()
        session = self.site.session(request)
        shell = await self.site.run(self.reads.shell, member_id, session.language)
        month = await self.site.run(self._read, member_id, first)
        html = self.site.render(
            "month.html",
            shell.wording,
            shell=shell,
            month=month,
            csrf=self.site.keys.csrf(session),
            theme=session.theme,
            action=self.site.ports.ids.code,
            here=request.url.path,
        )
        return page(self.site, request, html)

    def _read(self, member_id: int, first: date | None) -> Month:
        now = self.site.ports.clock.now()
        with self.site.ports.store.read() as uow:
            member = uow.members.get(member_id)
            if member is None:
                raise not_found()
            return month_of(uow, member, first or this_month(now, member.timezone), now)
