from airflow.dag_processing.dagbag import DagBag


def test_the_order_of_stages(bag: DagBag) -> None:
    tasks = bag.dags["nightly_shop"].task_dict

    assert {name: sorted(task.downstream_task_ids) for name, task in tasks.items()} == {
        "ingest_events": ["clean_events"],
        "clean_events": ["build_features"],
        "build_features": ["profile_users", "train_predictions", "train_recommender"],
        "train_recommender": ["promote_models"],
        "train_predictions": ["promote_models"],
        "promote_models": ["recommend", "score_users"],
        "profile_users": ["publish"],
        "recommend": ["publish"],
        "score_users": ["publish"],
        "publish": ["check_online", "withdraw"],
        "check_online": ["report"],
        "report": [],
        "withdraw": [],
    }


def test_a_day_begins_at_midnight_of_the_app(bag: DagBag) -> None:
    dag = bag.dags["nightly_shop"]

    assert dag.start_date.isoformat() == "2024-12-31T15:00:00+00:00"
    assert str(dag.timetable.timezone) == "Asia/Tokyo"
