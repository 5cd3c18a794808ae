"""What docs/deploying has, held to each one's own schema or checker. Nothing of it is started here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from leyline import cli, settings

FOLDER = Path(__file__).parents[2] / "docs" / "deploying"
PAGE = FOLDER / "README.md"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
MANIFESTS = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))


def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)


def test_compose_files_schema_takes_it() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    done = run(sys.executable, "-m", "check_jsonschema", *schema, FOLDER / "compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_kubernetes_schemas_take_each_manifest() -> None:
    done = run(Path(sys.executable).parent / "kubernetes-validate", "--strict", FOLDER / "kubernetes.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" passed ") + done.stderr.count(" passed ") == len(MANIFESTS)


def test_bash_and_where_it_is_shellcheck_take_the_slurm_job(request: pytest.FixtureRequest) -> None:
    job = FOLDER / "worker.sbatch"
    assert run("bash", "-n", job).stderr == ""
    if checker := shutil.which("shellcheck"):
        assert run(checker, job).stdout == ""
    else:
        request.config.get_terminal_writer().line("shellcheck is not here: the Slurm job was only parsed.")


def test_slurm_finds_the_options_of_the_job_before_its_first_command() -> None:
    lines = (FOLDER / "worker.sbatch").read_text().splitlines()
    options = [at for at, line in enumerate(lines) if line.startswith("#SBATCH ")]
    commands = [at for at, line in enumerate(lines) if line and not line.startswith("#")]
    assert lines[0] == "#!/bin/bash"
    assert options
    assert max(options) < min(commands)


def test_the_slurm_job_gives_the_worker_its_file_and_each_gpu(tmp_path: Path) -> None:
    """With a srun that only says what it would run."""
    (tmp_path / "srun").write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    (tmp_path / "srun").chmod(0o755)

    def words(**variables: str) -> list[str]:
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": "/home/me"} | variables
        done = subprocess.run(
            ["bash", FOLDER / "worker.sbatch"], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split("|")[:-1]

    assert words() == ["leyline", "worker", "--join", "/home/me/worker.join"]
    assert words(LEYLINE="/opt/a b/leyline", LEYLINE_JOIN="/x y", CUDA_VISIBLE_DEVICES="2,3") == [
        *("/opt/a b/leyline", "worker", "--join", "/x y", "--devices", "2,3")
    ]


def commands() -> list[list[str]]:
    """Each command line that a container is started with."""
    pods = [manifest["spec"]["template"]["spec"] for manifest in MANIFESTS if "template" in manifest["spec"]]
    ofs_pods = [container["args"] for pod in pods for container in pod["containers"]]
    return [service["command"] for service in COMPOSE["services"].values()] + ofs_pods


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_container_starts_with_a_command_and_options_that_there_are(words: list[str]) -> None:
    shown = CliRunner().invoke(cli.main, [words[0], "--help"]).output
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", shown), f"leyline {words[0]} has no {option}"


def test_the_settings_of_the_front_doors_are_good_ones() -> None:
    for command in (words for words in commands() if words[0] == "serve"):
        flags = {name.removeprefix("--").replace("-", "_"): value for name, value in zip(*[iter(command[1:])] * 2)}  # noqa: B905
        loaded = settings.load(flags, {})
        assert (loaded.cluster, loaded.local_models) == ("0.0.0.0:8786", 0)


def test_workers_have_their_join_file_where_it_is_looked_for() -> None:
    for name, service in COMPOSE["services"].items():
        if name.startswith("worker"):
            ((secret,),) = ([*service["secrets"]],)
            assert service["command"][-1] == f"/run/secrets/{secret['target']}"
            assert COMPOSE["secrets"][secret["source"]] == {"file": f"./{name}.join"}
    (worker,) = (each for each in MANIFESTS if each["kind"] == "Deployment")
    pod = worker["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    folder = next(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "join")
    assert container["args"][-1] == f"{folder}/worker.join"
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert (
        next(volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume) == "leyline-worker"
    )


def test_there_are_never_two_front_doors_on_one_data_folder() -> None:
    (front,) = (each for each in MANIFESTS if each["kind"] == "StatefulSet")
    assert front["spec"]["replicas"] == 1
    (claim,) = front["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_the_page_says_of_each_piece_what_was_shown(path: Path) -> None:
    if path != PAGE and path.suffix != ".dockerignore":
        (row,) = (
            line for line in PAGE.read_text().splitlines() if line.startswith("|") and f"[{path.name}]" in line
        )
        assert len(row.split("|")) == 5
