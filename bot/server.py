"""The running program: web community, inbox, delivery, ticker and watchdog in one event loop. Decides nothing."""

from __future__ import annotations

import asyncio
import hmac
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any, Final, Protocol

from adapters import pacing
from adapters.delivery import Delivery
from adapters.discord.adapter import DiscordAdapter, DiscordOptions
from adapters.pacing import Pacing
from adapters.telegram.client import Access
from adapters.telegram.running import Hook, Telegram
from adapters.telegram.webhook import Webhook
from adapters.web.adapter import WebMessenger
from adapters.web.app import create_app, serve
from adapters.web.inbound import parse as parse_web
from adapters.web.live import Hub
from adapters.web.site import WebPorts
from bot.app import Application
from bot.dispatch import ALIASES
from bot.errors import BotError, ConfigError, StoreUnavailable
from bot.ports import Messenger, Parse, Threading
from bot.upkeep import Upkeep
from scheduler.ticker import Ticker
from scheduler.watchdog import Watchdog, Watched

log = logging.getLogger(__name__)

UPKEEP_EVERY: Final = 30.0
MOMENTS_EVERY: Final = 1.0
"""Seconds between looks for what is due for an event; what is armed for now is looked at at once."""
RETRAIN_LOOK: Final = 300.0
UPKEEP_PATIENCE: Final = 3600.0
"""Seconds that a training may take before it is reported as stuck."""
QUALITY_EVERY: Final = 15.0
"""Seconds after which a new rating counts at the latest."""
PERSONAS_EVERY: Final = 5.0
"""Seconds between looks whether a moderator asked for the groups of members."""
ROOMS_EVERY: Final = 30.0
"""Seconds between looks for rooms that were switched on; switching one on also wakes the work at once."""
DELIVERY_LATE: Final = 15.0
SWITCH: Final = 0.001
"""Seconds for which a working thread keeps the interpreter while others want it: the event loop, for which people and
platforms wait, gets its turn five times sooner than by default."""
PLATFORM_LATE: Final = 120.0
"""Seconds without a connection before a platform is reported: those that it needs to come back by itself, twice."""


class Platform(Protocol):
    """A platform beside the web community, with a connection of its own. `run` ends when it is cancelled, and raises
    ConfigError where only the operator can help; `age` is seconds since the connection was last known to be there."""

    @property
    def platform(self) -> str: ...
    @property
    def messenger(self) -> Messenger: ...
    @property
    def parse(self) -> Parse: ...
    async def run(self) -> None: ...
    def age(self) -> float: ...
    def look_again(self) -> None:
        """Ask the platform anew how we are set up. From any thread, at once."""
        ...


class Server:
    """The running program: the web community, the inbox, delivery, the ticker and its watchdog."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._hub = Hub(time.monotonic)
        self._watchdog: Watchdog | None = None
        self._refused: dict[str, str] = {}
        """Platforms that will have us no more until the operator acts, and what there is to do."""
        store = app.store
        web = WebMessenger(store, app.community.id, app.clock, self._hub)
        self._platforms = platforms(app)
        self._messengers: dict[str, Messenger] = {
            web.platform: web,
            **{one.platform: one.messenger for one in self._platforms},
        }
        limits = {web.platform: pacing.WEB, "telegram": pacing.TELEGRAM, "discord": pacing.DISCORD}
        self._delivery = Delivery(
            store,
            self._messengers,
            Pacing(limits, time.monotonic),
            app.clock,
            app.visible,
            monotonic=time.monotonic,
            rng=Random(),
            hold=app.hold,
            ended=app.ended,
        )
        parsers: dict[str, Parse] = {web.platform: parse_web, **{one.platform: one.parse for one in self._platforms}}
        forms = frozenset(name for name, messenger in self._messengers.items() if messenger.forms)
        threads = {name: one.threads for name, one in self._messengers.items() if isinstance(one, Threading)}
        fast = [one for one in self._platforms if isinstance(one, Telegram)]
        dispatcher = replace(
            app.dispatcher(parsers, self._delivery.wake, forms=forms, look_again=self._look_again, threads=threads),
            rushed=lambda: any(one.rushed() for one in fast),
            hurried=lambda: {one.platform: one.hurried() for one in fast},
        )
        for one in self._platforms:
            if isinstance(one, Telegram):
                one.knows({*dispatcher.commands, *ALIASES})
        self._ticker = Ticker(app.letters(), monotonic=time.monotonic)
        upkeep = Upkeep(app)
        planner = upkeep.planner()
        self._ticker.every(UPKEEP_EVERY, "upkeep", lambda: planner.tick().more, patience=UPKEEP_PATIENCE)
        self._ticker.every(RETRAIN_LOOK, "retrain", upkeep.retrain_when_due, patience=UPKEEP_PATIENCE)
        # In a rush a little is handled for each batch that was taken in, which wakes this again.
        self._ticker.every(1.0, "inbox", lambda: dispatcher.drain() > 0 and not dispatcher.rushed())
        self._ticker.every(MOMENTS_EVERY, "moments", app.moments(threads).tick)
        self._ticker.every(app.settings.embed_every, "embed", upkeep.embed)
        self._ticker.every(ROOMS_EVERY, "rooms", self._take_in, patience=UPKEEP_PATIENCE)
        self._ticker.every(QUALITY_EVERY, "quality", self._judge, patience=UPKEEP_PATIENCE)
        self._ticker.every(PERSONAS_EVERY, "personas", self._group, patience=UPKEEP_PATIENCE)
        store.on_commit(self._woken)

    def _look_again(self) -> None:
        for one in self._platforms:
            one.look_again()

    def _woken(self, topics: frozenset[str]) -> None:
        if "homes" in topics:
            self._look_again()
        for topic, name in (("inbox", "inbox"), ("items", "embed"), ("rooms", "rooms"), ("moments", "moments")):
            if topic in topics:
                self._ticker.wake(name)
        if "outbox" in topics:
            self._delivery.wake()

    def _take_in(self) -> bool:
        return self._app.take_in_rooms(self._app.community.id) > 0

    def _judge(self) -> bool:
        self._app.refresh_quality(self._app.community.id)
        return False

    def _group(self) -> bool:
        self._app.kept_personas.work(self._app.community, self._app.clock.now())
        return False

    def health(self) -> Mapping[str, Any]:
        """For /healthz: never green while a part is dead."""
        if self._watchdog is None:
            return {"ok": False, "note": "starting"}
        parts = self._watchdog.health()
        return {"ok": self._watchdog.green(), "parts": {name: part.ok for name, part in parts.items()}}

    async def run(self, *, ready: Callable[[str, int], None] | None = None) -> None:
        """Until SIGINT or SIGTERM."""
        sys.setswitchinterval(SWITCH)
        app, settings = self._app, self._app.settings
        token = settings.access_token
        if token is None and (settings.allowed_hosts or settings.public_url):
            raise ConfigError(
                "Others can reach this community (allowed_hosts or public_url is set): set STUDYHALL_ACCESS_TOKEN too."
            )
        web = create_app(
            WebPorts(
                app.store,
                app.community.id,
                app.clock,
                app.ids,
                self._hub,
                app.paths.read_secret(),
                time.monotonic,
                self.health,
                access_token=token.get_secret_value() if token else None,
                public_url=settings.public_url,
                hosts=frozenset(settings.allowed_hosts),
            )
        )
        for one in self._platforms:
            if isinstance(one, Telegram) and one.hook is not None:
                web.add_middleware(Webhook, path=one.hook.path, secret=one.hook.secret, take=one.take)
        Upkeep(app).ensure_schedules()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        self._ticker.start()
        parts = [*self._ticker.watched(), Watched("delivery", self._delivery.age, DELIVERY_LATE)]
        parts += [
            Watched(one.platform, one.age, PLATFORM_LATE, problem=partial(self._problem, one.platform))
            for one in self._platforms
        ]
        self._watchdog = Watchdog(parts, monotonic=time.monotonic)
        tasks = [
            asyncio.create_task(self._delivery.run(), name="delivery"),
            asyncio.create_task(self._watchdog.run(), name="watchdog"),
            asyncio.create_task(serve(web, settings.host, settings.port, on_ready=ready), name="web"),
            *(asyncio.create_task(one.run(), name=one.platform) for one in self._platforms),
        ]
        stopping = asyncio.create_task(stop.wait())
        try:
            await self._while_all_go(tasks, stopping)
        finally:
            stopping.cancel()
            self._delivery.stop()
            app.stopping.set()
            await self._ticker.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(tasks[0]), 5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(StoreUnavailable, OSError):
                await asyncio.to_thread(app.engine.save)

    def _problem(self, platform: str) -> str:
        return self._refused.get(platform, "")

    async def _while_all_go(self, tasks: Iterable[asyncio.Task[None]], stopping: asyncio.Task[Any]) -> None:
        """Until `stopping` is done. A part that ends before ends the program with its error. But a platform that
        refuses us is no reason to leave the others while there are any: it is reported, and /healthz is not green."""
        going = set(tasks)
        while not stopping.done():
            done, _ = await asyncio.wait({*going, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                going.discard(task)
                refusal = _refusal(task)
                others = {one.platform for one in self._platforms} & {one.get_name() for one in going}
                if refusal is None:
                    task.result()
                    raise BotError(f"{task.get_name()} ended by itself")
                if not others:
                    raise refusal
                self._refused[task.get_name()] = str(refusal)
                log.error("%s The rest goes on; start again when it is mended.", refusal)


def _refusal(task: asyncio.Task[None]) -> ConfigError | None:
    """What only the operator can mend, if that and nothing else ended the part."""
    error = None if task.cancelled() else task.exception()
    if isinstance(error, ExceptionGroup):
        _, rest = error.split(ConfigError)
        while rest is None and isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
    return error if isinstance(error, ConfigError) else None


def platforms(app: Application) -> tuple[Platform, ...]:
    """Those that there is a token for."""
    settings = app.settings
    found: list[Platform] = []
    if settings.telegram_token is not None:
        token = settings.telegram_token.get_secret_value()
        found.append(
            Telegram(
                Access(token, settings.telegram_base_url, settings.telegram_file_url),
                app.store,
                app.community.id,
                app.clock,
                monotonic=time.monotonic,
                open_chats=settings.telegram_open_chats,
                public_url=settings.public_url,
                hook=_hook(app),
                look=app.look_up,
            )
        )
    if settings.discord_token is not None:
        options = DiscordOptions(
            settings.discord_token.get_secret_value(),
            settings.home / "discord-commands",
            server=settings.discord_server,
            intents=frozenset(settings.discord_intents),
            layouts=settings.discord_layouts,
            sharded=settings.discord_sharded,
            language=app.community.language,
            rest_url=settings.discord_rest_url,
            gateway_url=settings.discord_gateway_url,
        )
        found.append(DiscordAdapter(app.store, app.community.id, app.clock, options, monotonic=time.monotonic))
    return tuple(found)


def _hook(app: Application) -> Hook | None:
    """Its secret is made of our own, so that it is nobody's to set or to lose."""
    settings = app.settings
    if settings.telegram_mode == "polling":
        return None
    if not settings.public_url:
        raise ConfigError("Telegram can bring updates only to an address: set STUDYHALL_PUBLIC_URL, or poll.")
    secret = hmac.new(app.paths.read_secret(), b"telegram webhook", "sha256").hexdigest()
    return Hook(f"{settings.public_url.rstrip('/')}/telegram", secret)
