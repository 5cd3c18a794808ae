"""The rules that the file tree rests on: who may import whom, and who speaks what."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("leyline", "model_proc", "web")

# The rooms, and which others each may import. Nothing else does, and no arrow runs back up.
BESIDE = {
    "settings",
    "errors",
    "formats",
    "text",
    "times",
    "network",
    "service",
    "logs",
    "origins",
    "media",
    "data_folder",
    "turns",
}  # the few files that belong to no room
ARROWS: dict[str, set[str]] = {
    **{name: {"errors", "data_folder"} for name in BESIDE},
    "settings": {"errors", "data_folder", "origins"},
    "logins": {"line", "errors"},
    "push": {"line", *BESIDE},
    "webhooks": {"line", "push", *BESIDE},
    "flags": {"settings"},
    "systemd": {"settings", "flags"},
    "cluster": {"processes", "settings", "flags", "errors", "data_folder", "network", "text", "logs", "model_proc"},
    "models": {"flags", "text"},
    "completion": set(),
    "standby": {"data_folder", "errors", "service"},
    "upkeep": {
        "settings",
        "flags",
        "errors",
        "data_folder",
        "text",
    },  # it looks at files, whether a server runs or not
    "cli": set(),
    "__main__": {"cli"},
    "cenc": set(),  # the format of a master: the model process writes it, watching reads it
    "client": {
        "flags",
        "errors",
        "formats",
        "text",
        "data_folder",
        "parameters",
    },  # the last: it checks before it sends
    "processes": {"text"},  # what a child prints is made fit to be shown
    "parameters": {"errors", "text"},
    "line": {"processes", "parameters", *BESIDE},
    "pictures": {"processes", *BESIDE},
    "intake": {"line", "pictures", "parameters", "webhooks", *BESIDE},
    "watching": {"line", "cenc", "processes", *BESIDE},
    "web": {
        "line",
        "parameters",
        "pictures",
        "intake",
        "watching",
        "webhooks",
        "logins",
        "push",
        "standby",
        "processes",
        "cluster",
        "flags",
        "model_proc",
        *BESIDE,
    },
    "model_proc": {"processes", "cenc", "text", "parameters"},  # the last: what is declared is held to the same
}

# What runs in a child process, and the little that it may import when it starts.
CHILD_MODULES = {
    "leyline/processes/protocol.py": set(),
    "leyline/processes/lifeline.py": set(),
    "leyline/processes/output.py": {"leyline.text"},
    "model_proc/loop.py": {
        "leyline.processes.protocol",
        "leyline.processes.lifeline",
        "leyline.processes.output",
        "leyline.text",
        "model_proc.catalogue",
        "model_proc.parameters",
    },
    "model_proc/catalogue.py": set(),
    "model_proc/parameters.py": set(),
    "leyline/text.py": set(),
    "model_proc/burning.py": {"leyline.processes.protocol", "leyline.processes.lifeline"},
    "model_proc/glimpsing.py": {"leyline.processes.protocol", "leyline.processes.lifeline"},
    "leyline/pictures/loop.py": {
        "leyline.errors",
        "leyline.processes.protocol",
        "leyline.processes.lifeline",
    },
}
SPEAK_SQL = {
    "leyline/line/store.py",
    "leyline/line/videos.py",
    "leyline/line/moves.py",
    "leyline/line/places.py",
    "leyline/line/writer.py",
    "leyline/line/migrations.py",
    "leyline/line/database.py",
    "leyline/line/tables.py",
    "leyline/line/known_schema.py",
    "leyline/webhooks/outbox.py",
    "leyline/logins.py",
    "leyline/push/subscriptions.py",
    "leyline/watching/links.py",
    "leyline/watching/ledger.py",
    "leyline/upkeep/snapshot.py",
}
PURE = {
    "leyline/line/tasks.py",
    "leyline/line/failures.py",
    "leyline/parameters/schema.py",
    "leyline/parameters/values.py",
    "leyline/processes/protocol.py",
    "leyline/processes/states.py",
    "leyline/errors.py",
    "leyline/text.py",
}
IO_MODULES = {"asyncio", "os", "pathlib", "sqlite3", "time", "threading", "socket", "subprocess"}


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def top_level_imports(path: Path) -> set[str]:
    """The modules that importing this one imports; not those inside functions or for type checkers only."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        found |= _modules(node)
    return found


def all_imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        found |= _modules(node)
    return found


def _modules(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def room(module: str) -> str:
    """The room that a module, by its dotted name, lies in; "" for what is not ours."""
    package, _, rest = module.partition(".")
    if package == "leyline":
        return rest.partition(".")[0]
    return package if package in PACKAGES else ""


def room_of(path: Path) -> str:
    return room(".".join(path.relative_to(ROOT).with_suffix("").parts))


@pytest.mark.parametrize("path", sources(), ids=name)
def test_arrows_run_only_where_they_are_drawn(path: Path) -> None:
    here = room_of(path)
    if here == "__init__":  # of `leyline` itself
        assert not all_imports(path)
        return
    entered = {room(module) for module in all_imports(path)} - {here, ""}
    assert entered <= ARROWS[here], f"{name(path)} is in {here}, which knows only {sorted(ARROWS[here])}"


def test_every_room_is_drawn() -> None:
    assert {room_of(path) for path in sources()} - {"__init__"} == set(ARROWS)


def test_only_the_composition_root_knows_the_model_process() -> None:
    knows = [name(path) for path in sources() if "model_proc" in packages(all_imports(path))]
    outside = [path for path in knows if not path.startswith("model_proc/")]
    assert outside == ["leyline/cluster/device.py", "web/processes.py", "web/server.py"], (
        "what a worker's child and a server's begin with"
    )


@pytest.mark.parametrize("path", [path for path in sources() if path.parent.name == "model_proc"], ids=name)
def test_the_model_process_knows_of_the_core_only_what_is_said_to_it_and_what_it_writes(path: Path) -> None:
    modules = all_imports(path)
    assert not packages(modules) & {"web", "tornado", "sqlite3", "sqlite_utils"}
    core = {module for module in modules if module.startswith("leyline.")}
    said = (
        "leyline.processes.protocol",
        "leyline.processes.lifeline",
        "leyline.processes.output",
        "leyline.cenc",
        "leyline.text",
        "leyline.parameters",
    )
    assert all(module == "leyline.processes" or module.startswith(said) for module in core)


@pytest.mark.parametrize("module", CHILD_MODULES)
def test_what_spawn_imports_in_the_child_is_light(module: str) -> None:
    imported = top_level_imports(ROOT / module)
    assert packages(imported) <= {*sys.stdlib_module_names, *PACKAGES}
    ours = {each for each in imported if (ROOT / f"{each.replace('.', '/')}.py").is_file()}
    assert ours <= CHILD_MODULES[module]


@pytest.mark.parametrize("path", sources(), ids=name)
def test_only_the_store_the_links_and_the_ledger_speak_sql(path: Path) -> None:
    if name(path) not in SPEAK_SQL:
        assert not packages(all_imports(path)) & {"sqlite3", "sqlite_utils"}


CHANGES_TASKS = re.compile(r"\b(UPDATE|INTO|DELETE\s+FROM)\s+(tasks|line|durations)\b", re.I)


@pytest.mark.parametrize("path", sources(), ids=name)
def test_only_the_one_writer_moves_a_task(path: Path) -> None:
    written = [
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHANGES_TASKS.search(node.value)
    ]
    if name(path) == "leyline/line/moves.py":
        assert written
    elif name(path) != "leyline/line/migrations.py":
        assert not written


@pytest.mark.parametrize("path", sources(), ids=name)
def test_only_the_one_writer_tells_of_a_move(path: Path) -> None:
    told = {"task_changed", "task_gone", "run_started", "run_unwanted", "run_ended", "line_changed"}
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert name(path) in ("leyline/line/moves.py", "leyline/line/writer.py") or not calls & told


@pytest.mark.parametrize("module", sorted(PURE))
def test_what_is_pure_does_no_io_and_reads_no_clock(module: str) -> None:
    assert not packages(all_imports(ROOT / module)) & IO_MODULES


def test_the_command_imports_nothing_heavy_at_its_top() -> None:
    """Spawn runs the command's module again in each child."""
    modules = all_imports(ROOT / "leyline" / "cli.py")
    assert packages(modules) - set(sys.stdlib_module_names) <= {"click"}


def test_there_is_no_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not drawers & {path.stem for path in sources()}


@pytest.mark.parametrize("path", sources(), ids=name)
def test_each_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "a module begins with what it owns"


ENDS_WITH_AN_ERROR = {
    "leyline/line/canceling.py": "the request that it is for has that for its answer",
    "leyline/line/writer.py": "the move that it is for is not made",
    "leyline/line/trash.py": "the request that it is for has that for its answer",
    "leyline/cluster/carrying.py": "the run that it is for is lost",
    "leyline/cluster/errand.py": "lines that a model printed are told once more at the run's end",
    "leyline/cluster/remote.py": "the run that it is for is given up, as after a bug of the line's own",
    "leyline/cluster/transfers.py": "the transfer that it is for fails, and with it the run",
    "leyline/client/submission.py": "the command's own display, on a terminal where somebody sees it stand still",
    "web/live.py": "the socket that it is for is closed, and says so in the log",
}


@pytest.mark.parametrize("path", sources(), ids=name)
def test_a_loop_on_the_event_loop_that_never_ends_outlives_its_errors(path: Path) -> None:
    endless = [
        loop
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
        for loop in ast.walk(function)
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant)
    ]
    for loop in endless:
        caught = {
            ast.unparse(each.type) for each in ast.walk(loop) if isinstance(each, ast.ExceptHandler) and each.type
        }
        assert "Exception" in caught or name(path) in ENDS_WITH_AN_ERROR
