"""The server: /v1 by `routes.py`, and what is asked seldom by FastAPI: health, metrics, OpenAPI and the demo."""

from pathlib import Path
from typing import Annotated, Any, NoReturn

from fastapi import FastAPI, Response
from fastapi import Path as PathPart
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field

from nightjar_client.client import Client
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.http import metrics
from nightjar_client.http.models import BATCH_EXAMPLE, ItemList, PredictionsAnswer, UserList
from nightjar_client.http.routes import Asgi, Routes
from nightjar_client.http.settings import MAX_BATCH, MAX_K, ServeSettings
from nightjar_client.online import utc_now

_PAGE = Path(__file__).parent / "demo.html"
_ERRORS: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the given ETag."},
    400: {"description": "What was sent is wrong; `detail` says how."},
    401: {"description": "The API key is missing or wrong."},
    503: {"description": "The store cannot be reached and no cached list is left."},
}
_Id = Annotated[str, PathPart(description="Any text; write / as %2F.", examples=["u00753"])]
_K = Annotated[int, Field(ge=1, le=MAX_K)]


class Batch(BaseModel):
    """A request for many users."""

    user_ids: list[str] = Field(min_length=1, max_length=MAX_BATCH)
    surface: str = "for_you"
    k: _K = 20
    context: str | None = None
    exclude: list[str] = []
    model_config = {"json_schema_extra": {"examples": [BATCH_EXAMPLE]}}


class BatchAnswer(BaseModel):
    """Lists in the order of the users asked for."""

    recommendations: list[UserList]


def create_app() -> Asgi:
    """The server of this process, by its environment; uvicorn's factory."""
    settings = ServeSettings.from_environment()
    now = settings.now
    client = Client.open(
        settings.repo,
        fallback=settings.fallback,
        stale_hours=settings.stale_hours,
        clock=(lambda: now) if now else utc_now,
    )
    return app_of(client, settings)


def app_of(client: Client, settings: ServeSettings) -> Asgi:
    """The server over an open client."""
    return Routes(client, settings.api_key, described(client, settings))


def described(client: Client, settings: ServeSettings) -> FastAPI:
    """FastAPI's part."""
    app = FastAPI(title="Nightjar", version="1", description="Recommendations and predictions of last night.")
    _describe_v1(app)

    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"], responses={503: {"description": "Empty, expired, too old or away."}})
    def readyz() -> JSONResponse:
        """There is a generation, and it is fresh enough."""
        status, body = readiness(client, settings.ready_hours)
        return JSONResponse(body, status)

    @app.get("/metrics", tags=["operation"])
    def prometheus() -> Response:
        """For Prometheus: latency, rungs served, age."""
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    @app.get("/demo", include_in_schema=False)
    def demo() -> FileResponse:
        return FileResponse(_PAGE, media_type="text/html")

    @app.get("/demo/surfaces", include_in_schema=False)
    def surfaces() -> dict[str, Any]:
        return {"user": client.surfaces, "item": client.item_surfaces}

    return app


def readiness(client: Client, ready_hours: float) -> tuple[int, dict[str, Any]]:
    """Status and body of /readyz; keeps the lists for everybody while it is at it."""
    try:
        served = client.served()
    except StoreUnreachableError as error:
        return 503, {"status": "unreachable", "detail": str(error)}
    client.keep_overall()
    told = {"generation": served.generation, "run_date": served.run_date, "age_seconds": served.age_seconds}
    if served.age_seconds is None:
        return 503, {"status": "empty", **told, "detail": "no valid generation is online; publish one"}
    if served.age_seconds > ready_hours * 3600:
        return 503, {"status": "stale", **told, "detail": f"older than {ready_hours:g} hours"}
    return 200, {"status": "ready", **told}


def _answered_before() -> NoReturn:
    raise AssertionError("`Routes` answers /v1 before FastAPI sees it; this function only describes the route")


def _describe_v1(app: FastAPI) -> None:
    """The routes of `Routes`, for OpenAPI; requests never come here."""

    @app.get("/v1/users/{id}/recommendations", tags=["read"], responses=_ERRORS)
    def recommendations(
        id: _Id,
        surface: str = "for_you",
        k: _K = 20,
        context: str | None = None,
        exclude: str | None = None,
    ) -> UserList:
        """One list of a user, by the ladder. `exclude` takes item ids, by commas or several times."""
        _answered_before()

    @app.post("/v1/recommendations:batch", tags=["read"], responses={**_ERRORS, 413: {"description": "Too long."}})
    def batch(body: Batch) -> BatchAnswer:
        """One list for each of many users, in one round trip to the store."""
        _answered_before()

    @app.get("/v1/items/{id}/similar", tags=["read"], responses=_ERRORS)
    def similar(id: _Id, surface: str = "similar", k: _K = 20, exclude: str | None = None) -> ItemList:
        """What goes beside an item."""
        _answered_before()

    @app.get("/v1/users/{id}/predictions", tags=["read"], responses=_ERRORS)
    def predictions(id: _Id) -> PredictionsAnswer:
        """What is predicted of a user, by view."""
        _answered_before()
