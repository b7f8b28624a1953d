"""Feast's registry of an app: `feast apply`, run when the definitions are others than those applied last."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jobs.adapters.lake.files import write_atomic
from jobs.adapters.online.environment import feast_environment, registry_file, repo_folder
from jobs.adapters.online.publishing import publish_lock
from jobs.adapters.online.registry_database import has_project
from jobs.core.config.model import Settings
from jobs.core.errors import OnlineStoreError
from jobs.core.fingerprint import hash_of
from jobs.core.home import Home
from jobs.features.online import ONLINE_VIEWS, online_columns


def apply_registry(settings: Settings, home: Home) -> bool:
    """Bring the registry up to date with the feature repo.

    Returns
    -------
    bool
        Whether something was applied; False where the same definitions had been.

    Raises
    ------
    OnlineStoreError
        If Feast refuses the definitions; the registry stays as it was.
    """
    with publish_lock(home):
        if is_applied(settings, home):
            return False
        _apply(settings, home)
        write_atomic(_applied_file(home), definitions_hash(settings, home))
        return True


def is_applied(settings: Settings, home: Home) -> bool:
    """Whether the registry holds the definitions as they are now; light, without Feast."""
    if not _applied_file(home).is_file():
        return False
    if not has_registry(settings, home):
        return False
    return _applied_file(home).read_text(encoding="utf-8") == definitions_hash(settings, home)


def has_registry(settings: Settings, home: Home) -> bool:
    """Whether there is a registry of the app, of whatever definitions; light, without Feast."""
    address = settings.online.registry
    return has_project(address, settings.app) if address else registry_file(home).is_file()


def definitions_hash(settings: Settings, home: Home) -> str:
    """Hash of the specs, the repo's files and the environment they are read with."""
    specs = [repr((view, online_columns(view))) for view in ONLINE_VIEWS.values()]
    files = sorted([*repo_folder().glob("*.py"), *repo_folder().glob("*.yaml")])
    sources = {file.name: file.read_text(encoding="utf-8") for file in files}
    return hash_of([specs, sources, feast_environment(settings, home)])


def _apply(settings: Settings, home: Home) -> None:
    """Run `feast apply`; where the registry is a file, on a copy that is put in place whole.

    A process of its own, as by hand: Feast changes the folder, imports the repo's files under their
    bare names, and would register them twice in a process that knows them by others. In a database one
    that was killed leaves some definitions, and none of them counts as applied: the next one writes all again.
    """
    if settings.online.registry:
        _run_feast(["apply", "--skip-source-validation"], feast_environment(settings, home))
        return
    target = registry_file(home)
    copy = target.with_name("registry.next.db")
    copy.unlink(missing_ok=True)
    if target.is_file():
        # Not copy2: a sweep would take a copy with the old time for what a killed process left.
        shutil.copyfile(target, copy)
    environment = {**feast_environment(settings, home), "NIGHTJAR_FEAST_REGISTRY": str(copy)}
    _run_feast(["apply", "--skip-source-validation"], environment)
    copy.replace(target)


def _run_feast(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "feast.cli.cli", *arguments],
        cwd=repo_folder(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        app = environment["NIGHTJAR_FEAST_PROJECT"]
        raise OnlineStoreError(
            f"`feast {' '.join(arguments)}` in {repo_folder()} ended with {done.returncode}: "
            f"{' '.join(last)}; "
            f'run it there by hand after eval "$(nightjar env --app {app})" to see all of it'
        )


def _applied_file(home: Home) -> Path:
    return home.online / "registry.applied"
