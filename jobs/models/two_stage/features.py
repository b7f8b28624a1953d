"""Features of candidates besides what sources say: one definition for training and for serving."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.storage import Arrays
from jobs.models.two_stage.habit_features import category_codes, category_columns, price_columns
from jobs.models.two_stage.item_features import item_columns
from jobs.models.two_stage.pair_features import due_columns, pair_columns
from jobs.models.two_stage.source_features import Columns
from jobs.models.two_stage.together import Together
from jobs.models.two_stage.union import Pairs
from jobs.models.two_stage.user_features import typical_gap_days, user_facts

_TOGETHER = "together_"
_ITEM = "item_"


@dataclass(frozen=True)
class Features:
    """What a past says of items; with a history it makes the rows that trees see.

    Attributes
    ----------
    item
        Name to shape (n_items,), float32.
    category
        Shape (n_items,): a number per category, -1 where there is none.
    together
        Which items are had on one day.
    gap_days
        Usual days between two days with a purchase, over all users.
    """

    item: Columns
    category: npt.NDArray[np.int64]
    together: Together
    gap_days: float

    @classmethod
    def fit(cls, past: Past) -> Self:
        """Learn what is known of items up to the end of a cut."""
        return cls(
            item=item_columns(past),
            category=category_codes(past.catalogue.category),
            together=Together.fit(past.history),
            gap_days=typical_gap_days(past.history),
        )

    def build(self, history: History, pairs: Pairs) -> Columns:
        """Features of candidates besides what sources say of them; one row per user and item.

        Parameters
        ----------
        history
            Of their users, up to the end of the same cut.
        pairs
            The candidates.

        Returns
        -------
        dict
            Name to shape (n_rows,), float32, always the same names in the same order.
        """
        user, item = pairs.user, pairs.item
        facts = user_facts(history, self.item["item_price"], self.gap_days)
        of_user = {name: values[user] for name, values in facts.columns.items()}
        own = pair_columns(history, pairs)
        due = due_columns(
            own,
            user_gap=facts.gap_days[user],
            user_since=of_user["user_since_days"],
            user_days=of_user["user_days"],
            item_gap=self.item["item_rebuy_gap_days"][item],
        )
        return {
            **{name: values[item] for name, values in self.item.items()},
            **of_user,
            **own,
            **due,
            **price_columns(self.item["item_price"][item], facts.log_price[user], of_user["user_price_spread"]),
            **category_columns(history, pairs, self.category),
            **self.together.columns(history, pairs),
        }

    def arrays(self) -> Arrays:
        """What `restored` takes; arrays over items, none over users."""
        together = {f"{_TOGETHER}{name}": values for name, values in self.together.arrays().items()}
        return {**self.item, **together, "category": self.category, "gap_days": np.array(self.gap_days)}

    @classmethod
    def restored(cls, arrays: Arrays) -> Self:
        """From what `arrays` gave."""
        together = {name: array for name, array in arrays.items() if name.startswith(_TOGETHER)}
        return cls(
            item={name: array for name, array in arrays.items() if name.startswith(_ITEM)},
            category=arrays["category"],
            together=Together.restored({name.removeprefix(_TOGETHER): array for name, array in together.items()}),
            gap_days=float(arrays["gap_days"]),
        )
