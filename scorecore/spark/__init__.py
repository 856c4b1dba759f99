"""Periods decided on Apache Spark: DataFrames in, DataFrames out, and exactly what one machine decides.

    import scorecore
    from scorecore.spark import decide

    policy = scorecore.load("policy.toml")
    may = decide(policy.program, "2024-05", {"person": people, "sales": sales, "history": earlier})
    may.decisions.write.parquet("decisions/period=2024-05")

The extra `spark` brings PySpark; scorecore has to be installed where Spark's Python workers run.
"""

from scorecore.spark.decide import SparkDecisions, decide

__all__ = ["SparkDecisions", "decide"]
