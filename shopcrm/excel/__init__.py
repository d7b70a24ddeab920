"""Files in and out: `reader` gives typed cells, `plan` the fate of every row, `writer` makes files."""
