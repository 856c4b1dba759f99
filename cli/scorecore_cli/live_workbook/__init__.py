"""A decision as a workbook whose cells compute it: facts to change, parameters, tables and steps as live formulas."""
