"""A training in a process of its own, to be killed: the folder of a home, then nothing but work."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.surroundings import SystemClock
from bot.usecases.training import Train
from recsys.versions import Versions
from storage import open_store


def main() -> None:
    home = Path(sys.argv[1])
    store = open_store(f"sqlite:///{home / 'studyhall.db'}")
    with store.read() as uow:
        (community,) = uow.communities.all()
    train = Train(store, SystemClock(), Versions(home / "models"), lambda _: None, lambda _: True)
    train(community, force=True)
    store.close()


if __name__ == "__main__":
    main()
