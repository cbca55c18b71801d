"""How requests are read and answered: sessions at the door, forms, pages, JSON, refusals. Knows no room and no rule."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData, ImmutableMultiDict, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from adapters.buckets import Buckets
from adapters.web.capabilities import SESSION_DAYS
from adapters.web.gate import TooLarge
from adapters.web.problems import Problem, not_found
from adapters.web.sessions import COOKIE, Session
from adapters.web.site import Site
from bot.errors import BadInput, NotAllowed, NotFound, StoreUnavailable

MAX_FIELDS: Final = 200
"""A form has up to 40 answers, some of several values."""

Fields = ImmutableMultiDict[str, str]
"""Of a form; a name can have several values."""


class SignedOut(Exception):
    """Nobody is signed in, or the access token was not given: `to` is the page that asks for it."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


def wants_json(request: Request) -> bool:
    """Asked by the page's own script, which reads answers itself."""
    return "application/json" in request.headers.get("accept", "")


def member_of(site: Site, request: Request) -> int:
    """Who asks. Raises SignedOut."""
    session = site.session(request)
    if not site.keys.door_open(session):
        raise SignedOut("/door")
    if session.member is None:
        raise SignedOut("/")
    return session.member


def number(text: str | None) -> int | None:
    """A row id from an address or a form; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 18 else None


def path_number(request: Request, name: str) -> int:
    found = number(str(request.path_params[name]))
    if found is None:
        raise not_found()
    return found


async def read_form(site: Site, request: Request) -> Fields:
    """The fields of a form that carries this session's token. Raises Problem."""
    try:
        form: FormData = await request.form(max_files=0, max_fields=MAX_FIELDS)
    except HTTPException as error:
        raise Problem(400, "web-error-bad-request") from error
    fields: Fields = ImmutableMultiDict(
        [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
    )
    check_token(site, request, fields.get("csrf", ""))
    return fields


def check_token(site: Site, request: Request, given: str) -> None:
    token = request.headers.get("x-csrf-token", given)
    if not site.keys.csrf_matches(site.session(request), token):
        raise Problem(403, "web-error-stale-form")


def take(buckets: Buckets, key: str) -> None:
    """Raises Problem 429 when `key` is too fast."""
    wait = buckets.take(key)
    if wait:
        raise Problem(429, "web-error-too-fast", {"seconds": max(1, round(wait + 0.5))}, retry_after=wait)


def address(request: Request) -> str:
    return request.client.host if request.client else "local"


def page(site: Site, request: Request, html: str, status: int = 200) -> Response:
    response = HTMLResponse(html, status)
    keep(site, request, response, site.session(request))
    return response


def redirect(site: Site, request: Request, to: str, session: Session | None = None) -> Response:
    response = RedirectResponse(to, 303)
    keep(site, request, response, session or site.session(request))
    return response


def keep(site: Site, request: Request, response: Response, session: Session) -> None:
    """Write the cookie where it says something new."""
    cookie = site.keys.write(session)
    if request.cookies.get(COOKIE) != cookie:
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=SESSION_DAYS * 86_400,
            httponly=True,
            samesite="lax",
            secure=site.secure(request),
            path="/",
        )


def refusal(site: Site, request: Request, error: Exception) -> Response:
    """One answer for everything that ends a request early."""
    if isinstance(error, SignedOut):
        if wants_json(request):
            words = site.words(request)
            return JSONResponse({"error": words.say("web-error-signed-out"), "to": error.to}, 401)
        return redirect(site, request, error.to)
    problem = _problem(error)
    words = site.words(request)
    sentence = words.say(problem.wording, **problem.arguments)
    headers = {"retry-after": str(max(1, round(problem.retry_after + 0.5)))} if problem.retry_after else {}
    if wants_json(request):
        return JSONResponse({"error": sentence}, problem.status, headers=headers)
    if problem.status == 401:
        return redirect(site, request, "/")
    html = site.render(
        "problem.html", words, sentence=sentence, theme=site.session(request).theme, status=problem.status
    )
    response = page(site, request, html, problem.status)
    response.headers.update(headers)
    return response


def _problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case TooLarge():
            return Problem(413, "web-error-too-large")
        case StoreUnavailable():
            return Problem(503, "web-error-unavailable", retry_after=5)
        case NotAllowed():
            return Problem(403, "web-error-not-allowed")
        case NotFound():
            return not_found()
        case BadInput():
            return Problem(400, "web-error-bad-request")
        case HTTPException(status_code=404):
            return not_found()
        case HTTPException():
            return Problem(error.status_code, "web-error-bad-request")
        case _:
            return Problem(500, "web-error-unexpected")
