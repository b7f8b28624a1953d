#!/bin/bash
# Runs once, on an empty data volume: a role and a database each for Airflow, Feast's registry and MLflow, so that none can read another's.
set -euo pipefail

create_database() {
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set=name="$1" --set=password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

create_database airflow "$AIRFLOW_DB_PASSWORD"
create_database feast "$FEAST_DB_PASSWORD"
create_database mlflow "$MLFLOW_DB_PASSWORD"
