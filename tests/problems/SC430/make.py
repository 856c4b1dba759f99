"""A title above the headings."""

import xlsxwriter

with xlsxwriter.Workbook("facts.xlsx") as workbook:
    sheet = workbook.add_worksheet("person")
    sheet.merge_range("A1:B1", "城南营业部 2024 年 5 月")
    for row, cells in enumerate((("工号", "月交易量"), ("B1001", 1200000), ("B1002", 860000)), 1):
        sheet.write_row(row, 0, cells)
