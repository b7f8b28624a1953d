"""Writes the benches' figures into docs/performance.md: `make bench-docs`. They are never written by hand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.core.config.load import project_folder
from tests.bench.parts import read_results

PAGE = project_folder() / "docs" / "performance.md"
ROOT = Path("build/bench")

Row = tuple[str, str, str, str]
"""Name of a figure, what it is, how it is written, and what is asked of it."""


@dataclass(frozen=True)
class Figures:
    """The table of one bench.

    Attributes
    ----------
    name
        Stands in the page's marks, between which the table is put.
    asked
        Heading of the last column.
    rows
        Those that were not measured are left out.
    """

    name: str
    asked: str
    rows: tuple[Row, ...]

    @property
    def file(self) -> str:
        """Name of the file of results, below the bench's root."""
        return f"{self.name}.json"

    @property
    def begin(self) -> str:
        return f"<!-- {self.name}: begin (make bench-docs) -->"

    @property
    def end(self) -> str:
        return f"<!-- {self.name}: end -->"


EVENTS = Figures("events", "at most", (
    ("seconds_20m", "a day of 20 million events, Parquet: ingest, clean, check, features", "{:.0f} s", "240 s"),
    ("peak_gib_20m", "largest memory of it", "{:.1f} GiB", "12 GiB"),
    ("fixed_seconds", "of which fixed: the same processes on a thousand events", "{:.0f} s", ""),
    ("duckdb_seconds_20m", "the same steps by hand in DuckDB", "{:.0f} s", ""),
    ("ratio_to_duckdb", "times DuckDB's time", "{:.1f}", "6"),
    ("jsonlines_seconds_20m", "the same day as JSON lines", "{:.0f} s", ""),
    ("seconds_per_million_5m", "a million more at 5 million, without the fixed cost", "{:.2f} s", ""),
    ("seconds_per_million_20m", "a million more at 20 million", "{:.2f} s", "1.2 times that at 5 million"),
    ("night_seconds_after_30_days", "a night after 30 days of history", "{:.0f} s", ""),
    ("night_seconds_after_365_days", "the same night after 365 days", "{:.0f} s", ""),
    ("night_365_over_30_days", "the one over the other", "{:.2f}", "1.25"),
    ("cluster_same_digests", "two workers of a cluster give the digests of local mode", "{}", "True"),
))  # fmt: skip

RECOMMENDER = Figures("recommender", "asked for", (
    ("online_retail.for_you.ndcg_at_10", "Online Retail, nDCG@10 of `for_you`", "{:.3f}", "at least .41"),
    ("online_retail.for_you.best_single.ndcg_at_10", "the best source alone", "{:.3f}", ""),
    ("online_retail.for_you.over_best_single_low", "the one over the other, lower bound", "{:.3f}", "above 1.03"),
    ("online_retail.discover.ndcg_at_10", "nDCG@10 of `discover`, items never had", "{:.3f}", "at least .162"),
    ("online_retail.discover.best_single.ndcg_at_10", "the best source alone", "{:.3f}", ""),
    ("online_retail.discover.over_best_single_low", "the one over the other, lower bound", "{:.3f}", "above 1.10"),
    ("sample.for_you.ndcg_over_oracle", "the sample, gain of `for_you` over an oracle's", "{:.3f}", "at least .8"),
    ("sample.source.popularity.ndcg_over_oracle", "popularity alone", "{:.3f}", "at most .5"),
    ("sample.source.taste.ndcg_over_oracle", "the best source, `taste`, alone", "{:.3f}", "at most .75"),
    ("sample.source.ease.ndcg_over_oracle", "the next one, EASE", "{:.3f}", ""),
    ("als_fit_seconds", "training ALS: 20,000 users, 5,000 items, 64 factors", "{:.1f} s", ""),
    ("implicit_fit_seconds", "implicit's own fit on the same matrix", "{:.1f} s", ""),
    ("als_fit_over_implicit", "the one over the other", "{:.2f}", "at most 1.1"),
    ("spark_als_seconds", "the same training by Spark's MLlib", "{:.0f} s", ""),
    ("spark_als_over_als", "over ours", "{:.0f}", "at least 8"),
    ("als_ndcg_at_10", "nDCG@10 of items that users had not, ours", "{:.3f}", ""),
    ("spark_als_ndcg_at_10", "the same with the factors of MLlib", "{:.3f}", "equal"),
    ("topk_users_per_second", "top 50 of 27,000 items with 128 factors, users a second", "{:,.0f}", ""),
    ("topk_implicit_users_per_second", "implicit's recommend", "{:,.0f}", ""),
    ("topk_throughput_over_implicit", "the one over the other", "{:.2f}", "at least 1.5"),
    ("topk_peak_gib", "largest memory, for 138,000 users", "{:.1f} GiB", "8 GB"),
    ("night_5000x4000_seconds", "train, judge, list: 5,000 users, 4,000 items", "{:.0f} s", "at most 90 s"),
))  # fmt: skip

SERVING = Figures("serving", "asked for", (
    ("publish_users", "users of a publish into an empty store", "{:,.0f}", ""),
    ("publish_sqlite_seconds", "publish into SQLite", "{:.1f} s", ""),
    ("publish_sqlite_over_feast", "`feast materialize`, over it", "{:.1f}", "at least 4"),
    ("publish_sqlite_over_feast_duckdb", "the same with the DuckDB offline store", "{:.1f}", "at least 2"),
    ("publish_redis_seconds", "publish into Redis", "{:.1f} s", ""),
    ("publish_redis_over_feast", "`feast materialize`, over it", "{:.1f}", "at least 8"),
    ("publish_redis_over_feast_duckdb", "the same with the DuckDB offline store", "{:.1f}", "at least 4"),
    ("publish_redis_spark_seconds_1", "publish into Redis by one worker of Spark", "{:.1f} s", ""),
    ("publish_redis_spark_growth", "two workers, times as fast as one", "{:.2f}", "above 1"),
    ("publish_peak_mib_50000", "largest memory of a publish of 50,000 users, SQLite", "{:.0f} MiB", ""),
    ("publish_peak_growth", "that of 200,000 users, over it", "{:.2f}", "flat"),
    ("read_p50_ms", "a user's list and predictions in process, SQLite, median", "{:.2f} ms", ""),
    ("read_p50_over_feast", "over the Feast SDK's median", "{:.2f}", "at most 1"),
    ("read_p99_over_feast", "the same of the 99th percentile", "{:.2f}", "at most 1"),
    ("redis_read_p50_over_feast", "Redis, the median", "{:.2f}", "at most 1"),
    ("redis_read_p99_over_feast", "Redis, the 99th percentile", "{:.2f}", "at most 1"),
    ("http_rps", "HTTP, requests a second of 32 connections", "{:,.0f}", "at least 2,000"),
    ("http_p99_ms", "99th percentile at that load", "{:.1f} ms", "under 40 ms"),
    ("http_p99_ms_at_200", "99th percentile at 200 a second", "{:.1f} ms", "under 5 ms"),
    ("http_rps_over_feast_serve", "requests a second, over `feast serve`", "{:.1f}", "at least 3"),
))  # fmt: skip

PREDICTIONS = Figures("predictions", "asked for", (
    ("online_retail.churn_all.auc", "Online Retail, AUC of churn, who ever bought", "{:.3f}", "at least .755"),
    ("online_retail.bgnbd_all.auc", "BG/NBD", "{:.3f}", ""),
    ("online_retail.silence_all.auc", "days since the last purchase", "{:.3f}", ""),
    ("online_retail.churn_all.ece", "expected calibration error as served", "{:.3f}", "at most .07"),
    ("online_retail.churn_all.ece_after_intercept_shift_diagnostic", "the same with the intercept moved to the base "
     "rate of the test window: a diagnostic", "{:.3f}", "at most .03"),
    ("online_retail.churn_active.auc", "AUC, who bought in the last 90 days", "{:.3f}", "at least .775"),
    ("online_retail.bgnbd_active.auc", "BG/NBD", "{:.3f}", ""),
    ("online_retail.silence_active.auc", "days since the last purchase", "{:.3f}", ""),
    ("online_retail.churn_active.ece", "expected calibration error as served", "{:.4f}", "at most .05"),
    ("online_retail.churn_active.ece_after_intercept_shift_diagnostic", "with the intercept moved: a diagnostic",
     "{:.3f}", "at most .03"),
    ("online_retail.churn_all.mean_predicted", "churn expected, who ever bought", "{:.3f}", ""),
    ("online_retail.churn_all.mean_observed", "churn observed", "{:.3f}", ""),
    ("online_retail.choice.whole_window.mean.all.auc", "AUC at four earlier cuts, the order learned from the window "
     "itself: who ever bought", "{:.3f}", ""),
    ("online_retail.choice.shorter_window.mean.all.auc", "the order learned from two months", "{:.3f}", ""),
    ("online_retail.choice.whole_window.mean.active.auc", "the window itself: who bought in 90 days", "{:.3f}", ""),
    ("online_retail.choice.shorter_window.mean.active.auc", "two months", "{:.3f}", ""),
    ("online_retail.value.gini_over_baseline", "Gini of value, over that of the last 90 days", "{:.3f}",
     "at least 1.05"),
    ("online_retail.value.coverage", "users in their interval", "{:.3f}", ".77 to .83"),
    ("online_retail.conversion.gain_low", "log-loss of conversion under the base rate's, lower bound", "{:.4f}",
     "above 0"),
    ("online_retail.return_30d.gain_low", "the same of a return in 30 days", "{:.4f}", "above 0"),
    ("sample.churn.skill_over_oracle", "the sample, AUC of churn less a half, over an oracle's", "{:.3f}",
     "at least .8"),
    ("sample.churn.ece", "expected calibration error", "{:.3f}", "at most .03"),
    ("sample.send_time.recovered", "users whose planted hour is found, of those with 30 hours with a visit", "{:.3f}",
     "at least .8"),
    ("sample.segments.adjusted_rand", "planted groups, adjusted Rand index", "{:.3f}", "at least .6"),
    ("speed.seconds", "training, judging and scoring 100,000 users", "{:.0f} s", "at most 300 s"),
    ("speed.peak_gb", "largest memory", "{:.1f} GB", "8 GB"),
))  # fmt: skip

NIGHT = Figures("night", "asked for", (
    ("night_1m_users", "users of the largest night who have had an event", "{:,.0f}", ""),
    ("night_1m_events", "events of its ten days", "{:,.0f}", ""),
    ("night_1m_minutes", "the whole night", "{:.0f} min", "at most 60 min"),
    ("night_1m_peak_gib", "its largest memory", "{:.1f} GiB", "20 GB, which are 18.6 GiB"),
    ("night_100k_seconds", "a night of 100 thousand users", "{:,.0f} s", ""),
    ("night_100k_peak_gib", "its largest memory", "{:.1f} GiB", ""),
    ("night_10k_seconds", "a night of 10 thousand users", "{:,.0f} s", ""),
    ("night_10k_peak_gib", "its largest memory", "{:.1f} GiB", ""),
    ("night_100k_stock_over_ours", "stock parts over ours, for the same outputs of 100 thousand users", "{:.1f}",
     "at least 4"),
    ("night_100k_stock_seconds", "the stock parts", "{:,.0f} s", ""),
    ("night_100k_ours_seconds", "ours for these outputs", "{:,.0f} s", ""),
    ("night_100k_workers_1_seconds", "what workers share of that night, on one", "{:,.0f} s", ""),
    ("night_100k_workers_2_seconds", "on two", "{:,.0f} s", ""),
    ("night_100k_workers_4_seconds", "on four, who share two cores", "{:,.0f} s", ""),
))  # fmt: skip

BENCHES = (EVENTS, RECOMMENDER, SERVING, PREDICTIONS, NIGHT)


def write_docs(figures: Figures, results: Mapping[str, Any]) -> None:
    """Put the table between the page's two marks; what was not measured this time stays as the page has it.

    Raises
    ------
    ValueError
        If the page has no such marks.
    """
    _put_between(figures.begin, figures.end, lambda before: _table(figures, results, _measured(figures, before)))


def write_night(results: Mapping[str, Any]) -> None:
    """Put stages of nights, their workers and what larger apps need between their marks, and draw the picture."""
    from tests.bench import night_needs_page, night_page

    for name, lines in (
        ("night stages", night_page.stages_section(results)),
        ("night workers", night_page.workers_section(results)),
        ("night needs", night_needs_page.needs_section(results)),
    ):
        begin, end = f"<!-- {name}: begin (make bench-docs) -->", f"<!-- {name}: end -->"
        text = "\n".join([begin, *lines, end])
        _put_between(begin, end, lambda _, text=text: text)
    night_page.draw(results)


def _put_between(begin: str, end: str, made: Callable[[str], str]) -> None:
    page = PAGE.read_text()
    found = re.search(f"{re.escape(begin)}.*{re.escape(end)}", page, flags=re.DOTALL)
    if not found:
        raise ValueError(f"{PAGE} has no marks {begin!r} and {end!r}; put them where the table belongs")
    PAGE.write_text(page[: found.start()] + made(found.group()) + page[found.end() :])


def _table(figures: Figures, results: Mapping[str, Any], before: Mapping[str, str]) -> str:
    lines = [f"| what | measured | {figures.asked} |", "| --- | ---: | ---: |"]
    for key, what, form, limit in figures.rows:
        told = form.format(results[key]) if key in results else before.get(key)
        lines += [f"| {what} | {told} | {limit} |"] if told is not None else []
    machine = f"On {results['machine_cores']} cores ({results['machine']}, {results['system']})."
    return "\n".join([figures.begin, *lines, "", machine, figures.end])


def _measured(figures: Figures, table: str) -> dict[str, str]:
    """Figures that a table of the page has, by their names; rows are in order, for what they say may stand twice."""
    page = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    rows, found = page[2:], {}
    for key, what, _, limit in figures.rows:
        if rows and [rows[0][0], rows[0][-1]] == [what, limit]:
            found[key] = rows.pop(0)[1]
    return found


def main() -> None:
    """Write the tables of all benches that have been run."""
    for figures in BENCHES:
        file = ROOT / figures.file
        if file.is_file():
            results = read_results(file)
            write_docs(figures, results)
            if figures is NIGHT:
                write_night(results)


if __name__ == "__main__":
    main()
