"""``python -m rag`` is ``sayso``."""

from rag.cli import main

raise SystemExit(main())
