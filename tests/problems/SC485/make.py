"""A column of binary numbers with seven digits."""

import duckdb

with duckdb.connect("hr.duckdb") as database:
    database.execute("create table staff (person varchar, month varchar, volume float)")
