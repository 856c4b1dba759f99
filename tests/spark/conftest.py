"""What is here needs the extra `spark`, which `.ci/run` installs for these tests alone."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("pyspark") else ["test_spark.py"]
