"""What a person sees on a terminal while a stage works; nothing where there is none."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Show a spinner with the seconds so far on a terminal's standard error."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(label, total=None)
        yield
