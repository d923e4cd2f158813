"""The one place that keeps the libraries off the network.

Sayso downloads nothing and reports nothing at run time. Each switch is a default: a
person who sets the variable to something else, e.g. ``HF_HUB_OFFLINE=0`` to fetch a
model by name once, is obeyed.
"""

from __future__ import annotations

import os

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "ORT_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
    "TOKENIZERS_PARALLELISM": "true",
}


def go_offline() -> None:
    """Set the switches; call it before importing any library that reads them."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
