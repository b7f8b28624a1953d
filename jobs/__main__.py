"""The command line: ``nightjar <stage or command> --app APP --date YYYY-MM-DD``.

Only what is asked for is imported, so that `--help` and an unchanged stage answer at once.
"""

import argparse
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from jobs.commands.registry import COMMANDS, Command
from jobs.core.errors import NightjarError, StorageError, UsageError
from jobs.core.home import keep_private
from jobs.core.logs import keep_fields, log_context, set_up_logging, used_format

EPILOG = """examples:
  nightjar sample                                          write the sample app's log
  nightjar backfill --app sample --from 2025-01-01 --to 2025-02-28
  nightjar clean_events --app sample --date 2025-03-01     one stage of one night
  nightjar digest --app sample --date 2025-03-01           what the night made, as hashes
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (see jobs/core/errors.py)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    set_up_logging()
    args = _parsed(arguments)
    if args is None:
        return 0 if not arguments else 2
    keep_private()
    # Native thread pools and Spark's tasks would otherwise fight for the same cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if argv is None:
        keep_fields(**_fields(args))
    with log_context(**_fields(args)):
        return _run(args)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace | None:
    """What was asked for; help was printed where that is no command."""
    name = next((argument for argument in arguments if not argument.startswith("-")), None)
    command = COMMANDS.get(name) if name else None
    with log_context(**_fields(argparse.Namespace(command=name if command else None))):
        parser = _parser(command)
        args = parser.parse_args(arguments)
    if command is None:
        parser.print_help()
        return None
    return args


class _Parser(argparse.ArgumentParser):
    """Tells in the log what is wrong with a command line, where machines read that."""

    def error(self, message: str) -> NoReturn:
        if used_format() != "json":
            super().error(message)
        logging.getLogger("nightjar").error("%s: %s; see %s --help", self.prog, message, self.prog)
        self.exit(UsageError.exit_code)


def _run(args: argparse.Namespace) -> int:
    """Run it; what goes wrong is logged, so that neither a message nor a traceback shows a secret."""
    log = logging.getLogger("nightjar")
    try:
        return int(args.run(args))
    except NightjarError as error:
        log.error("%s", error)
        return error.exit_code
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            log.exception("%s crashed: %s", args.command, error)
            return NightjarError.exit_code
        log.error("%s; free some room and run the same command again", error)
        return StorageError.exit_code
    except Exception as error:
        log.exception("%s crashed: %s", args.command, error)
        return NightjarError.exit_code
    except KeyboardInterrupt:
        return 130


def _fields(args: argparse.Namespace) -> dict[str, str | int]:
    """What every line says: the command, its app and date, and which try of Airflow's this is.

    The date of a range is its last one, as it is of the stages that build it.
    """
    dates = [getattr(args, name, None) for name in ("date", "last", "first")]
    run_date = next((date for date in dates if date), None)
    told = {"app": getattr(args, "app", None), "run_date": run_date, "stage": args.command}
    attempt = int(os.environ.get("AIRFLOW_CTX_TRY_NUMBER") or 1)
    return {**{name: str(value) for name, value in told.items() if value}, "attempt": attempt}


def _parser(chosen: Command | None) -> argparse.ArgumentParser:
    parser = _Parser(prog="nightjar", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands and stages")
    for name, command in sorted(COMMANDS.items()):
        module = importlib.import_module(command.module) if command is chosen else None
        _add_command(commands, name, command, module)
    return parser


def _add_command(
    commands: "argparse._SubParsersAction[_Parser]",
    name: str,
    command: Command,
    module: ModuleType | None,
) -> None:
    sub = commands.add_parser(
        name,
        help=command.help,
        description=command.help,
        epilog=getattr(module, "EXAMPLES", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if module is not None:
        sub.set_defaults(run=module.run, command=name)
        module.add_arguments(sub)


if __name__ == "__main__":
    sys.exit(main())
