"""Earshot: from a first trained model to a microcontroller that hears a word."""

__version__ = "0.1.0"
