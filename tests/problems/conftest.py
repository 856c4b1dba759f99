"""The Python files here are inputs of `test_problems.py`: broken plugins, and makers of files. They hold no tests."""

collect_ignore_glob = ["*/*.py"]
