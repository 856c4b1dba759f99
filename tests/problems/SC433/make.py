"""A row that a filter hides."""

import xlsxwriter

with xlsxwriter.Workbook("facts.xlsx") as workbook:
    sheet = workbook.add_worksheet("person")
    for row, cells in enumerate((("工号", "月交易量"), ("B1001", 1200000), ("B1002", 860000)), 0):
        sheet.write_row(row, 0, cells)
    sheet.set_row(2, None, None, {"hidden": True})
