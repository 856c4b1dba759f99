"""A fresh environment, as who writes a plugin has it: scorecore is there, and what is installed stays in it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from attrs import frozen


@frozen
class Fresh:
    """An environment in a folder; no network is asked."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Fresh":
        """A virtual environment that sees the packages of this one, and has pip, pytest and scorecore."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        inside = next(folder.glob("lib/python*/site-packages"))
        here = sysconfig.get_path("purelib")
        (inside / "parent.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")
        python = folder / "bin" / "python"
        runs = {"pip": "-m pip", "pytest": "-m pytest", "scorecore": "-m scorecore_cli"}
        for name, how in runs.items():
            script = folder / "bin" / name
            script.write_text(f'#!/bin/sh\nexec "{python}" {how} "$@"\n', "utf-8")
            script.chmod(0o755)
        return cls(folder)

    def run(self, command: str, where: Path, **variables: str) -> str:
        """What a line of a shell prints; fails where the line does."""
        unset = (
            "PYTHONPATH",
            "PYTEST_ADDOPTS",
            "PYTEST_CURRENT_TEST",
            "PYTEST_XDIST_WORKER",
            "VIRTUAL_ENV",
            "FORCE_COLOR",
        )
        env = {name: value for name, value in os.environ.items() if name not in unset}
        env |= {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PIP_NO_BUILD_ISOLATION": "no",  # what pip reads as --no-build-isolation
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "SCORECORE_LANG": "en",
            "COLUMNS": "120",
            **variables,
        }
        done = subprocess.run(
            ["/bin/sh", "-ec", command], cwd=where, env=env, capture_output=True, encoding="utf-8", check=False
        )
        assert not done.returncode, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout
