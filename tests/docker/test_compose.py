"""The compose file: the compose specification's schema, and references that a schema cannot follow."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from jobs.commands.env import environment
from jobs.core.config import load_settings
from jobs.core.home import PRIVATE, Home

DOCKER = Path(__file__).parents[2] / "docker"
KUBERNETES = DOCKER.parent / "docs" / "kubernetes.md"
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|SECRET|KEY")
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+")

Services = dict[str, dict[str, Any]]


def variables() -> list[tuple[str, str]]:
    """Name and modifier (such as ``:-8080``) of each variable of the compose file."""
    text = (DOCKER / "compose.yaml").read_text()
    return [(found["name"], found["rest"]) for found in VARIABLE.finditer(text)]


def test_it_follows_the_compose_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*checker, DOCKER / "compose.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_images_are_pinned_or_built_here(services: Services, stages: dict[str, Any]) -> None:
    for name, service in services.items():
        if "build" in service:
            assert service["build"]["target"] in stages, name
            assert service["image"].startswith("nightjar-"), name
        else:
            assert PINNED.fullmatch(service["image"]), name


def test_the_build_finds_its_context_and_dockerfile(services: Services) -> None:
    for build in (service["build"] for service in services.values() if "build" in service):
        context = (DOCKER / build["context"]).resolve()
        assert context == DOCKER.parent
        assert (context / build["dockerfile"]).is_file()


def test_every_service_that_stays_up_has_a_health_check(services: Services) -> None:
    staying = {name for name, service in services.items() if service["restart"] != "no"}
    assert {name for name, service in services.items() if "healthcheck" in service} == staying


def test_a_dependency_can_reach_the_state_that_is_waited_for(services: Services) -> None:
    for name, service in services.items():
        for dependency, wait in service.get("depends_on", {}).items():
            ends = services[dependency]["restart"] == "no"
            expected = "service_completed_successfully" if ends else "service_healthy"
            assert wait["condition"] == expected, f"{name} waits for {dependency}"


def test_host_ports_are_unique_and_on_the_loopback_address(services: Services) -> None:
    resolve = re.compile(r"127\.0\.0\.1:\$\{[A-Z_]+:-(\d+)\}:\d+")
    published = [port for service in services.values() for port in service.get("ports", [])]
    ports = [found[1] for port in published if (found := resolve.fullmatch(port))]
    assert len(ports) == len(published)
    assert len(set(ports)) == len(ports)


def test_every_variable_is_in_the_example_and_no_other(services: Services) -> None:
    example = (DOCKER / ".env.example").read_text()
    documented = re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE)
    assert sorted(documented) == sorted({name for name, _ in variables()})


def test_the_example_shows_the_defaults_of_the_compose_file() -> None:
    defaults = {f"#{name}={rest[2:]}" for name, rest in variables() if rest.startswith(":-")}
    example = (DOCKER / ".env.example").read_text().splitlines()
    assert {line for line in example if re.match(r"#[A-Z_]+=", line)} == defaults


def test_a_variable_without_a_default_stops_the_start_and_is_named() -> None:
    required = [(name, rest) for name, rest in variables() if not rest.startswith(":-")]
    assert required == [(name, f":?set {name}") for name, _ in required]


def test_no_secret_has_a_value_in_a_file() -> None:
    assert [name for name, rest in variables() if SECRET.search(name) and rest.startswith(":-")] == []
    example = (DOCKER / ".env.example").read_text()
    assert re.findall(r"^[A-Z_]+=.+$", example, flags=re.MULTILINE) == []


def test_a_secret_reaches_a_service_through_a_variable_only(services: Services) -> None:
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) or ("://" in value and "@" in value):
                assert VARIABLE.search(value), f"{name}: {key} holds a secret"


def test_volumes_are_declared_and_used(compose: dict[str, Any], services: Services) -> None:
    mounts = [mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if re.match(r"[a-z]", mount)} == set(compose["volumes"])


def test_mounted_files_exist(services: Services) -> None:
    mounts = [mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])]
    assert [mount for mount in mounts if mount.startswith("./") and not (DOCKER / mount).is_file()] == []


def test_only_what_serves_is_seen_by_product_apps(services: Services) -> None:
    assert [name for name, service in services.items() if "online" in service["networks"]] == ["redis", "serve"]


def test_workers_can_be_scaled(services: Services) -> None:
    assert {"container_name", "ports"} & set(services["spark-worker"]) == set()


def test_drivers_and_executors_share_the_lake_and_the_logs(services: Services) -> None:
    def shared(name: str) -> set[str]:
        return {mount for mount in services[name]["volumes"] if ":/var/lib/nightjar" in mount}

    assert len(shared("spark-worker")) == 2
    assert shared("spark-worker") == shared("airflow-scheduler")


def test_the_jobs_accept_their_environment_and_its_addresses_name_services(services: Services) -> None:
    settings = load_settings("sample", environ=services["airflow-scheduler"]["environment"])
    addresses = [settings.online.redis, settings.spark.master, settings.tracking.uri]
    assert settings.online.store == "redis"
    assert [re.sub(r"^\w+://|:\d+$", "", str(address)) for address in addresses] == [
        "redis",
        "spark-master",
        "mlflow",
    ]
    assert {"redis", "spark-master", "mlflow"} <= set(services)


def test_feast_s_registry_has_a_database_of_its_own(services: Services) -> None:
    url = services["airflow-scheduler"]["environment"]["NIGHTJAR__ONLINE__REGISTRY"]
    assert re.fullmatch(r"postgresql\+psycopg2://feast:\$\{FEAST_DB_PASSWORD:\?[^}]+\}@postgres:5432/feast", url)
    assert 'create_database feast "$FEAST_DB_PASSWORD"' in (DOCKER / "postgres-init.sh").read_text()


def test_the_dag_processor_sees_the_settings_of_the_jobs(services: Services) -> None:
    def settings(name: str) -> dict[str, str]:
        environment: dict[str, str] = services[name]["environment"]
        return {key: value for key, value in environment.items() if key.startswith("NIGHTJAR_")}

    assert settings("airflow-dag-processor") == settings("airflow-scheduler") != {}


def test_task_logs_are_as_private_everywhere_as_nightjar_env_makes_them(services: Services) -> None:
    wanted = log_rights(environment(load_settings("sample"), Home(DOCKER, "sample")))
    assert sorted(wanted.values()) == [f"0o{0o666 & ~PRIVATE:o}", f"0o{0o777 & ~PRIVATE:o}"]
    ours = [name for name in services if name.startswith("airflow-")]
    assert {name: log_rights(services[name]["environment"]) for name in ours} == dict.fromkeys(ours, wanted)
    [values] = re.findall(r"```yaml\n(executor: .*?)```", KUBERNETES.read_text(), flags=re.DOTALL)
    told = yaml.safe_load(values)["config"]["logging"]
    assert {f"AIRFLOW__LOGGING__{key.upper()}": value for key, value in told.items()} == wanted


def log_rights(variables: dict[str, str]) -> dict[str, str]:
    """Those by which Airflow makes files and folders of task logs."""
    return {name: value for name, value in variables.items() if name.endswith("_PERMISSIONS")}


def test_services_of_ours_give_up_what_they_do_not_need(services: Services) -> None:
    for name, service in services.items():
        if "build" in service:
            assert service["init"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name


def test_the_online_store_survives_a_restart_and_never_evicts(services: Services) -> None:
    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
