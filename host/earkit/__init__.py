"""Earkit: from a first trained model to a microcontroller that hears a word."""

from importlib.metadata import version

__version__ = version("earkit")
