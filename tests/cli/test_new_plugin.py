"""A new plugin works at once: it installs, is listed, passes its tests, and so does the wheel that is made of it."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import scorecore_cli
from fresh import Fresh
from scorecore_cli.language import choose
from scorecore_cli.main import scorecore

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(scorecore_cli.__file__).parent / "templates" / "plugin"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    return Fresh.made(tmp_path_factory.mktemp("fresh") / "venv")


@pytest.mark.slow
def test_a_new_plugin_works(fresh: Fresh, tmp_path: Path) -> None:
    """What is written installs, is listed in both languages, and passes its tests."""
    fresh.run("scorecore plugin new shop-bonus", tmp_path)
    package = tmp_path / "shop-bonus"
    fresh.run("pip install -q -e '.[test]'", package)
    listed = [
        json.loads(fresh.run(f"scorecore plugin list --json --lang {language}", package)) for language in ("en", "zh")
    ]
    bonus_scorers = [next(scorer for scorer in each["scorers"] if scorer["name"] == "shop-bonus") for each in listed]
    assert [scorer["summary"] for scorer in bonus_scorers] == [
        "Give points for each event. The item opens empty.",
        "每个事件给分。项目从零分开始。",
    ]
    assert "10 passed" in fresh.run("pytest", package)
    assert "2 cases run, 0 failed" in fresh.run("scorecore test tests", package)
    fresh.run("pip uninstall -q -y shop-bonus", package)


@pytest.mark.slow
def test_its_wheel_works(fresh: Fresh, tmp_path: Path) -> None:
    """The wheel that is made of it has the module and the entry point, and passes the tests without the source."""
    fresh.run("scorecore plugin new new-bonus --out made", tmp_path)
    fresh.run("pip wheel -q --no-deps -w dist ./made", tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert {name for name in zipfile.ZipFile(wheel).namelist() if "dist-info" not in name} == {"new_bonus.py"}
    fresh.run(f"pip install -q '{wheel}'", tmp_path)
    (tmp_path / "made" / "new_bonus.py").unlink()
    assert "10 passed" in fresh.run("pytest made/tests", tmp_path)
    fresh.run("pip uninstall -q -y new-bonus", tmp_path)


@pytest.mark.slow
def test_our_wheel_has_the_parts_of_a_new_plugin(tmp_path: Path) -> None:
    """The wheel of scorecore has the template, file by file, and the plugins that come with it."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in TEMPLATE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {f"scorecore_cli/templates/plugin/{path.relative_to(TEMPLATE).as_posix()}" for path in files} <= names
    assert {"scorecore_extras/sqlite.py", "scorecore/kit/__init__.py", "scorecore/locale/zh.po"} <= names


def made(*arguments: str, language: str = "en") -> tuple[int, str]:
    try:
        result = CliRunner().invoke(scorecore, ["plugin", "new", *arguments, "--lang", language])
    finally:
        choose(["--lang", "en"])
    return result.exit_code, " ".join(re.sub("[│╭╮╰╯─]", "", result.output).split())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Shop", "Shop cannot be a name"),
        ("shop_bonus", "shop_bonus cannot be a name"),
        ("shop--bonus", "shop--bonus cannot be a name"),
        ("../shop", "../shop cannot be a name"),
        ("class", "class cannot be a name"),
        ("a" * 41, "cannot be a name"),
        ("target", "target is taken"),
        ("json", "json is taken"),
    ],
)
def test_names_that_cannot_be(name: str, message: str, tmp_path: Path) -> None:
    """A name that could not be installed, or is taken, is a mistake of usage, and nothing is written."""
    code, output = made(name, "--out", str(tmp_path / "new"))
    assert code == 2
    assert message in output
    assert not (tmp_path / "new").exists()


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """A folder with something in it, and a file, are left as they are."""
    (tmp_path / "file").write_text("mine", "utf-8")
    for out in (tmp_path, tmp_path / "file"):
        assert made("bonus", "--out", str(out))[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert made("bonus", "--out", str(tmp_path / "file" / "new"))[0] == 1


def test_it_says_what_is_next(tmp_path: Path) -> None:
    """What was written and what to do next is said, in Chinese too."""
    code, output = made("bonus", "--out", str(tmp_path / "new"), language="zh")
    assert code == 0
    assert "已写入" in output
    assert output.endswith("pip install -e '.[test]' scorecore plugin list pytest")


def test_no_name_of_the_template_is_left(tmp_path: Path) -> None:
    """Every name of the template is replaced, in paths and in texts."""
    assert made("bonus", "--out", str(tmp_path))[0] == 0
    for path in tmp_path.rglob("*"):
        assert "new" not in path.name
        assert path.is_dir() or not re.search("new.?plugin|NP101", path.read_text("utf-8"), re.IGNORECASE)
