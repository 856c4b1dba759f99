"""A database in which the table has another name."""

import sqlite3
from contextlib import closing

with closing(sqlite3.connect("hr.sqlite")) as database:
    database.execute("create table employees (person text, month text, volume text)")
    database.commit()
