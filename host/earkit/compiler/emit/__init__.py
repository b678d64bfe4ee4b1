"""The texts of a Program: model.h, model.c and model.json."""

from earkit.compiler.emit.header import header
from earkit.compiler.emit.manifest import manifest
from earkit.compiler.emit.source import source

__all__ = ["header", "manifest", "source"]
