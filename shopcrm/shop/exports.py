"""SEAM: class Exports(shop)

callbacks(path, *, type=None, everything=False, tasks=None, mask=False, progress) -> Done[Path]; members(path, query=None, mask=False); sales(path, since=None, until=None);
not_reached(path); all(folder); write(what, path) for the command line (members|sales|callbacks|all; .xlsx or .csv by the ending)
"""
