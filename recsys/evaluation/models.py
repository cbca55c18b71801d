"""The scorers that can be asked for by name. Knows their names and defaults; knows no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from recsys.evaluation.als import ImplicitFactors
from recsys.evaluation.blend import Blend
from recsys.evaluation.choice import SoftmaxChoice
from recsys.evaluation.cohort import Cohort
from recsys.evaluation.content import Content
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.factors import MeanFactors, SgdFactors
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.neighbours import ItemNeighbours, Popularity, RandomWalk, UserNeighbours
from recsys.evaluation.newcomers import Newcomer
from recsys.evaluation.newitems import NewItems
from recsys.evaluation.personas import Personas
from recsys.evaluation.product import Product
from recsys.evaluation.rules import Rules
from recsys.evaluation.scoring import Model
from recsys.fitting import FitParameters

MODELS: Final[Mapping[str, Model]] = MappingProxyType(
    {
        "popularity": Popularity(),
        "popularity-first": Popularity(firsts=True),
        "item-knn": ItemNeighbours(),
        "user-knn": UserNeighbours(),
        "rules": Rules(),
        "rp3beta": RandomWalk(),
        "ease": Ease(),
        "sequential": Sequential(),
        "linear": Product(FitParameters(examples=0)),
        "studyhall": Product(),
        "blend": Blend(),
        "content": Content(),
        "als": ImplicitFactors(),
        "mean-mf": MeanFactors(),
        "sgd-mf": SgdFactors(),
        "softmax": SoftmaxChoice(),
        "personas": Personas(),
        "popularity-cohort": Cohort(),
        "newcomer": Newcomer(),
        "new-items": NewItems(),
    }
)
DESCRIBED: Final = ("content", "new-items")
"""What needs texts or links of the items."""
USUAL: Final = ("popularity", "item-knn", "rp3beta", "ease", "sequential", "linear", "blend", "studyhall")
"""What is compared when nothing is asked for; with texts or links content too, and new-items where they are judged."""
BEGINNING: Final = ("popularity-first", "popularity-cohort", "newcomer")
"""What is compared besides where newcomers are judged."""


def chosen(
    names: Sequence[str], *, described: bool, newcomers: bool = False, new_items: bool = False
) -> dict[str, Model]:
    """Models by name, in the order asked for; `all`: every one the data allow. EvaluationError names a wrong one.

    described: there are texts or links of the items. newcomers, new_items: that is what is judged.
    """
    if not names:
        names = (*USUAL, *(DESCRIBED[: 1 + new_items] if described else ()), *(BEGINNING if newcomers else ()))
    elif "all" in names:
        names = (*names, *(name for name in MODELS if described or name not in DESCRIBED))
        names = [name for name in names if name != "all"]
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise EvaluationError(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}, and all")
    return {name: MODELS[name] for name in names}
