"""What the application relies on from any store. Subclasses give `store`, a fixture: an empty store at the port."""

from __future__ import annotations

from tests.contracts.admission import AdmissionContract
from tests.contracts.store.behaviour import Behaviour
from tests.contracts.store.catalogue import Catalogue
from tests.contracts.store.flow import Flow
from tests.contracts.store.messages import Messages
from tests.contracts.store.people import People
from tests.contracts.store.rooms import Rooms
from tests.contracts.store.setting_up import SettingUp
from tests.contracts.store.transactions import Transactions


class StoreContract(Transactions, People, SettingUp, AdmissionContract, Rooms, Messages, Catalogue, Behaviour, Flow):
    """All of it."""
