"""Text as it looks: without the characters that nobody sees, and with look-alikes as one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕԁһӏкмтвнԛԝ" "АВЕКМНОРСТУХІЈЅ" "οανρικυετ" "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "ıɡɑɩ"
        "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "aeopcyxijsdhlkmtbhqw" "ABEKMHOPCTYXIJS" "oavpikuet" "ABEZHIKMNOPTYX" "igai"
        "abcdefghijklmnoprstuvwyz",
        strict=True,
    )
)  # fmt: skip
"""Letters of other alphabets that pass for Latin ones; a small part of Unicode's confusables."""
_UNSEEN = re.compile("[\u115f\u1160\u2800\u3164\ufe00-\ufe0f]")
"""Fillers and variation selectors, which have letters' or marks' categories."""
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .·_*|-]){2,}[^\W\d_](?![^\W_])")
"""L e t t e r s with one character between them."""
_TAG = 0xE0000
"""U+E0020 to U+E007E are ASCII over again, to be seen by nobody."""


def visible(text: str) -> str:
    """Without control and format characters: zero width, right-to-left overrides, tags.

    Line breaks and tabs stay. What is left reads as it looks.
    """
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf")
    )


class _Folds(dict[int, str]):
    """What each character is read as, found out when it is first met: NUL for none."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _TAG + 0x20 <= code < _TAG + 0x7F:
            found = chr(code - _TAG)
        elif char in "\n\t":
            found = char
        elif unicodedata.category(char) in ("Cc", "Cf", "Mn", "Me") or _UNSEEN.match(char):
            found = "\0"
        else:
            apart = unicodedata.normalize("NFKD", char)
            base = [part for part in apart if not unicodedata.combining(part)]
            found = base[0] if len(base) == 1 else char
            found = _LOOK_ALIKES.get(found, found)
        self[code] = found
        return found


_folds = _Folds()


def folded(text: str) -> tuple[str, Sequence[int]]:
    """``text`` as it is read, and the offset in ``text`` of each character of that.

    Without accents, invisible characters and the blanks of l e t t e r s; full-width letters
    and look-alikes of other alphabets as Latin ones; invisible tags as what they spell. To
    look for words in, never to be shown.
    """
    read = text.translate(_folds)
    offsets: Sequence[int] = range(len(read))
    if "\0" in read:
        offsets = [at for at, char in enumerate(read) if char != "\0"]
        read = "".join(read[at] for at in offsets)
    gaps = {
        at for match in _SPACED.finditer(read) for at in range(match.start() + 1, match.end(), 2)
    }
    if gaps:
        offsets = [offset for at, offset in enumerate(offsets) if at not in gaps]
        read = "".join(char for at, char in enumerate(read) if at not in gaps)
    return read, offsets
