"""The server: /v1 by `routes.py`, and what is asked seldom by FastAPI: health, metrics, OpenAPI and the demo."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, FastAPI, Query, Response, Security
from fastapi import Path as PathPart
from fastapi.responses import FileResponse, JSONResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel, Field

from nightjar_client.client import Client
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.http import metrics
from nightjar_client.http.models import BATCH_EXAMPLE, ItemList, PredictionsAnswer, Problem, ScreenAnswer, UserList
from nightjar_client.http.routes import Asgi, Routes
from nightjar_client.http.settings import MAX_BATCH, MAX_K, ServeSettings
from nightjar_client.online import utc_now

_PAGE = Path(__file__).parent / "demo.html"
_ERRORS: dict[int | str, dict[str, Any]] = {
    # As a range, since for 400 alone FastAPI would tell of a 422 that is never sent.
    "4XX": {"model": Problem, "description": "What was sent is wrong; `detail` says how."},
    401: {"model": Problem, "description": "The API key is missing or wrong."},
    503: {"model": Problem, "description": "The store cannot be reached and no cached list is left."},
}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing changed since the given ETag."}}
_Id = Annotated[str, PathPart(description="Any text; write / as %2F.", examples=["u00753"])]
_K = Annotated[int, Field(ge=1, le=MAX_K)]
_Context = Annotated[
    str | None, Query(description="country|platform|daypart; a missing part is *.", examples=["GB|web|*"])
]
_Surfaces = Annotated[str | None, Query(description="By commas, or several times; by default all.")]
_Exclude = Annotated[str | None, Query(description="Item ids not to show, by commas or several times.")]
_ExcludeItem = Annotated[Sequence[str], Query(description="An item id not to show, as it is, several times.")]


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
    _describe_v1(app, is_guarded=bool(settings.api_key))

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", tags=["operation"], responses={503: {"description": "Empty, expired, too old or away."}})
    def readyz() -> JSONResponse:
        """There is a generation, and it is fresh enough."""
        status, body = readiness(client, settings.ready_hours)
        return JSONResponse(body, status)

    @app.get("/metrics", tags=["operation"])
    def prometheus() -> Response:
        """For Prometheus: latency, rungs served, age."""
        return Response(metrics.exposition(_age_of(client)), media_type=metrics.CONTENT_TYPE)

    @app.get("/demo", include_in_schema=False)
    def demo() -> FileResponse:
        return FileResponse(_PAGE, media_type="text/html")

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


def _age_of(client: Client) -> int | None:
    """Age of what is online in seconds; None where nothing valid is, or the store is away."""
    try:
        return client.served().age_seconds
    except StoreUnreachableError:
        return None


def _answered_before() -> NoReturn:
    raise AssertionError("`Routes` answers /v1 before FastAPI sees it; this function only describes the route")


def _describe_v1(app: FastAPI, is_guarded: bool) -> None:
    """The routes of `Routes`, for OpenAPI; requests never come here."""
    guards = [Security(APIKeyHeader(name="X-API-Key")), Security(HTTPBearer())] if is_guarded else []
    v1 = APIRouter(prefix="/v1", tags=["read"], dependencies=guards, responses=_ERRORS)

    @v1.get("/users/{id}/recommendations", responses=_UNCHANGED)
    def recommendations(
        id: _Id,
        surface: str = "for_you",
        k: _K = 20,
        context: _Context = None,
        exclude: _Exclude = None,
        exclude_item: _ExcludeItem = (),
    ) -> UserList:
        """One list of a user, by the ladder."""
        _answered_before()

    @v1.get("/users/{id}/screen", responses=_UNCHANGED)
    def screen(
        id: _Id,
        surfaces: _Surfaces = None,
        k: _K = 20,
        context: _Context = None,
        exclude: _Exclude = None,
        exclude_item: _ExcludeItem = (),
    ) -> ScreenAnswer:
        """Lists by the ladder, predictions and features of a user, all read at one moment."""
        _answered_before()

    @v1.post("/recommendations:batch", responses={413: {"model": Problem, "description": "Too long."}})
    def batch(body: Batch) -> BatchAnswer:
        """One list for each of many users, in one round trip to the store."""
        _answered_before()

    @v1.get("/items/{id}/similar", responses=_UNCHANGED)
    def similar(
        id: _Id,
        surface: str = "similar",
        k: _K = 20,
        exclude: _Exclude = None,
        exclude_item: _ExcludeItem = (),
    ) -> ItemList:
        """What goes beside an item."""
        _answered_before()

    @v1.get("/users/{id}/predictions", responses=_UNCHANGED)
    def predictions(id: _Id) -> PredictionsAnswer:
        """What is predicted of a user, by view."""
        _answered_before()

    app.include_router(v1)
