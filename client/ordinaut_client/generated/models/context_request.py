from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.context_request_agent import ContextRequestAgent
    from ..models.context_request_event_type_0 import ContextRequestEventType0
    from ..models.context_request_params import ContextRequestParams
    from ..models.context_request_run import ContextRequestRun
    from ..models.context_request_steps import ContextRequestSteps
    from ..models.context_request_task import ContextRequestTask


T = TypeVar("T", bound="ContextRequest")


@_attrs_define
class ContextRequest:
    """
    Attributes:
        params (ContextRequestParams | Unset): Laid over the payload's own.
        steps (ContextRequestSteps | Unset): Outputs of steps, by id or save_as.
        event (ContextRequestEventType0 | None | Unset): An event, or its payload alone.
        item (Any | Unset):
        probe (Any | Unset):
        trigger (str | Unset):
        task (ContextRequestTask | Unset):
        run (ContextRequestRun | Unset):
        agent (ContextRequestAgent | Unset):
        now (str | Unset): The run's moment; the present one without it.
        timezone (str | Unset): The task's; IANA name.
    """

    params: ContextRequestParams | Unset = UNSET
    steps: ContextRequestSteps | Unset = UNSET
    event: ContextRequestEventType0 | None | Unset = UNSET
    item: Any | Unset = UNSET
    probe: Any | Unset = UNSET
    trigger: str | Unset = UNSET
    task: ContextRequestTask | Unset = UNSET
    run: ContextRequestRun | Unset = UNSET
    agent: ContextRequestAgent | Unset = UNSET
    now: str | Unset = UNSET
    timezone: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.context_request_event_type_0 import ContextRequestEventType0  # noqa: PLC0415

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        steps: dict[str, Any] | Unset = UNSET
        if not isinstance(self.steps, Unset):
            steps = self.steps.to_dict()

        event: dict[str, Any] | None | Unset
        if isinstance(self.event, Unset):
            event = UNSET
        elif isinstance(self.event, ContextRequestEventType0):
            event = self.event.to_dict()
        else:
            event = self.event

        item = self.item

        probe = self.probe

        trigger = self.trigger

        task: dict[str, Any] | Unset = UNSET
        if not isinstance(self.task, Unset):
            task = self.task.to_dict()

        run: dict[str, Any] | Unset = UNSET
        if not isinstance(self.run, Unset):
            run = self.run.to_dict()

        agent: dict[str, Any] | Unset = UNSET
        if not isinstance(self.agent, Unset):
            agent = self.agent.to_dict()

        now = self.now

        timezone = self.timezone

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if params is not UNSET:
            field_dict["params"] = params
        if steps is not UNSET:
            field_dict["steps"] = steps
        if event is not UNSET:
            field_dict["event"] = event
        if item is not UNSET:
            field_dict["item"] = item
        if probe is not UNSET:
            field_dict["probe"] = probe
        if trigger is not UNSET:
            field_dict["trigger"] = trigger
        if task is not UNSET:
            field_dict["task"] = task
        if run is not UNSET:
            field_dict["run"] = run
        if agent is not UNSET:
            field_dict["agent"] = agent
        if now is not UNSET:
            field_dict["now"] = now
        if timezone is not UNSET:
            field_dict["timezone"] = timezone

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.context_request_agent import ContextRequestAgent  # noqa: PLC0415
        from ..models.context_request_event_type_0 import ContextRequestEventType0  # noqa: PLC0415
        from ..models.context_request_params import ContextRequestParams  # noqa: PLC0415
        from ..models.context_request_run import ContextRequestRun  # noqa: PLC0415
        from ..models.context_request_steps import ContextRequestSteps  # noqa: PLC0415
        from ..models.context_request_task import ContextRequestTask  # noqa: PLC0415

        d = dict(src_dict)
        _params = d.pop("params", UNSET)
        params: ContextRequestParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = ContextRequestParams.from_dict(_params)

        _steps = d.pop("steps", UNSET)
        steps: ContextRequestSteps | Unset
        if isinstance(_steps, Unset):
            steps = UNSET
        else:
            steps = ContextRequestSteps.from_dict(_steps)

        def _parse_event(data: object) -> ContextRequestEventType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                event_type_0 = ContextRequestEventType0.from_dict(data)

                return event_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ContextRequestEventType0 | None | Unset, data)

        event = _parse_event(d.pop("event", UNSET))

        item = d.pop("item", UNSET)

        probe = d.pop("probe", UNSET)

        trigger = d.pop("trigger", UNSET)

        _task = d.pop("task", UNSET)
        task: ContextRequestTask | Unset
        if isinstance(_task, Unset):
            task = UNSET
        else:
            task = ContextRequestTask.from_dict(_task)

        _run = d.pop("run", UNSET)
        run: ContextRequestRun | Unset
        if isinstance(_run, Unset):
            run = UNSET
        else:
            run = ContextRequestRun.from_dict(_run)

        _agent = d.pop("agent", UNSET)
        agent: ContextRequestAgent | Unset
        if isinstance(_agent, Unset):
            agent = UNSET
        else:
            agent = ContextRequestAgent.from_dict(_agent)

        now = d.pop("now", UNSET)

        timezone = d.pop("timezone", UNSET)

        context_request = cls(
            params=params,
            steps=steps,
            event=event,
            item=item,
            probe=probe,
            trigger=trigger,
            task=task,
            run=run,
            agent=agent,
            now=now,
            timezone=timezone,
        )

        return context_request
