"""A process that does long work for the workbench, one request after the other, within limits of memory.

It is started by `worker_pool` and ends with the workbench, however that ends: when nothing can be asked any more.
"""

import importlib
import os
import pickle
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, Final

from scorecore_cli.language import add_catalogue, speaking
from scorecore_web.progress import Progress, listening
from scorecore_web.refusals import EXPECTED, Refusal, as_refusal
from scorecore_web.rendering import PACKAGE
from scorecore_web.work import MAX_MEMORY, Done, Failed, WorkRequest, refuse_memory
from scorecore_web.workbench import Workbench

MAX_KEPT: Final = 2
"""Results that a worker keeps: the workbench keeps its own."""


def main() -> None:
    """Answer requests until nobody can send one."""
    _limit_memory()
    # what is printed by mistake must not be read as an answer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    add_catalogue(PACKAGE)
    importlib.import_module("scorecore_web.application")  # so that the first request need not wait for it
    requests: SimpleQueue[WorkRequest] = SimpleQueue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    workbenches: dict[tuple[Path, Path | None], Workbench] = {}
    while True:
        request = requests.get()
        place = (request.folder, request.operator)
        if place not in workbenches:
            workbenches[place] = Workbench.open(*place)
            workbenches[place].max_kept = MAX_KEPT
        try:
            _send(answers, _answer(request, workbenches[place], answers))
        except BrokenPipeError:  # nobody is there any more who has asked
            os._exit(0)


def _read_requests(stream: BinaryIO, requests: "SimpleQueue[WorkRequest]") -> None:
    """Read them as they come; without a workbench there is nobody to work for, whatever is being done."""
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            requests.put(pickle.load(stream))  # noqa: S301  the workbench itself has written it
    os._exit(0)


def _limit_memory() -> None:
    with suppress(ImportError, AttributeError, ValueError, OSError):  # not every system can limit a process
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would have the facts of people


def _measure_memory() -> int:
    with suppress(ImportError):
        resource = importlib.import_module("resource")
        kilobyte = 1 if sys.platform == "darwin" else 1024
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * kilobyte
    return 0


def _answer(request: WorkRequest, workbench: Workbench, answers: BinaryIO) -> Done | Refusal | Failed:
    def tell(progress: Progress) -> None:
        _send(answers, progress)

    with speaking(request.language), listening(tell):
        try:
            return Done(request.work.function(workbench, *request.work.arguments), _measure_memory())
        except MemoryError:
            return refuse_memory()
        except EXPECTED as error:
            return as_refusal(error)
        except Exception:  # noqa: BLE001  of one request; the next one may be another
            traceback.print_exc()
            return Failed()


def _send(answers: BinaryIO, answer: Progress | Done | Refusal | Failed) -> None:
    pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()
