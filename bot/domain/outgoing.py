"""What we say, as typed parts: people's text is data here and never markup. Knows no platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from bot.domain.forms import Form
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.threads import ThreadWork

MAX_CODE: Final = 64


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Strong:
    text: str
    type: Literal["strong"] = "strong"


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    type: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Link:
    """`url` is http(s); renderers show its domain where the text does not."""

    text: str
    url: str
    type: Literal["link"] = "link"

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://", "/")):
            raise ValueError(f"a link must be http(s) or a path of our own, got {self.url[:60]!r}")


@dataclass(frozen=True, slots=True)
class MessageLink:
    """A link to a message of the community; the renderer knows how its platform writes it."""

    text: str
    ref: MessageRef
    type: Literal["message_link"] = "message_link"


@dataclass(frozen=True, slots=True)
class Mention:
    """Names a member; pings only where `ping` is meant."""

    account: AccountRef
    name: str
    ping: bool = False
    type: Literal["mention"] = "mention"


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment in the reader's own time zone; `fallback` where the platform cannot."""

    at: datetime
    fallback: str
    type: Literal["time"] = "time"


Inline = Text | Strong | Code | Link | MessageLink | Mention | LocalTime
Inlines = tuple[Inline, ...]


class Style(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """`code` is 1-64 bytes; what it means is in the store. `pressed`: shown as chosen (toggles, chips)."""

    label: str
    code: str = ""
    url: str = ""
    style: Style = Style.SECONDARY
    pressed: bool | None = None

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise ValueError("a button needs a label")
        if bool(self.code) == bool(self.url):
            raise ValueError("a button has either a code or a url")
        if self.code and len(self.code.encode()) > MAX_CODE:
            raise ValueError(f"button code must be 1-64 bytes, got {self.code!r}")


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    type: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: Inlines
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Inlines, ...]
    type: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, with who, when and where."""

    inlines: Inlines
    source: Inlines = ()
    type: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Card:
    """One suggested item. `facts` are short (level, hours, price); `reasons` say why; `buttons` belong to the item."""

    kind: str
    title: str
    item: str
    title_link: Link | MessageLink | None = None
    facts: tuple[str, ...] = ()
    body: str = ""
    reasons: tuple[str, ...] = ()
    buttons: Rows = ()
    state: str = ""
    type: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: why you got this, what was used."""

    inlines: Inlines
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that the store keeps; `key` is where, and nobody can guess it. `size` in bytes."""

    key: str
    name: str
    media: str
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`alt` says in words what it shows, for whoever cannot see it."""

    file: FileRef
    alt: str
    type: Literal["picture"] = "picture"

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a picture needs words that say what it shows")


@dataclass(frozen=True, slots=True)
class Document:
    """A file to keep, such as a calendar entry; `title` is what the link or button says."""

    file: FileRef
    title: str
    type: Literal["document"] = "document"


Block = Heading | Paragraph | Bullets | Quote | Card | Note | Picture | Document


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of ours. `language` is the one it is written in, for renderers' own words and screen readers.

    `form`: only for platforms that have forms (`bot.usecases.forms` asks one by one elsewhere), below the blocks.
    """

    blocks: tuple[Block, ...]
    buttons: Rows = ()
    language: str = "en"
    silent: bool = False
    form: Form | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show: such a message only carries a notice."""
        return not self.blocks and self.form is None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the parts went, and what the platform could not show."""

    refs: tuple[MessageRef, ...]
    degraded: tuple[str, ...] = ()


class DeliveryClass(StrEnum):
    """What may happen when a send's outcome is unknown."""

    AT_MOST_ONCE = "at_most_once"
    AT_LEAST_ONCE = "at_least_once"
    IDEMPOTENT_EDIT = "idempotent_edit"
    NONCE = "nonce"


@dataclass(frozen=True, slots=True)
class Sending:
    """A row for the outbox. `key` is unique in a community: the same cause never queues twice.

    A message without blocks carries only its `notice` (a short word to whoever pressed).
    `edits`: change that message instead of sending a new one. `items` are checked for visibility again when it is sent.
    `exposures` are the keys whose message becomes known with the receipt. `pins`: pin it in its room where the platform
    can, and take down those in `unpins`. `thread`: nothing is said, a thread is opened (the receipt says where),
    named or closed; `room` is where its card is, or the thread itself.
    """

    key: str
    room: RoomRef
    message: Outgoing
    delivery: DeliveryClass
    edits: MessageRef | None = None
    notice: str = ""
    items: tuple[str, ...] = ()
    unsolicited: bool = False
    not_before: datetime | None = None
    to_member: int | None = None
    exposures: tuple[str, ...] = field(default=())
    pins: bool = False
    unpins: tuple[MessageRef, ...] = field(default=())
    thread: ThreadWork | None = None
