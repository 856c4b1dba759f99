"""A comment that corrects a figure."""

import xlsxwriter

with xlsxwriter.Workbook("facts.xlsx") as workbook:
    sheet = workbook.add_worksheet("person")
    for row, cells in enumerate((("工号", "月交易量"), ("B1001", 1200000), ("B1002", 860000)), 0):
        sheet.write_row(row, 0, cells)
    sheet.write_comment("B2", "实际应为 3500")
