"""A row that somebody has struck through instead of deleting it."""

import xlsxwriter

with xlsxwriter.Workbook("facts.xlsx") as workbook:
    sheet = workbook.add_worksheet("person")
    for row, cells in enumerate((("工号", "月交易量"), ("B1001", 1200000)), 0):
        sheet.write_row(row, 0, cells)
    sheet.write_row(2, 0, ("B1002", 860000), workbook.add_format({"font_strikeout": True}))
