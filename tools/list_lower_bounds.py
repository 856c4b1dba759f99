"""Prints the least version of each dependency that pyproject.toml allows, as constraints for pip.

`.ci/run` installs these into an environment of their own and tries commands there; nothing else installs them.
"""

import re
import sys
from pathlib import Path
from typing import Final

import tomli

PROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"
BOUND: Final = re.compile(r"([A-Za-z0-9_.-]+)\s*>=\s*([0-9][^,;\s]*)")


def list_lower_bounds() -> dict[str, str]:
    """The least version of each dependency; raises ValueError for one without."""
    dependencies = tomli.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    bounds = {dependency: BOUND.match(dependency) for dependency in dependencies}
    if unbounded := [dependency for dependency, bound in bounds.items() if bound is None]:
        raise ValueError(f"without a least version: {', '.join(unbounded)}")
    return {bound[1]: bound[2] for bound in bounds.values() if bound}


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}=={version}\n" for name, version in list_lower_bounds().items()))
