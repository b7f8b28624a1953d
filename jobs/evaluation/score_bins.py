"""Whether a higher score means a better chance: candidates in bins of equal size, by their score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

N_BINS = 20


@dataclass(frozen=True)
class ScoreBins:
    """One entry per bin, lowest scores first.

    Attributes
    ----------
    score
        Mean score.
    share
        Share of the candidates that were wanted.
    low, high
        Wilson's 95 % interval of the share (Wilson, 1927).
    count
        Candidates.
    """

    score: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]

    @property
    def inversions(self) -> int:
        """Bins that were wanted less often than one of lower scores, beyond chance: their intervals do not meet."""
        return int((self.high[1:] < np.maximum.accumulate(self.low)[:-1]).sum())


def compute_score_bins(
    scores: npt.NDArray[np.floating], wanted: npt.NDArray[np.bool_], n_bins: int = N_BINS
) -> ScoreBins:
    """Put candidates into bins.

    Parameters
    ----------
    scores
        Shape (n,), finite.
    wanted
        Shape (n,), bool.
    n_bins
        At most; equal scores are always in one bin, so there may be fewer.
    """
    if not len(scores):
        nothing = np.empty(0)
        return ScoreBins(nothing, nothing, nothing, nothing, np.empty(0, np.int64))
    order = np.argsort(scores, kind="stable")
    ordered, hits = np.asarray(scores, np.float64)[order], wanted[order].astype(np.float64)
    edges = ordered[np.arange(n_bins) * len(ordered) // n_bins]
    starts = np.unique(np.searchsorted(ordered, edges))
    count = np.diff(np.append(starts, len(ordered)))
    share = np.add.reduceat(hits, starts) / count
    low, high = _wilson(share, count)
    return ScoreBins(np.add.reduceat(ordered, starts) / count, share, low, high, count)


def _wilson(
    share: npt.NDArray[np.float64], count: npt.NDArray[np.int64], z: float = 1.96
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    middle = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return np.maximum((middle - spread) / scale, 0), (middle + spread) / scale
