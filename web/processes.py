"""The model processes of a server: those of this machine, and those of others, where it is a cluster's front door.

What they are given to do is left to the fleet. Danger: what a cluster needs is an extra, so it is imported only
where there is one.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from leyline.line.fleet import Fleet
from leyline.line.known_schema import KnownSchema
from leyline.processes.model import ModelProcess
from leyline.settings import SettingError, Settings, host_and_port
from model_proc.loop import run as run_model_loop

if TYPE_CHECKING:
    from leyline.cluster.front import Cluster


class ModelProcesses:
    """Built at once; they run from `start` on, and join the fleet."""

    def __init__(
        self, settings: Settings, fleet: Fleet, known: KnownSchema, on_wrong: Callable[[SettingError], None]
    ) -> None:
        """`on_wrong` hears of a setting that no model can be had with, once one was tried."""
        self._settings, self._fleet, self._known, self._on_wrong = settings, fleet, known, on_wrong
        self.local = [self._process(name) for name in local_names(settings.local_models)]
        self.cluster = self._cluster() if settings.cluster else None

    async def start(self) -> None:
        """Listen for other machines, and load the models of this one."""
        if self.cluster:
            await self.cluster.start(*host_and_port(self._settings.cluster))
        for model in self.local:
            self._fleet.join(model)
            model.start()

    async def stop(self) -> None:
        """Put what runs back into the line, end the processes, and let the other machines go."""
        if self.cluster:
            self.cluster.part()
        await self._fleet.stop()
        if self.cluster:
            await self.cluster.stop()

    def _process(self, name: str) -> ModelProcess:
        settings = self._settings
        return ModelProcess(
            run_model_loop,
            settings.model,
            settings_of_models(settings),
            name=name,
            options=settings.options,
            memory_limit_mb=settings.model_memory_mb,
            stall_seconds=settings.stall_seconds,
            on_state=lambda: self._fleet.changed(name),
            on_schema=self._learn_here,
            on_wrong_setting=self._give_up,
        )

    def _learn_here(self, schema: str) -> None:
        self._known.learn(schema)
        if self.cluster:
            self.cluster.local_says(schema)

    def _cluster(self) -> "Cluster":
        from leyline.cluster.starting import cluster_of

        return cluster_of(
            self._settings,
            settings_of_models(self._settings),
            self._fleet,
            local_names=[model.name for model in self.local],
            learn=self._known.learn,
        )

    def _give_up(self, setting: str, what: str) -> None:
        if setting == "model":
            wrong = f"LEYLINE_MODEL={self._settings.model!r} (or --model) names no model: {what}."
        else:
            wrong = f"LEYLINE_MODEL_OPTIONS (or --model-option) do not fit {self._settings.model}: {what}."
        self._on_wrong(SettingError(wrong))


def local_names(number: int) -> list[str]:
    """By which so many model processes of this machine are told apart."""
    return [f"local {n}" if n > 1 else "local" for n in range(1, number + 1)]


def settings_of_models(settings: Settings) -> dict[str, float | str]:
    """What every model is told, whatever it is."""
    return {
        "model_seconds": settings.model_seconds,
        "clip_seconds": settings.clip_seconds,
        "clip_height": settings.clip_height,
        "codec": settings.codec,
    }
