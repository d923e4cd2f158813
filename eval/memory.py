"""How much memory this process has taken at most."""

from __future__ import annotations

import sys


def peak_megabytes() -> float | None:
    """Resident at its peak; None where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts kilobytes, macOS bytes.
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
