"""What a worker may be asked to do that goes wrong, importable by name in a worker process."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from pointmass.experiment.cell import fit_cell


def work(task: Any) -> Any:
    """Do what the task names; anything else is returned as it is."""
    return _FAULTS.get(task, lambda: task)()


def refuse(task: Any) -> bytes:
    """Fail, whatever the cell."""
    raise ValueError(f"no fit of {task.cell.estimator}")


def eat_memory(task: Any) -> bytes:
    """Ask for more memory than the system gives where the cell is one of ``mle``, else fit it."""
    if task.cell.estimator == "mle":
        _out_of_memory()
    return fit_cell(task)


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed_while_sending() -> bytes:
    """Die when part of the result is in the pipe: the pipe holds 64 kB, and the reader is slow to ask."""
    content = b"x" * 200_000_000
    threading.Thread(target=lambda: (time.sleep(0.2), _killed()), daemon=True).start()
    return content


def _out_of_memory() -> int:
    limit = 2 * 10**9
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return len(bytearray(10 * limit))


def _with_a_child() -> int:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(os.environ["POINTMASS_TEST_CHILD"], "w", encoding="ascii") as stream:
        stream.write(str(child.pid))
    return child.wait()


def _error() -> None:
    raise ValueError("bad value")


def _babble() -> None:
    """Print without end, on every way out, and fail with as long a message."""
    for _ in range(1000):
        print("x" * 100_000)
        os.write(2, b"x" * 100_000)
    raise ValueError("y" * 10_000_000)


_FAULTS = {
    "babble": _babble,
    "killed": _killed,
    "killed while sending": _killed_while_sending,
    "segmentation fault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "error": _error,
    "out of memory": _out_of_memory,
    "sleep": lambda: time.sleep(600),
    "with a child": _with_a_child,
    "process": lambda: (os.getpid(), os.getpgid(0)),
    "threads": lambda: {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")},
    "main": lambda: getattr(sys.modules["__main__"], "__file__", None),
    "start method": lambda: type(sys.modules["multiprocessing"].current_process()).__name__,
}
