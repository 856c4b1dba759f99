"""The workbench: the month of a branch in a browser. A second face over the same rooms, with no rule of its own."""
