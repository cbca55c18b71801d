"""Discord's numbers in one place. Knows limits and where they come from; does nothing.

Source: Discord's developer documentation (Message resource, Component reference, Application commands, Receiving and
responding to interactions, Rate limits).
"""

from __future__ import annotations

from typing import Final

PLATFORM: Final = "discord"

MAX_CONTENT: Final = 2_000
"""Characters of a plain message."""
MAX_DISPLAY: Final = 4_000
"""Characters of all text displays of one layout message together."""
MAX_COMPONENTS: Final = 40
"""Components of one layout message, nested ones counted."""
MAX_ROWS: Final = 5
"""Rows of buttons under a plain message; a layout has no limit but that of its components."""
MAX_ROW: Final = 5
MAX_LABEL: Final = 80
MAX_CUSTOM_ID: Final = 100
MAX_CHOICES: Final = 25
MAX_CHOICE: Final = 100
MAX_NONCE: Final = 25
MAX_FILES: Final = 10
"""Files of one message."""
MAX_FILE: Final = 10 * 1024 * 1024
"""Bytes of one file where nobody pays for more."""
MAX_ALT: Final = 1_024

FIRST_ANSWER: Final = 3.0
"""Seconds in which Discord wants to hear that an interaction arrived."""
STORE_PATIENCE: Final = 1.5
"""Seconds given to storing before the person is told that it arrived; the rest of `FIRST_ANSWER` is the network's."""
TOKEN_LIVES: Final = 14 * 60.0
"""Seconds that an interaction can be answered: 15 minutes, less what a send may take."""
LONGEST_WAIT: Final = 30.0
"""Seconds that the SDK itself may wait for a bucket; longer waits come back to our own outbox."""
