"""A generation that was published, taken from the lake once more: for `nightjar rollback` and `resume`."""

from datetime import date

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.online import Generation
from jobs.adapters.online.publishing import Offer
from jobs.core.config.model import Settings
from jobs.core.errors import UsageError
from jobs.core.night import Night
from jobs.core.output_schemas import PUBLISHED
from jobs.features.online import ONLINE_VIEWS
from jobs.stages.withdrawal import leaving_by_now, mark_of, newest_status


def named_generation(lake: Lake, settings: Settings, name: str) -> Offer:
    """The generation of that name.

    Raises
    ------
    UsageError
        If the name is none, or the lake does not hold that generation: never made, replaced by a replay, or vacuumed.
    """
    offer = night_generation(lake, settings, _date_of(name, lake))
    if offer.generation.name != name:
        raise UsageError(f"the lake holds {offer.generation.name} of that date, and no longer {name}; {_known(lake)}")
    return offer


def newest_generation(lake: Lake, settings: Settings, until: date) -> Offer:
    """That of the newest date, at the latest `until`, whose night was checked and offered.

    Raises
    ------
    UsageError
        If there is none.
    """
    dates = [day for day in lake.run_dates(PUBLISHED.name) if day <= until]
    if not dates:
        raise UsageError(f"no night up to {until} was published; {_known(lake)}")
    return night_generation(lake, settings, dates[-1])


def night_generation(lake: Lake, settings: Settings, day: date) -> Offer:
    """The generation of the views as the lake has them for a date, less who and what left by now."""
    manifests = {name: _manifest(lake, name, day) for name in ONLINE_VIEWS}
    digests = {name: manifest.digest for name, manifest in manifests.items()}
    night = Night(settings, day, day)
    mark = mark_of(lake, settings, newest_status(lake, night))
    files = {name: lake.paths(manifest) for name, manifest in manifests.items()}
    return Offer(Generation.of_night(night, digests, mark), files, lambda: leaving_by_now(lake, night))


def _date_of(name: str, lake: Lake) -> date:
    try:
        day = date.fromisoformat(name[:10])
    except ValueError:
        raise UsageError(f"{name!r} is no generation, which begins with its date; {_known(lake)}") from None
    if day not in lake.run_dates(PUBLISHED.name):
        raise UsageError(f"no generation of {day} is in the lake; {_known(lake)}")
    return day


def _manifest(lake: Lake, name: str, day: date) -> Manifest:
    return lake.require(name, day, "publish")


def _known(lake: Lake) -> str:
    dates = lake.run_dates(PUBLISHED.name)[-7:]
    return f"dates with one: {', '.join(map(str, dates)) or 'none'} (`nightjar show` names what a night published)"
