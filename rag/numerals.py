"""Number words."""

from __future__ import annotations

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
"""Each at the number that it means."""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
CARDINALS = "|".join((*UNITS[1:], *TENS))
"""Both but for zero, as alternatives of a pattern."""
DIGITS = {word: str(value) for value, word in enumerate(UNITS)} | {
    word: str(10 * value) for value, word in enumerate(TENS, start=2)
}
"""Both in digits."""
