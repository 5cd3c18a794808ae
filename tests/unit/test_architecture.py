"""The rules that the file tree rests on: who may import whom, and who speaks what."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("leyline", "model_proc", "web")
CORE = sorted(path.stem for path in (ROOT / "leyline").glob("*.py"))

# What runs in a child process, and the little that it may import when it starts.
CHILD_MODULES = {
    "leyline/protocol.py": set(),
    "model_proc/lifeline.py": set(),
    "model_proc/loop.py": {"leyline.protocol", "model_proc.lifeline"},
    "leyline/picture_loop.py": {"leyline.errors", "model_proc.lifeline"},
}
SPEAK_SQL = {"leyline/store.py", "leyline/links.py", "leyline/migrations.py", "leyline/database.py"}
PURE = {"leyline/tasks.py", "leyline/protocol.py", "leyline/errors.py", "leyline/failures.py"}
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


@pytest.mark.parametrize(
    "path", [path for path in sources() if "leyline" in path.relative_to(ROOT).parts], ids=name
)
def test_the_core_knows_no_web(path: Path) -> None:
    if path.name == "cli.py":
        assert "web" not in packages(top_level_imports(path)), "the command starts the server, but late"
    else:
        assert "web" not in packages(all_imports(path))


@pytest.mark.parametrize("path", [path for path in sources() if path.parent.name == "model_proc"], ids=name)
def test_the_model_process_knows_of_the_core_only_the_protocol(path: Path) -> None:
    modules = all_imports(path)
    assert not packages(modules) & {"web", "tornado", "sqlite3", "sqlite_utils"}
    core = {module for module in modules if module.startswith("leyline.")}
    assert core <= {"leyline.protocol"} | {m for m in core if m.startswith("leyline.protocol.")}


@pytest.mark.parametrize("module", CHILD_MODULES)
def test_what_spawn_imports_in_the_child_is_light(module: str) -> None:
    imported = top_level_imports(ROOT / module)
    assert packages(imported) <= {*sys.stdlib_module_names, *PACKAGES}
    ours = {each for each in imported if (ROOT / f"{each.replace('.', '/')}.py").is_file()}
    assert ours <= CHILD_MODULES[module]


@pytest.mark.parametrize("path", sources(), ids=name)
def test_only_the_store_and_the_links_speak_sql(path: Path) -> None:
    if name(path) not in SPEAK_SQL:
        assert not packages(all_imports(path)) & {"sqlite3", "sqlite_utils"}


@pytest.mark.parametrize("module", PURE)
def test_what_is_pure_does_no_io_and_reads_no_clock(module: str) -> None:
    assert not packages(all_imports(ROOT / module)) & IO_MODULES


def test_the_command_imports_nothing_heavy_at_its_top() -> None:
    """Spawn runs the command's module again in each child."""
    modules = top_level_imports(ROOT / "leyline" / "cli.py")
    assert packages(modules) - set(sys.stdlib_module_names) <= {"click", "leyline"}
    assert {module for module in modules if module.startswith("leyline.")} <= {
        "leyline.settings",
        "leyline.settings.SettingError",
        "leyline.errors",
        "leyline.errors.LeylineError",
        "leyline.errors.StartupError",
    }


def test_there_is_no_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not drawers & {path.stem for path in sources()}


@pytest.mark.parametrize("path", sources(), ids=name)
def test_each_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "a module begins with what it owns"
