"""What stands behind every command and button of the chat. Knows the use-cases and who needs whom; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from bot.dispatch import Command, Presses
from bot.domain.threads import ThreadTraits
from bot.ports import Clock, Ids
from bot.settings import Settings
from bot.surroundings import Paths
from bot.usecases.ask import Ask, FindAnswer, PressAnswer
from bot.usecases.author_report import ReportAuthors
from bot.usecases.calendars.commands import CalendarCommand
from bot.usecases.channel import PressChannel
from bot.usecases.digest import ComposeDigest
from bot.usecases.digest_send import PreviewDigest
from bot.usecases.digest_settings import DigestCommand, OfferDigest, PressDigest
from bot.usecases.engine import StoreEngine
from bot.usecases.events.adopting import Attend
from bot.usecases.events.answering import PressEvent
from bot.usecases.events.calendar import SendCalendar
from bot.usecases.events.checking import CheckAnswer
from bot.usecases.events.commands import CheckInCommand, EventCommand, EventsCommand
from bot.usecases.events.hosts import Hosts as EventHosts
from bot.usecases.events.hosts import NewEvent
from bot.usecases.events.idea_chat import EventOrIdeas, IdeasCommand, PressIdea
from bot.usecases.events.ideas import FindIdeas
from bot.usecases.events.recap_chat import Recaps
from bot.usecases.events.related import PressCourses
from bot.usecases.forms import AskForm, SubmitForm
from bot.usecases.link import LinkCommand, PressLink, UnlinkCommand
from bot.usecases.lists import ForYou, Learn, Lists, PressList, Saved
from bot.usecases.onboarding import PressOnboarding, Start
from bot.usecases.partners import Partners
from bot.usecases.path import FindPath
from bot.usecases.path_chat import PathCommand, PressPath, PressProposal
from bot.usecases.people import PeopleCommand, PressPerson
from bot.usecases.personas import KeptPersonas, PersonasCommand
from bot.usecases.prerequisites import DecidePrerequisite
from bot.usecases.press import PressItem, PressWhy
from bot.usecases.profile import PressProfile, ShowProfile
from bot.usecases.rating import FindCourse, RateCommand, RateCourse
from bot.usecases.rec import RecCommand
from bot.usecases.report_views import ReportCommand
from bot.usecases.room_schedule import SuggestCommand, WeeklyRoom
from bot.usecases.save import SaveDiscussion
from bot.usecases.segment_chat import SegmentsCommand
from bot.usecases.setup import PressSetup, Setup, SetupCommand
from bot.usecases.staff import RoomCommand, WantedCommand
from bot.usecases.talk import Help
from bot.usecases.turn import Answering
from bot.usecases.wizard_steps import CancelCommand, WizardSteps
from storage import SqlStore


class Opened(Protocol):
    """What was opened for a community, and the use-cases that others than the chat have too."""

    settings: Settings
    store: SqlStore
    clock: Clock
    ids: Ids
    paths: Paths
    kept_personas: KeptPersonas

    @property
    def engine(self) -> StoreEngine: ...
    @property
    def answering(self) -> Answering: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def compose_digest(self) -> ComposeDigest: ...
    @property
    def find_answer(self) -> FindAnswer: ...
    @property
    def find_course(self) -> FindCourse: ...
    @property
    def find_ideas(self) -> FindIdeas: ...
    @property
    def find_path(self) -> FindPath: ...
    @property
    def partners(self) -> Partners: ...
    @property
    def rate(self) -> RateCourse: ...
    @property
    def report(self) -> ReportAuthors: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What several commands and buttons share."""

    start: Start
    ask_form: AskForm
    wizard: WizardSteps
    preview: PreviewDigest
    ask: Ask
    learn: Learn
    ideas: IdeasCommand
    event: PressEvent
    attend: Attend
    unlink: UnlinkCommand
    weekly: WeeklyRoom
    setup: Setup

    @classmethod
    def of(cls, app: Opened, forms: frozenset[str], threads: Mapping[str, ThreadTraits]) -> Self:
        """`forms`: the platforms that show a form as a whole; `threads`: what threads are on each that has them."""
        store, answering, ids = app.store, app.answering, app.ids
        ask_form = AskForm(answering, ids, forms)
        hosts = EventHosts(answering, ids, ask_form, threads)
        recaps = Recaps(app.engine, answering, ask_form, hosts.press)
        submit = SubmitForm(store, ask_form, {**hosts.receivers, **recaps.receivers})
        weekly = WeeklyRoom(app.settings.suggest_weekday, app.settings.suggest_hour)
        return cls(
            start=Start(store, answering, ids),
            ask_form=ask_form,
            wizard=WizardSteps(store, answering, submit, CheckAnswer(app.clock)),
            preview=PreviewDigest(store, app.compose_digest, answering, ids),
            ask=Ask(store, app.find_answer, answering, ids),
            learn=Learn(app.lists),
            ideas=IdeasCommand(store, app.find_ideas, answering, ids),
            event=PressEvent(store, answering, SendCalendar(answering, ids), recaps.press),
            attend=Attend(app.clock, ids),
            unlink=UnlinkCommand(store, answering, ids),
            weekly=weekly,
            setup=Setup(answering, ids, weekly),
        )


def commands(app: Opened, parts: Parts) -> dict[str, Command]:
    """By the name that a person writes."""
    store, answering, ids, lists = app.store, app.answering, app.ids, app.lists
    return {
        "start": parts.start,
        "help": Help(store, answering),
        "cancel": CancelCommand(parts.wizard),
        "learn": parts.learn,
        "foryou": ForYou(lists),
        "save": SaveDiscussion(lists),
        "saved": Saved(lists),
        "ask": parts.ask,
        "path": PathCommand(store, app.find_path, answering, ids),
        "people": PeopleCommand(store, app.partners, answering, ids),
        "profile": ShowProfile(store, answering, ids),
        "calendar": CalendarCommand(store, answering, ids, app.settings.public_url),
        "link": LinkCommand(store, answering, ids, app.paths.read_secret()),
        "unlink": parts.unlink,
        "digest": DigestCommand(store, answering, ids, parts.preview),
        "room": RoomCommand(store, answering),
        "wanted": WantedCommand(store, answering),
        "rec": RecCommand(store, answering),
        "rate": RateCommand(store, app.find_course, app.rate, answering),
        "report": ReportCommand(store, app.report, answering),
        "personas": PersonasCommand(store, answering, app.kept_personas),
        "segments": SegmentsCommand(store, answering, ids),
        "newevent": NewEvent(store, answering, parts.ask_form),
        "events": EventsCommand(store, answering),
        "myevents": EventsCommand(store, answering, mine=True),
        "ideas": parts.ideas,
        "event": EventOrIdeas(EventCommand(store, answering, parts.event), parts.ideas),
        "checkin": CheckInCommand(store, answering),
        "suggest": SuggestCommand(store, answering, parts.weekly),
        "setup": SetupCommand(store, parts.setup),
    }


def presses(app: Opened, parts: Parts, look_again: Callable[[], None]) -> Presses:
    """By what a button says of itself."""
    store, answering, ids, lists = app.store, app.answering, app.ids, app.lists
    return Presses(
        item=PressItem(store, app.engine, answering, ids, parts.attend),
        lists=PressList(lists),
        why=PressWhy(store, answering),
        onboarding=PressOnboarding(store, answering, lists, OfferDigest(answering, ids)),
        profile=PressProfile(store, answering, parts.start, parts.unlink),
        digest=PressDigest(store, answering, parts.preview),
        channel=PressChannel(store, answering),
        answer=PressAnswer(store, answering),
        path=PressPath(store, app.find_path, answering, ids),
        proposal=PressProposal(store, app.clock, answering, ids, DecidePrerequisite()),
        person=PressPerson(store, app.partners, answering, ids),
        form=parts.wizard,
        event=PressCourses(store, app.engine, answering, parts.event),
        idea=PressIdea(store, answering, parts.ask_form),
        link=PressLink(store, answering, ids),
        setup=PressSetup(store, parts.setup, look_again),
    )
