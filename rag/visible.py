"""Text without the characters that nobody sees."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Without control and format characters: zero width, right-to-left overrides, tags.

    Line breaks and tabs stay. What is left reads as it looks.
    """
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf")
    )
