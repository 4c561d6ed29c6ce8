"""The linkage node: find shared clients without handing over the client administration."""

__version__ = "0.1.0"
