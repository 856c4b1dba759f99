"""What workers of the workbench are asked in tests."""

import os
import time

from scorecore_web.progress import report_progress
from scorecore_web.refusals import Refusal
from scorecore_web.workbench import Workbench


def name_folder(workbench: Workbench) -> str:
    return workbench.folder.name


def sleep(_workbench: Workbench, seconds: float) -> int:
    report_progress("sleeping", 1, 3)
    time.sleep(seconds)
    return os.getpid()


def eat_memory(_workbench: Workbench) -> int:
    return len(bytearray(16 * 2**30))


def die(_workbench: Workbench) -> None:
    os.abort()


def fail(_workbench: Workbench) -> None:
    raise ZeroDivisionError


def refuse(_workbench: Workbench) -> None:
    raise Refusal(404, "there is none")


def print_something(_workbench: Workbench) -> str:
    os.write(1, b"this is not an answer")
    return "printed"
