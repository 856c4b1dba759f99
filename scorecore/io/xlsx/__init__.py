"""Workbooks in the format .xlsx, read in a process of their own, which has no more than the standard library.

What matters in a workbook of facts is often not the value of a cell: that it shows `95%`, that a date has a time of
day, that it is an error or a formula without a stored result, that its row is hidden, that it is merged with others.
python-calamine shows none of these. openpyxl shows them, at a tenth of its speed, and neither merged cells nor hidden
rows where it reads row by row. A second look at the XML beside calamine would parse every cell twice and could have a
second opinion of it. So the XML is read once, here: rows of a usual shape by a regular expression, in the time that
calamine and the conversion of its cells took (benchmarks/workbooks.py), everything else by a parser of XML.
"""
