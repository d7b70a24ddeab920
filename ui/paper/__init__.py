"""Paper: what `shop.papers` worded, laid out on A4 and painted on a printer, into a PDF or as a picture.

Layout knows no device and painting decides nothing, so that all three are the same page.
"""

from ui.paper.layout import Sheet, lay_out
from ui.paper.painting import PrintFailed, picture, print_out, write_pdf

__all__ = ["PrintFailed", "Sheet", "lay_out", "picture", "print_out", "write_pdf"]
