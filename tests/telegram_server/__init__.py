"""A strict peer of the Bot API for tests: real HTTP on loopback, Telegram's own limits, errors and words.

`TelegramServer` runs it in a thread; `Person` is what a test does on the other side. Nothing here knows our program.
"""

from tests.telegram_server.model import Asked, Chat, Sent
from tests.telegram_server.people import Person
from tests.telegram_server.rates import Rates
from tests.telegram_server.running import TelegramServer

__all__ = ["Asked", "Chat", "Person", "Rates", "Sent", "TelegramServer"]
