"""A front door's cluster from its settings: what workers are told to run, and how they show who they are.

Danger: on any address but this machine's own nobody joins without a certificate.
"""

import importlib
import importlib.util
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leyline.errors import StartupError
from leyline.network import is_loopback
from leyline.settings import Settings, host_and_port

if TYPE_CHECKING:
    from leyline.cluster.front import Cluster, Joins

MISSING = (
    "The engine for several machines is not installed. Install it: pip install -e '.[cluster]' in Leyline's folder."
)


def check_engine() -> None:
    """`StartupError` where the engine is not installed."""
    if importlib.util.find_spec("distributed") is None:
        raise StartupError(MISSING)


def be_ready() -> None:
    """Import what a cluster needs, which takes a while: a server that waits for its turn has it then."""
    check_engine()
    importlib.import_module("leyline.cluster.front")
    importlib.import_module("leyline.cluster.security")


def cluster_of(
    settings: Settings,
    settings_of_models: Mapping[str, float | str],
    fleet: "Joins",
    *,
    local_names: list[str],
    learn: Callable[[str], None],
) -> "Cluster":
    """The cluster that these settings describe; nothing runs yet. Raises `StartupError`."""
    check_engine()
    from leyline.cluster.front import Cluster
    from leyline.cluster.messages import Welcome
    from leyline.cluster.security import front_security

    host, _ = host_and_port(settings.cluster)
    welcome = Welcome(
        model=settings.model,
        options=json.dumps(settings.options),
        settings=json.dumps(dict(settings_of_models)),
        memory_limit_mb=settings.model_memory_mb,
        stall_seconds=settings.stall_seconds,
    )
    return Cluster(
        fleet,
        welcome,
        None if host == "localhost" or is_loopback(host) else front_security(settings.data_dir),
        silence_seconds=settings.worker_silence_seconds,
        names=lambda: set(local_names),
        learn=learn,
    )
