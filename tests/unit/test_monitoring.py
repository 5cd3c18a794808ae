"""The files for Prometheus and Grafana: they are what these programs read, and read what the server tells."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "monitoring"
MONITORING = (ROOT / "docs" / "monitoring.md").read_text()
ALERTS = (FOLDER / "alerts.yml").read_text()
BOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
TESTED = (ROOT / "tests" / "monitoring" / "alerts.test.yml").read_text()
METRIC = re.compile(r"\b(?:leyline|process)_\w+")
OF_GRAFANA = {"$__rate_interval": "5m", "$instance": ".*"}


def promtool(*arguments: str | Path) -> str:
    """What it says when all is well; the test fails on anything else."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("LEFT OUT: promtool is not here (Debian: prometheus)")
    ran = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def expressions() -> Iterator[str]:
    """Each query of the dashboard, as Prometheus gets it."""
    targets = [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", ())]
    for each in (*targets, *(note["expr"] for note in BOARD["annotations"]["list"])):
        for name, value in OF_GRAFANA.items():
            each = each.replace(name, value)
        yield each


def told(name: str) -> bool:
    """Whether the documentation, which a test holds to the server's answer, knows the metric of this series."""
    metric = re.sub(r"_(bucket|count|sum)$", "", name)
    return f"`{metric}`" in MONITORING


def test_promtool_reads_the_alerts() -> None:
    found = len(re.findall(r"- alert: \w+", ALERTS))
    assert f"SUCCESS: {found} rules found" in promtool("check", "rules", FOLDER / "alerts.yml")


def test_each_alert_is_raised_by_what_it_is_for_and_by_nothing_near_it() -> None:
    assert "SUCCESS" in promtool("test", "rules", ROOT / "tests" / "monitoring" / "alerts.test.yml")


def test_promtool_reads_each_query_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(expressions())]
    assert len(rules) > 30
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"SUCCESS: {len(rules)} rules found" in promtool("check", "rules", tmp_path / "rules.yml")


def test_the_configuration_in_the_documentation_is_one(tmp_path: Path) -> None:
    [shown] = re.findall(r"```yaml\n(.*?)```", MONITORING, re.DOTALL)
    (tmp_path / "alerts.yml").write_text(ALERTS)
    token = tmp_path / "token"
    token.write_text("secret")
    (tmp_path / "prometheus.yml").write_text(shown.replace("/etc/prometheus/leyline-token", str(token)))
    assert "1 rule files found" in promtool("check", "config", tmp_path / "prometheus.yml")


@pytest.mark.parametrize("text", [ALERTS, *expressions()])
def test_what_is_asked_for_is_told(text: str) -> None:
    exprs = re.findall(r"expr: (?:>-\n)?((?:.|\n {10})+)", text) if text is ALERTS else [text]
    asked = {name for each in exprs for name in METRIC.findall(each)}
    assert asked and {name for name in asked if not told(name)} == set()


def test_each_alert_has_a_test_a_line_in_the_documentation_and_something_to_do() -> None:
    names = re.findall(r"- alert: (\w+)", ALERTS)
    assert len(names) == len(set(names)) > 10
    assert ALERTS.count("summary: ") == ALERTS.count("action: ") == len(names)
    assert re.findall(r"^\| `(Leyline\w+)` \|", MONITORING, re.MULTILINE) == names
    assert set(re.findall(r"Leyline\w+", TESTED)) == set(names)


def test_no_panel_lies_upon_another() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    for one, other in combinations(places, 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or below, (one, other)
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_panels_and_queries_are_told_apart_and_ask_the_chosen_source() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in BOARD["panels"]:
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            references = [target["refId"] for target in panel["targets"]]
            assert len(references) == len(set(references)) > 0
            assert panel["title"]


LOGGED = (
    '{"time": "2030-01-01T00:00:00.000+00:00", "level": "error", "logger": "leyline.line", "event": "failed", '
    '"task": "%s", "run": 1, "code": "model_error", "reason": "no"}\n'
    '{"time": "2030-01-01T00:00:01.000+00:00", "level": "info", "logger": "leyline.web", "event": "request"}\n'
)
TASK_ID = "0123456789abcdef" * 2


@pytest.mark.parametrize("command", re.findall(r"```sh\n(journalctl .*?)\n```", MONITORING, re.DOTALL))
def test_each_command_for_the_log_finds_what_it_is_for(tmp_path: Path, command: str) -> None:
    """A journal that holds two lines stands in for systemd's own."""
    if "jq " in command and shutil.which("jq") is None:
        pytest.skip("LEFT OUT: jq is not here (Debian: jq)")
    logged = (
        LOGGED % TASK_ID if "jq" in command else f"INFO leyline.line event=failed task={TASK_ID} run=1\nother\n"
    )
    (tmp_path / "logged").write_text(logged)
    (tmp_path / "journalctl").write_text(f"#!/bin/sh\ncat {tmp_path}/logged\n")
    (tmp_path / "journalctl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TASK_ID": TASK_ID}
    ran = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.count(TASK_ID) == 1 and "other" not in ran.stdout and "request" not in ran.stdout


def test_both_commands_are_there() -> None:
    assert len(re.findall(r"```sh\njournalctl ", MONITORING)) == 2
