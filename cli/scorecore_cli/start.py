"""The program as it is started: what ends it from outside is taken care of before anything else is imported."""

import os
import sys
from pathlib import Path

INTERRUPTED = 130
"""The exit code of a program that was interrupted, as shells have it."""
FAILED = 1


def main() -> None:
    """Run the program; whatever happens to its input and output, it ends with a code and without a traceback."""
    _open_closed_streams()
    try:
        if sys.argv[1:] == ["--version"]:
            from importlib.metadata import version  # noqa: PLC0415  all that has to be loaded for it

            sys.stdout.write(f"scorecore {version('scorecore')}\n")
            sys.exit(_flush(0))
        from scorecore_cli.main import main as run  # noqa: PLC0415  it may be interrupted while it is imported

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        sys.exit(INTERRUPTED if _was_interrupted(ended) else _flush(ended.code))
    except OSError as error:
        _report(error)
        sys.exit(FAILED)
    sys.exit(_flush(0))


def _open_closed_streams() -> None:
    """Give closed streams their numbers back, so that no file that is opened later is taken for them."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  open as long as the program runs
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  nothing can be written to it, which is said
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  there is nobody to tell


def _was_interrupted(ended: SystemExit) -> bool:
    """Whether click ended the program because of an interrupt, which it calls aborted."""
    aborted = ended.__context__
    return aborted is not None and isinstance(aborted.__context__, KeyboardInterrupt)


def _flush(code: int | str | None) -> int | str | None:
    """Write what is still in memory, while it can be said that this fails."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _report(error)
        return code or FAILED
    return code


def _report(error: OSError) -> None:
    """Say what the system refused, and write nothing more to the output."""
    try:
        from scorecore_cli.third_party_messages import describe_os_error  # noqa: PLC0415  as above

        sys.stderr.write(f"scorecore: {describe_os_error(error)}\n")
        sys.stderr.flush()
    except OSError:
        pass
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes once more when it ends
