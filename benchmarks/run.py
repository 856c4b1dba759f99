"""Runs every benchmark. It fails if a row differs or a program errs, never because something was slow."""

import subprocess
import sys

import sidebyside

SCRIPTS = (
    "compile.py",
    "editor.py",
    "workbench.py",
    "rows.py",
    "dicts.py",
    "broker_month.py",
    "galaxy.py",
    "command.py",
    "impact.py",
    "record.py",
    "replay.py",
    "workbooks.py",
    "databases.py",
)


def main() -> int:
    failed = []
    for script in SCRIPTS:
        print(f"\n== {script}", flush=True)
        done = subprocess.run([sys.executable, str(sidebyside.HERE / script), *sys.argv[1:]], check=False)
        failed += [script] if done.returncode else []
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
