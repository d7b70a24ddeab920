"""熟客本: the shop without a screen."""

__version__ = "0.1.0"
