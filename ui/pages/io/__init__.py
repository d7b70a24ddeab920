"""Import and export: files in, checked before they are written, and lists out."""

from ui.pages.io.page import ImportExportPage

__all__ = ["ImportExportPage"]
