"""What a service of FastAPI and SQLAlchemy makes of our tasks: the same rows, in the same tables, behind the same tokens.

    uvicorn tests.benchmarks.peers.fastapi_peer:app

As the two's documentation has it: asyncpg, ORM classes (of tables that are there already), pydantic models in and out. It checks
types and ranges, as we do; not what schedules and pipelines mean. It keeps no request id, no limits, and no problem documents.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7

KEY = load_pem_private_key(os.environ["ORDINAUT_TOKEN_KEY"].encode(), None).public_key()
engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=int(os.environ["ORDINAUT_DATABASE_POOL"]))
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeferredReflection, DeclarativeBase):
    __abstract__ = True


class Agent(Base):
    __tablename__ = "tasks_agent"


class TokenFamily(Base):
    __tablename__ = "tasks_tokenfamily"


class Run(Base):
    __tablename__ = "tasks_run"


class Task(Base):
    __tablename__ = "tasks_task"


class TaskDefinition(Base):
    __tablename__ = "tasks_taskdefinition"


class OutboxEntry(Base):
    __tablename__ = "tasks_outboxentry"


class AuditEntry(Base):
    __tablename__ = "tasks_auditentry"


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(max_length=100)
    uses: str = Field(max_length=200)
    input: dict[str, Any] = Field({}, alias="with")


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid")

    params: dict[str, Any] = {}
    pipeline: list[Step] = Field(max_length=200)


class NewTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=2000)
    schedule_kind: Literal["rrule", "cron", "interval", "once", "event", "condition", "manual"]
    schedule_expr: str = Field("", max_length=1000)
    timezone: str = Field("UTC", max_length=64)
    dtstart: str = Field("2026-01-01T00:00:00", max_length=32)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_occurrences: int | None = Field(None, ge=1)
    dst_policy: str = Field("", max_length=64)
    calendar_policy: Literal["exclude", "next_business_day", "previous_business_day"] = "exclude"
    misfire_policy: Literal["skip", "latest", "all"] = "latest"
    catch_up_window_seconds: int = Field(86_400, ge=1, le=31_622_400)
    catch_up_limit: int = Field(100, ge=1, le=1000)
    overlap_policy: str = Field("allow", max_length=20)
    jitter_seconds: int = Field(0, ge=0, le=86_400)
    quiet_hours: list[dict[str, Any]] = []
    concurrency_key: str = Field("", max_length=200)
    concurrency_limit: int = Field(1, ge=1, le=10_000)
    dedupe_key: str = Field("", max_length=200)
    dedupe_window_seconds: int = Field(3600, ge=1, le=31_622_400)
    probe: dict[str, Any] | None = None
    poll_seconds: int = Field(60, ge=5, le=86_400)
    cooldown_seconds: int = Field(0, ge=0, le=31_622_400)
    payload: Payload
    mode: Literal["live", "simulate"] = "live"
    priority: int = Field(5, ge=1, le=9)
    max_retries: int = Field(3, ge=0, le=10)
    backoff_strategy: Literal["exponential_jitter", "linear", "fixed"] = "exponential_jitter"
    retry_delay_seconds: int = Field(1, ge=1, le=86_400)
    timeout_seconds: int = Field(300, ge=1, le=86_400)
    queue_timeout_seconds: int | None = Field(None, ge=1, le=31_622_400)
    calls_per_day: int | None = Field(None, ge=1)
    tokens_per_day: int | None = Field(None, ge=1)
    microdollars_per_day: int | None = Field(None, ge=1)


class ShownTask(NewTask):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    created_by_id: uuid.UUID
    calendar_id: uuid.UUID | None
    payload: Any  # type: ignore[assignment]  # as it was taken
    status: str
    next_run_at: datetime | None
    last_run_at: datetime | None = None
    last_status: str | None = None
    condition_met: bool | None
    condition_error: Any
    version: int
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    items: list[ShownTask]
    next: str | None


@asynccontextmanager
async def _ready(_: FastAPI) -> AsyncIterator[None]:
    async with engine.connect() as connection:
        await connection.run_sync(Base.prepare)
    yield
    await engine.dispose()


app = FastAPI(lifespan=_ready)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def agent(session: Session, authorization: Annotated[str, Header()]) -> Agent:
    options = {"require": ["exp", "iat", "aud", "iss", "sub", "jti"]}
    try:
        token = authorization.removeprefix("Bearer ")
        claims = jwt.decode(
            token, KEY, algorithms=["EdDSA"], audience="ordinaut-api", issuer="ordinaut", options=options
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    proven = (
        select(Agent)
        .join(TokenFamily, TokenFamily.agent_id == Agent.id)
        .where(TokenFamily.id == uuid.UUID(claims["sid"]), Agent.id == uuid.UUID(claims["sub"]))
        .where(TokenFamily.revoked_at.is_(None), Agent.active)
    )
    found = (await session.scalars(proven)).one_or_none()
    if found is None:
        raise HTTPException(401)
    return found


Caller = Annotated[Agent, Depends(agent)]


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/tasks", status_code=201, response_model=ShownTask)
async def create(sent: NewTask, session: Session, caller: Caller, request: Request) -> Task:
    if "tasks:create" not in caller.scopes:
        raise HTTPException(403)
    request_id = request.headers.get("x-request-id") or str(uuid.uuid4())
    next_run_at = datetime.now(UTC) + timedelta(hours=1)
    fields = sent.model_dump(by_alias=True)
    task = Task(
        **fields,
        id=uuid7(),
        created_by_id=caller.id,
        status="active",
        next_run_at=next_run_at,
        due_at=next_run_at,
        occurrences=0,
        version=1,
        event_seq=1,
    )
    session.add(task)
    await session.flush()
    kept = ("title", "timezone", "payload", "max_retries", "backoff_strategy", "retry_delay_seconds", "timeout_seconds")
    session.add(TaskDefinition(task_id=task.id, version=1, budgeted=False, **{name: fields[name] for name in kept}))
    facts = [["task.created", {"title": task.title, "next_run_at": next_run_at.isoformat()}]]
    session.add(
        OutboxEntry(
            aggregate_kind="task", aggregate_id=task.id, seq=1, agent=caller.id, request_id=request_id, facts=facts
        )
    )
    session.add(
        AuditEntry(
            actor=f"agent:{caller.id}",
            action="task.created",
            object_kind="task",
            object_id=task.id,
            request_id=request_id,
            details={"title": task.title},
        )
    )
    await session.commit()
    return task


@app.get("/api/v1/tasks")
async def page(
    session: Session,
    caller: Caller,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: uuid.UUID | None = None,
) -> Page:
    if "tasks:read" not in caller.scopes:
        raise HTTPException(403)
    newest = select(Run.started_at, Run.state).where(Run.task_id == Task.id, Run.simulated.is_(False))
    newest = newest.order_by(Run.id.desc()).limit(1)
    wanted = (
        select(
            Task,
            newest.with_only_columns(Run.started_at).scalar_subquery(),
            newest.with_only_columns(Run.state).scalar_subquery(),
        )
        .where(Task.created_by_id == caller.id, Task.deleted_at.is_(None))
        .order_by(Task.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(Task.id < cursor)
    rows = (await session.execute(wanted)).all()
    shown = []
    for task, last_run_at, last_status in rows[:limit]:
        task.last_run_at, task.last_status = last_run_at, last_status
        shown.append(ShownTask.model_validate(task))
    following = str(request.url.include_query_params(cursor=shown[-1].id)) if len(rows) > limit else None
    return Page(items=shown, next=following)
