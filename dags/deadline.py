"""Tells people that a night is not done by its deadline: Airflow's deadline alerts, by webhook, Slack or e-mail.

Addresses and passwords are those of Airflow connections: a schedule names connections alone, so that neither the
configuration nor a serialized DAG, and no message here, holds a secret.
"""

import json
import logging
import smtplib
import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from airflow.sdk import Connection, DeadlineAlert, DeadlineReference, SyncCallback
from airflow.sdk.exceptions import AirflowException
from app_schedule import Schedule

log = logging.getLogger(__name__)

SECONDS = 20.0  # for one channel to take the message
PAUSES = (5.0, 30.0)  # seconds, before what a channel refused is sent again: Airflow runs a callback once


def deadline_alert(app: str, schedule: Schedule) -> DeadlineAlert | None:
    """The alert of an app's nights; None where no channel is configured.

    It is due `alert_after_minutes` after the run was queued, whether the run still works or has failed: Airflow drops
    it only when the run succeeds. It runs on the executor like a task, so it needs no triggerer.
    """
    channels = {
        "webhook": schedule.alert_webhook,
        "slack": schedule.alert_slack,
        "email": schedule.alert_email,
    }
    if not any(channels.values()):
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=schedule.alert_after_minutes),
        callback=SyncCallback(
            tell_late, {"app": app, "minutes": schedule.alert_after_minutes, "smtp": schedule.alert_smtp, **channels}
        ),
        name=f"nightly_{app} is late",
    )


def tell_late(
    context: Mapping[str, Any], app: str, minutes: int, webhook: str, slack: str, email: str, smtp: str
) -> None:
    """Send the message by every channel that is configured.

    Parameters
    ----------
    context
        As Airflow gives it to a deadline's callback: `dag_run` with its id and state.
    app, minutes
        Whose night, and after how long.
    webhook, slack
        Connections; the first gets the facts as JSON, the second a text as Slack's incoming webhooks take it.
    email
        Addresses, by commas, that get a mail through the connection `smtp`.

    Raises
    ------
    AirflowException
        A channel did not take it, in three tries; the others have been tried. The channel is named, its address is
        not.
    """
    facts = late_facts(context, app, minutes)
    sends: dict[str, Callable[[], None]] = {}
    if webhook:
        sends[f"webhook {webhook}"] = lambda: _post(webhook, facts)
    if slack:
        sends[f"Slack {slack}"] = lambda: _post(slack, {"text": facts["text"]})
    if email:
        sends[f"e-mail by {smtp}"] = lambda: _mail(smtp, email, facts)
    for pause in (0.0, *PAUSES):
        time.sleep(pause)
        sends = {name: send for name, send in sends.items() if not _sent(name, send)}
        if not sends:
            return
    raise AirflowException(f"no alert by {', '.join(sends)}; look at the connection of that name in Airflow")


def late_facts(context: Mapping[str, Any], app: str, minutes: int) -> dict[str, Any]:
    """What the message says."""
    run = context["dag_run"]
    given = (run.get("conf") or {}).get("run_date")
    night = f"run_date {given}" if given else f"logical date {run.get('logical_date')}"
    text = (
        f"The night of {app} ({night}) is not done {minutes} minutes after it began; its run is {run.get('state')}. "
        f"What was served before stays served, with its age. "
        f"Look: nightjar status --app {app}; nightjar doctor --app {app}"
    )
    return {
        "event": "night_late",
        "app": app,
        "dag_id": run.get("dag_id"),
        "run_id": run.get("dag_run_id"),
        "run_date": given,
        "logical_date": run.get("logical_date"),
        "state": run.get("state"),
        "minutes": minutes,
        "text": text,
    }


def _sent(name: str, send: Callable[[], None]) -> bool:
    try:
        send()
    except Exception as error:
        # Not the error itself: that of a library may hold the address, and an address may be a secret.
        log.error("no alert by %s: %s", name, type(error).__name__)
        return False
    log.info("alerted by %s", name)
    return True


def _post(connection: str, message: Mapping[str, Any]) -> None:
    body = json.dumps(message).encode()
    request = urllib.request.Request(_address(Connection.get(connection)), body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS):
        pass


def _address(found: Any) -> str:
    """The URL of a connection of type HTTP: its host may be one already, its password may be a token that ends it."""
    host = str(found.host or "")
    base = host if "://" in host else f"{found.schema or found.conn_type or 'https'}://{host}"
    port = f":{found.port}" if found.port and "://" not in host else ""
    path = str(found.extra_dejson.get("path", ""))
    token = str(found.password or "")
    return "/".join(part.strip("/") for part in (f"{base}{port}", path, token) if part)


def _mail(connection: str, to: str, facts: Mapping[str, Any]) -> None:
    found = Connection.get(connection)
    message = EmailMessage()
    message["From"] = found.extra_dejson.get("from_email") or found.login or "nightjar@localhost"
    message["To"], message["Subject"] = to, f"Nightjar: the night of {facts['app']} is late"
    message.set_content(facts["text"])
    secure = not found.extra_dejson.get("disable_ssl")
    server = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with server(found.host, found.port or (465 if secure else 25), timeout=SECONDS) as mail:
        if found.login and found.password:
            mail.login(found.login, found.password)
        mail.send_message(message)
