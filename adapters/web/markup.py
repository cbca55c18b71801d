"""People's text as HTML: always data. The text content of the result is exactly the text that was given.

The whole grammar: http(s) addresses become links that show themselves, `code` between back-ticks and fenced blocks are
set as code (the ticks, and the line break after a fence, stay in the document, hidden by the style sheet).
Everything else is escaped; line breaks are kept by the style sheet (white-space: pre-wrap).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_FENCE: Final = re.compile(r"(```[A-Za-z0-9_+#.-]{0,20}\n)(.*?)(\n```(?:\n|\Z))", re.DOTALL)
_CODE: Final = re.compile(r"`([^`\n]{1,500})`")
# Address characters are ASCII only: in running Chinese an address ends where the next character begins. An "@" before
# the path would show one host and open another, so such an address stays plain text.
_ADDRESS: Final = re.compile(
    r"(?<![A-Za-z0-9_@/])https?://[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,10}(?::\d{1,5})?(?![A-Za-z0-9_@.:-]*@)"
    r"(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,1500})?"
)
_TRAILING: Final = ".,;:!?'\"*_~"
_PAIRS: Final = {")": "(", "]": "["}

LINK: Final = Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>')
_INLINE_CODE: Final = Markup('<code><span class="tick">`</span>{}<span class="tick">`</span></code>')
_BLOCK: Final = Markup('<code class="block"><span class="tick">{}</span>{}<span class="tick">{}</span></code>')


def text_html(text: str) -> Markup:
    """A member's message."""
    parts: list[Markup] = []
    end = 0
    for fence in _FENCE.finditer(text):
        parts.append(_lines(text[end : fence.start()]))
        parts.append(_BLOCK.format(fence[1], fence[2], fence[3]))
        end = fence.end()
    parts.append(_lines(text[end:]))
    return Markup("").join(parts)


def safe_url(url: str) -> str | None:
    """`url` where a browser may be sent to it: http(s) with a host and no user name; otherwise None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if any(char.isspace() or ord(char) < 32 or char in "\\<>\"'`" for char in url):
        return None
    return url


def own_path(url: str) -> str | None:
    """`url` where it is a path of this site; ``//host`` and ``/\\host`` are other sites in disguise."""
    return url if url.startswith("/") and url[1:2] not in ("/", "\\") and url.isprintable() else None


def domain(url: str) -> str:
    """The host of a `safe_url`, in the form that cannot be confused with another (punycode)."""
    host = urlsplit(url).hostname or ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = host.encode("ascii", "backslashreplace").decode("ascii")
    return host.removeprefix("www.")


def _lines(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for code in _CODE.finditer(text):
        parts.append(_addresses(text[end : code.start()]))
        parts.append(_INLINE_CODE.format(code[1]))
        end = code.end()
    parts.append(_addresses(text[end:]))
    return Markup("").join(parts)


def _addresses(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        address = _without_tail(match[0])
        if safe_url(address) is None:
            continue
        parts.append(escape(text[end : match.start()]))
        parts.append(LINK.format(address, address))
        end = match.start() + len(address)
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _without_tail(address: str) -> str:
    # A sentence's full stop and the bracket around an address are not part of it.
    while address:
        last = address[-1]
        unbalanced = last in _PAIRS and address.count(last) > address.count(_PAIRS[last])
        if last not in _TRAILING and not unbalanced:
            return address
        address = address[:-1]
    return address
