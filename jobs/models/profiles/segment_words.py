"""What sets a group apart, in words that a product manager reads."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Of each habit: what is said of a group below and above the mean of all users.
WORDS: dict[str, tuple[str, str]] = {
    "often": ("comes seldom", "comes often"),
    "much": ("looks at little in a visit", "looks through much in a visit"),
    "opens": ("opens few of the things shown", "opens many of the things shown"),
    "carts": ("seldom puts things into the cart", "puts many things into the cart"),
    "pays": ("leaves carts unpaid", "pays for most carts"),
    "again": ("buys new things", "buys the same things again"),
    "dearer": ("buys the cheaper of what it likes", "buys the dearer of what it likes"),
}

LIKES = "likes "
LEAST_TELLING = 0.35
"""Deviations between users from which on a difference is told; less is hardly seen in single users."""

MOST_TRAITS = 4
MOST_LIKED = 2


def name_traits(names: tuple[str, ...], centre: Floats, hour: int | None) -> list[str]:
    """Traits of one group, most telling first.

    Parameters
    ----------
    names
        Of the habits; those of categories begin with `likes `.
    centre
        Shape (h,): mean of each, in deviations from that of all users.
    hour
        Hour of the day about which most visits of the group lie; None where it is not known.
    """
    order = [int(place) for place in np.lexsort((np.arange(len(centre)), -np.abs(centre)))]
    telling = [place for place in order if abs(centre[place]) >= LEAST_TELLING]
    traits = [trait for place in telling if (trait := _of_habit(names[place], centre[place], hour))]
    liked = [names[place].removeprefix(LIKES) for place in telling if names[place].startswith(LIKES)]
    liked = [name for name in liked if centre[names.index(LIKES + name)] > 0][:MOST_LIKED]
    said = [
        *traits[: MOST_TRAITS - 1],
        *([f"likes {' and '.join(liked)}"] if liked else traits[MOST_TRAITS - 1 :][:1]),
    ]
    return said or ["like everybody"]


def _of_habit(name: str, value: float, hour: int | None) -> str:
    if name == "hour" and hour is not None:
        return f"comes around {hour:02d}:00"
    return WORDS[name][int(value > 0)] if name in WORDS else ""
