"""Tests of 熟客本: `python -m tests` sets everything up and runs them without a screen."""
