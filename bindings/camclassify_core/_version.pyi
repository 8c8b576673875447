"""The version of this package; the build writes it from pyproject.toml."""

VERSION: str
