"""The same example in the wording of newspapers and of their quizzes.

The training sets write straight quotation marks and ask plain questions; news has curly
marks, and RealtimeQA's quizzes ask "This artist released …".
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from eval.training.data import Example

_SUBJECT = re.compile(
    r"(?:which|what) (?P<noun>(?!(?:is|was|are|were|has|had|kind|sort|does|did)\b)[a-z]{4,}) "
    r"(?P<rest>(?:[a-z]{2,}ed|became|began|broke|built|came|fell|found|gave|grew|held|hit|led"
    r"|left|lost|made|met|sold|said|sent|set|took|told|went|won|wrote)\b(?!.*\bd(?:id|oes|o)\b)"
    r".+?)\??",
    re.IGNORECASE,
)
"""Questions whose "which …" is the subject of the past tense that stands right behind it."""


def reworded(example: Example, statements: float, curly: float, dice: random.Random) -> Example:
    """``example``, with the given shares, as a statement and in curly marks; its offsets hold."""
    question, passage = example.question, example.passage
    if dice.random() < statements:
        question = as_statement(question)
    # QED's passages are split into tokens: a mark there does not show which side it is on.
    if example.source != "qed" and dice.random() < curly:
        passage = in_curly_marks(passage)
        question = in_curly_marks(question)
    return replace(example, question=question, passage=passage)


def as_statement(question: str) -> str:
    """ "Which band released it?" as "This band released it."; another question as it is."""
    match = _SUBJECT.fullmatch(question)
    return f"This {match['noun']} {match['rest']}." if match else question


def in_curly_marks(text: str) -> str:
    """Straight marks become curly ones of the same length."""
    text = re.sub(r'(?:(?<=^)|(?<=[\s(\[–—-]))"(?=\S)', "“", text)
    text = text.replace('"', "”")
    text = re.sub(r"(?:(?<=^)|(?<=[\s(\[“–—-]))'(?=\w)", "‘", text)
    return text.replace("'", "’")
