"""A table of the same name that somebody else keeps."""

import sqlite3
from contextlib import closing

with closing(sqlite3.connect("report.sqlite")) as database:
    database.execute("create table decisions (id integer, meeting text)")
    database.commit()
