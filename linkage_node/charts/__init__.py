"""Charts of what was counted and found, as PNG or SVG. Only commands that draw load matplotlib."""
