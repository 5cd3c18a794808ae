"""Containers of the image that is tested, started as compose.yaml says, by podman."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.live_server import DEADLINE_SECONDS
from tests.proxies import free_port

ROOT = Path(__file__).parents[2]
IMAGE = os.environ.get("LEYLINE_IMAGE_UNDER_TEST", "")
SERVICE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["leyline"]
PODMAN = ("podman", "--storage-driver", "vfs", "--runtime", shutil.which("runc") or "runc")
# The tests may run in a container themselves, which has no bridge to map a port on and may not raise its limits.
NESTED = (
    "--network",
    "host",
    "--cgroups",
    "no-conmon",
    "--ulimit",
    "nofile=4096:4096",
    "--ulimit",
    "nproc=4096:4096",
)


def podman(*words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([*PODMAN, *words], capture_output=True, text=True, timeout=2 * DEADLINE_SECONDS)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def as_composed(volume: str) -> list[str]:
    """What compose.yaml says of the service, as podman's options."""
    (mount,) = SERVICE["volumes"]
    options = ["--volume", f"{volume}:{mount.split(':')[1]}"]
    options += [word for folder in SERVICE["tmpfs"] for word in ("--tmpfs", folder)]
    options += [word for each in SERVICE["cap_drop"] for word in ("--cap-drop", each)]
    options += [word for each in SERVICE["security_opt"] for word in ("--security-opt", each)]
    options += [flag for key, flag in (("read_only", "--read-only"), ("init", "--init")) if SERVICE[key]]
    return [*options, "--stop-timeout", SERVICE["stop_grace_period"].removesuffix("s")]


def told(**variables: Any) -> list[str]:
    return [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]


class Container:
    """One that runs until its `with` block ends; `settings` by name, as `leyline serve` has them."""

    def __init__(self, volume: str, **settings: Any) -> None:
        self.name = f"leyline-{secrets.token_hex(4)}"
        self.url = f"http://localhost:{settings.setdefault('port', free_port())}"
        variables = [
            word for key, value in settings.items() for word in ("--env", f"LEYLINE_{key.upper()}={value}")
        ]
        podman("run", "--detach", "--name", self.name, *NESTED, *as_composed(volume), *variables, IMAGE)

    def __enter__(self) -> "Container":
        try:
            self.until(self.healthy, "it is healthy")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        podman("rm", "--force", "--time", "0", self.name, check=False)

    def run(self, *words: str, check: bool = True, **variables: str) -> "subprocess.CompletedProcess[str]":
        """A command in it, beside the server."""
        return podman("exec", *told(**variables), self.name, *words, check=check)

    def healthy(self) -> bool:
        return podman("healthcheck", "run", self.name, check=False).returncode == 0

    def log(self) -> str:
        done = podman("logs", self.name)
        return done.stdout + done.stderr

    def stop(self) -> int:
        """Its exit code: 137 where it had to be killed."""
        podman("stop", self.name)
        return int(podman("inspect", "--format", "{{.State.ExitCode}}", self.name).stdout)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"never: {what}. {self.log()[-2000:]}"
            time.sleep(0.2)
