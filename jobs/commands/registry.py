"""Every command of the command line: the stages by the catalog, the others one line each."""

from dataclasses import dataclass

from jobs.stages.catalog import STAGES


@dataclass(frozen=True)
class Command:
    """A command: its help in one line, and the module with `add_arguments` and `run`."""

    help: str
    module: str


COMMANDS: dict[str, Command] = {
    "accept": Command("Release a night that a critical check stopped.", "jobs.commands.accept"),
    "backfill": Command("Build the past of an app in one go.", "jobs.commands.backfill"),
    "digest": Command("Print a hash of every table of a night and of what is online.", "jobs.commands.digest"),
    "doctor": Command("Say what is wrong with this installation, and what to do.", "jobs.commands.doctor"),
    "env": Command("Print the environment for feast, mlflow and airflow by hand.", "jobs.commands.env"),
    "evaluate": Command("Judge every source and the ranker at a cut of the past.", "jobs.commands.evaluate"),
    "explain-row": Command("Say where one raw row ended, and why.", "jobs.commands.explain_row"),
    "expire": Command("Remove what has expired from the online store.", "jobs.commands.expire"),
    "init": Command("Write an app's file from a sample of its log or a template.", "jobs.commands.init"),
    "prepare": Command("Record Java's class archive, which halves the start of Spark.", "jobs.commands.prepare"),
    "promote": Command("Make a registered model champion by hand.", "jobs.commands.promote"),
    "quarantine": Command("Show which rows of a date were refused, and why.", "jobs.commands.quarantine"),
    "replay": Command("After a corrected mapping, build dates again and publish.", "jobs.commands.replay"),
    "resume": Command("End the hold of a rollback and serve the newest night.", "jobs.commands.resume"),
    "rollback": Command("Serve a generation of before, and hold publishes.", "jobs.commands.rollback"),
    "sample": Command("Write the sample app's log.", "jobs.commands.sample"),
    "serve": Command("Serve recommendations and predictions over HTTP.", "jobs.commands.serve"),
    "show": Command("Show a night as a product engineer sees it.", "jobs.commands.show"),
    "status": Command("Show the last nights, and what is served.", "jobs.commands.status"),
    "vacuum": Command("Remove what retention does not keep.", "jobs.commands.vacuum"),
    **{name: Command(stage.doc, "jobs.commands.run_stage") for name, stage in STAGES.items()},
}
