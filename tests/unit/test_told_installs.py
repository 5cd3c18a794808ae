"""What people are told to install when something is missing."""

import re
import sys
from pathlib import Path

import pytest

from model_proc.diffusion.loading import OWN_FILES, NotLoaded
from model_proc.diffusion.model import DiffusersModel

ROOT = Path(__file__).parent.parent.parent


def test_without_the_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(NotLoaded) as raised:
        DiffusersModel("owner/name").load()
    assert str(raised.value) == "diffusers is not installed: pip install -e '.[diffusers]' in Leyline's folder"


def test_nobody_is_told_to_install_a_package_of_our_name_from_a_registry() -> None:
    """There is one, and it is somebody else's."""
    told = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(path for package in ("leyline", "model_proc", "web") for path in (ROOT / package).rglob("*.py")),
    ]
    assert len(told) > 50
    from_registry = re.compile(r"pip install (?:-\S+ )*['\"]?leyline\b", re.IGNORECASE)
    assert from_registry.search("pip install 'leyline[diffusers]'")
    assert [path.name for path in told if from_registry.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("page", ["README.md", "docs/models.md"])
def test_the_guide_fetches_no_more_than_the_pipelines_files(page: str) -> None:
    fetches = re.findall(r"hf download (\S+) ?(.*)", (ROOT / page).read_text(encoding="utf-8"))
    assert fetches == [("Lightricks/LTX-Video", OWN_FILES)]
