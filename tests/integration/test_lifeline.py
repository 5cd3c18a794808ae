"""A child process of the server's whose server is dead before the child has asked to die with it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SERVER = """
import multiprocessing, os, time
from leyline.processes.lifeline import end_with_the_server

def child(pipe):
    server = multiprocessing.parent_process().pid
    try:
        pipe.recv_bytes()
    except EOFError:
        while os.getppid() == server:  # its pipes are closed a moment before it is gone
            time.sleep(0.001)
    print("orphaned", flush=True)
    end_with_the_server()
    print("lives on", flush=True)

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    ours, childs = spawn.Pipe()
    spawn.Process(target=child, args=(childs,)).start()
    childs.close()
    os._exit(0)
"""


def test_a_child_whose_server_died_first_ends_as_well(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    command = [sys.executable, script]
    # The child holds the output as well: this returns when both have ended.
    said = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.stderr) == ("orphaned\n", "")
