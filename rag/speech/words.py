"""The words of a sentence with their kinds.

There is no tagger here: a kind is looked up, or guessed from how a word is written and
what stands beside it. That suffices to tell a verb that attributes from a noun of the same
form, and the phrase that names a speaker from what surrounds it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.speech import cues
from rag.speech.cues import ADJECTIVES, CUES, Cue, Form
from rag.speech.quotes import Quotation

_TOKEN = re.compile(
    r"(?:Mrs?|Ms|Dr|Sens?|Reps?|Gov|Gen|Lt|Col|Capt|Cmdr|Supt|Insp|Det|Cpl|Adm|Sgt|Rev|Hon|Prof|St|Jr|Sr|vs|Inc|Corp|Co|Ltd|Maj"
    r"|[A-WYZ])\.(?=[\s,’'])"
    r"|(?:[^\W\d_]\.){2,}"
    r"|[^\W_](?:[\w&$%@#]|(?<=\d),(?=\d{3})|[-.](?=[^\W_])|[’'](?!(?:s|re|ll|d|ve|m)\b)(?=[^\W_]))*"
    r"|[’'](?:s|re|ll|d|ve|m)\b"
    r"|[.!?…]+(?=[\s”\"’']|$)|--|[,;:()\[\]—–―-]|[’'](?=\s|$)"
)
ABBREVIATED = re.compile(
    r"(?<!\w)(?:Mrs?|Ms|Dr|Sens?|Reps?|Gov|Gen|Lt|Col|Capt|Cmdr|Supt|Insp|Det|Cpl|Adm|Sgt|Rev|Hon|Prof|St)\.$"
)
"""An end that is no sentence's."""
_OPENED = re.compile(r"(?<!\w)[‘'](?=\w)[^‘’'.,]*$")
"""A single quotation mark that nothing has closed yet."""
_MARKS = {
    **dict.fromkeys(("--", "—", "–", "―", "-"), "-"),
    **dict.fromkeys(",;:()", ""),
    "[": "(",
    "]": ")",
}


def _kinds() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, words in (
        ("v", cues.VERBS - CUES.keys()),
        ("y", cues.TIMES),
        ("x", cues.ADVERBS | cues.HEARSAY),
        ("P", cues.PREPOSITIONS),
        ("d", cues.DETERMINERS),
        ("B", cues.SUBORDINATORS),
        ("m", cues.POSSESSIVES),
        ("o", cues.OBJECTS),
        ("p", cues.PRONOUNS | {"everyone", "everybody", "someone", "somebody", "nobody"}),
        ("r", cues.RELATIVES),
        ("a", cues.AUXILIARIES),
    ):
        found.update(dict.fromkeys(words, kind))
    found.update({"and": "C", "or": "C", "nor": "C", "that": "T", "to": "t"})
    found.update({mark: kind or mark for mark, kind in _MARKS.items()})
    return found


KINDS = _kinds()
"""Word to kind, one letter each.

``p`` pronoun as a subject, ``o`` as an object, ``m`` possessive; ``d`` determiner; ``P``
preposition, ``t`` "to"; ``C`` "and"; ``B`` another conjunction; ``T`` "that"; ``r`` "who";
``a`` auxiliary; ``x`` adverb; ``y`` time; ``v`` verb that attributes nothing. Of words that
are not in here, ``k`` is a verb that attributes; ``c`` is capitalised, ``n`` is not; ``#`` is
a number, ``s`` the possessive ending, ``Q`` a quotation, and ``.`` the end of a sentence.
"""
_NAMES_TOO = frozenset("us it may will".split())
_TITLES = frozenset("mr mrs ms miss dr mr. mrs. ms. dr. sir dame lady lord cllr".split())
_SPANS = frozenset("until since".split())
_HOWEVER = frozenset(
    "however indeed though instead moreover nevertheless nonetheless therefore also".split()
)
"""Between commas within a verb: "did, however, find"."""
_AFTER_ALL = frozenset("all both each".split())
"""Between subject and verb: "the senators all suggested"."""
_ING_NOUNS = frozenset(
    "reporting understanding feeling painting warning offering hearing finding polling ruling "
    "reading writing meaning briefing recording spelling pressing".split()
)


class Words:
    """The words of one sentence, each quotation that says something as a single one."""

    __slots__ = ("cues", "ends", "headline", "kinds", "quotations", "starts", "words")

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        utterances: Sequence[Quotation] = (),
        fragments: Sequence[Quotation] = (),
    ) -> None:
        """Words of ``text[start:end]``; those in ``fragments`` attribute nothing."""
        self.words: list[str] = []
        """In lower case, with straight apostrophes."""
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.quotations: dict[int, Quotation] = {}
        self.cues: dict[int, tuple[Cue, Form]] = {}
        """What attributes, by the index of its word."""
        possible: list[int] = []
        at = start
        for quotation in utterances:
            self._read(text, at, quotation.start, possible)
            self.quotations[len(self.words)] = quotation
            self._add("", "Q", quotation.start, quotation.end)
            at = quotation.end
            if text[quotation.inner[0] : quotation.inner[1]].rstrip()[-1:] == ".":
                # What follows is another sentence, unless it only says who spoke.
                self._add(".", ".", at, at)
        self._read(text, at, end, possible)
        self.headline = self.kinds.count("c") > 2 * self.kinds.count("n") + 2
        """Every word is capitalised, so that it says nothing about one of them."""
        for index in possible:
            if (
                self.words[index - 1] == "once"
                and CUES.get(self.words[index], ("", ""))[1] == "past"
            ):
                self.kinds[index - 1] = "x"  # "Lee once said", not "once said, it is …"
            if fragments and any(q.start <= self.starts[index] < q.end for q in fragments):
                continue
            word = self.words[index]
            if word in ("point", "points") and self.words[index + 1 : index + 2] not in (
                ["to"],
                ["out"],
            ):
                continue  # "six points behind"
            behind = self.words[index + 1 : index + 3]
            if behind == ["on", "condition"]:
                continue  # "speaking on condition of anonymity"
            told = word in ("briefed", "informed") and self.kinds[index - 1] == "n"
            if told and behind[:1] in (["on"], ["by"], ["about"]):
                continue  # "officials briefed on the talks said"
            if word in ADJECTIVES and self.words[self._left(index)] in cues.BEING:
                found = ADJECTIVES[word]
            elif word in CUES and self._is_verb(index, word, CUES[word][1]):
                found = CUES[word]
            else:
                continue
            self.cues[index] = found
            self.kinds[index] = "k"

    def __len__(self) -> int:
        return len(self.words)

    def kind(self, at: int) -> str:
        """The kind at ``at``; outside of the sentence, that of its end."""
        return self.kinds[at] if 0 <= at < len(self.kinds) else "."

    def skip(self, at: int, kinds: str) -> int:
        """The first index from ``at`` on whose kind is not among ``kinds``."""
        while at < len(self.kinds) and self.kinds[at] in kinds:
            at += 1
        return at

    def back(self, at: int, kinds: str) -> int:
        """Where the run of ``kinds`` begins that ends right before ``at``; ``at`` without one."""
        while at > 0 and self.kinds[at - 1] in kinds:
            at -= 1
        return at

    def group(self, at: int) -> int:
        """Where the group of verbs begins that ends with the word ``at`` ("has also said")."""
        while at > 0:
            between = self.kinds[max(0, at - 3) : at] == [",", "x", ","]
            if between and self.words[at - 2] in _HOWEVER and self.kind(at - 4) == "a":
                at -= 3
            elif self.kinds[at - 1] in "ax" or (
                self.words[at - 1] in _AFTER_ALL and self.kind(at - 2) in "cn)po"
            ):
                at -= 1
            else:
                break
        return at

    def _add(self, word: str, kind: str, start: int, end: int) -> None:
        self.words.append(word)
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def _read(self, text: str, start: int, end: int, possible: list[int]) -> None:
        words, kinds, starts, ends = self.words, self.kinds, self.starts, self.ends
        for match in _TOKEN.finditer(text, start, end):
            found = match.group()
            word = found.lower()
            if "’" in word:
                word = word.replace("’", "'")
            first = found[0]
            if word == "'" and _OPENED.search(text, max(start, match.start() - 40), match.start()):
                continue  # of a word in marks: "with ‘soft’ questions"
            kind = KINDS.get(word, "")
            titled = first != word[0] and bool(words) and words[-1] in _TITLES
            initials = kind in "BCT" and len(found) == 2 and found.isupper()
            if titled or (initials and not text[start:end].isupper()):
                kind = "c"  # "Mr Fell", "SO opposed it"
            elif first in "’'":
                kind = self._clitic(word)
            elif first in ".!?…":
                kind = "."
            elif not kind or (word == "like" and words and words[-1] in ("would", "'d")):
                if word in CUES or word in ADJECTIVES:
                    possible.append(len(words))
                capital = first != word[0]
                if capital and words:
                    kind = "c"
                elif first.isdigit():
                    kind = "#"
                elif word.endswith("ly") and len(word) > 4 and word not in cues.LY_NOUNS:
                    kind = "x"
                else:
                    kind = "c" if capital else "n"
            elif kind == "v" and kinds and (kinds[-1] in "sm" or words[-1] in ("the", "a", "an")):
                kind = "n"  # "the plant's works council"
            elif word == "no" and first == "N" and kinds and kinds[-1] == "c":
                kind = "c"  # "Norton No 14"
            elif kind == "y" and first != word[0] and word in cues.PARTS_OF_DAY and words:
                kind = "c"  # "told the Evening Post"
            elif (
                first != word[0]
                and kind in "apovxP"
                and (
                    (found.isupper() and len(found) > 1)
                    or (word in _NAMES_TOO and kinds and kinds[-1] not in ".:(")
                )
            ):
                kind = "c"
            if words and words[-1] in _SPANS:
                if word == "may" and first == "M":
                    kind = "y"
                if kind in "y#" or word in ("last", "this", "next"):
                    kinds[-1] = "P"  # "who worked there until last year said"
            if words and words[-1] == ")" and first != word[0] and kind in "dpm":
                # No full stop ends a caption: "the ducks waddle past (right) The owner said"
                self._add(".", ".", match.start(), match.start())
            that = words[-1:] == ["that"] and self.kind(len(words) - 2) == "."
            if that and kind == "n" and not word.endswith("s"):
                kinds[-1] = "d"  # "That roommate claims"
            words.append(word)
            kinds.append(kind)
            starts.append(match.start())
            ends.append(match.end())

    def _clitic(self, word: str) -> str:
        """``s`` where it is a possessive, ``a`` where it is short for "is", "has", "will"."""
        if word != "'s":
            return "a" if len(word) > 1 else "s"
        return "a" if self.kinds and self.kinds[-1] in "pTrB" else "s"

    def _left(self, at: int) -> int:
        """The index before ``at`` and the adverbs before it, or 0."""
        at = self.group(at) if self.kinds[at - 1] == "," else at
        at -= 1
        while at > 0 and (self.kinds[at] == "x" or self.words[at] in _AFTER_ALL):
            at -= 1
        return max(at, 0)

    def _is_finite(self, at: int) -> bool:
        """Whether a word that attributes can only be the verb of a sentence."""
        word = self.words[at]
        return word in CUES and CUES[word][1] == "past" and word not in cues.NOUNLIKE

    def _is_verb(self, at: int, word: str, form: Form) -> bool:
        """Whether the word is a verb here, and no noun, adjective or name."""
        kinds = self.kinds
        before = kinds[at - 1] if at else "."
        named = kinds[at] == "c" and not self.headline
        if named and (before not in ".:(" or form in ("base", "s")):
            return False
        alone = self.words[at - 1] in cues.ALONE and (
            form in ("past", "s") or (form == "base" and word not in cues.NOUNLIKE)
        )  # "Some said", "Some insist"
        alone = alone or (self.words[at - 1] in cues.COUNTS and word in ("said", "told"))
        # "the mother of two writes"
        counted = self.words[at - 2 : at - 1] == ["of"] and self.words[at - 1] in cues.COUNTS
        with_them = self.words[at - 2 : at - 1] == ["with"]  # "with one saying"
        if (
            before in "dms"
            and not alone
            and not (counted and before == "d")
            and not (form == "ing" and self.words[at - 1] in cues.ALONE and with_them)
            and self.words[at - 1] not in _AFTER_ALL
        ):
            return False
        if form in ("past", "participle"):
            # "for repeated bouts", "who have experienced repeated bouts"
            made = word.endswith("ed") and at + 1 < len(kinds) and kinds[at + 1] == "n"
            if made and self.words[at - 1] == "back":
                return False  # "sent back detailed images"
            after_all = before == "n" and self.kind(at - 2) == "a"
            return not (made and (before == "P" or after_all))
        if form == "ing":
            return word not in _ING_NOUNS or before not in "cn#"
        left = self._left(at)
        before = kinds[left] if at else "."
        if before in "pra" or (before == "T" and left > 0):
            return True
        after = self.kind(at + 1)
        nounlike = word in cues.NOUNLIKE
        if form == "s":
            behind = self.words[at + 1] if after in "nk" else ""
            verb = behind in CUES and CUES[behind][1] == "base"
            if verb and (behind not in cues.NOUNLIKE or behind == "state"):
                return False  # "the club's rules state"
            if nounlike and self.words[at + 1 : at + 2] == ["of"]:
                return False  # "Past estimates of the number"
            if before in "P#." and (before != "." or self.kind(at - 2) != "Q"):
                return False
            if not nounlike or (left < at - 1 and before in "cn"):
                return True
            if after == "n" and self._is_finite(at + 1):
                return False  # "the League champions said"
            if before == "c" and kinds[left - 1] == "d" and left > 0:
                return after in "TQp:dmct"  # "the German champions return"
            if before == "c":
                return after in "TQpP:BdmctCn" or (after in ".," and left > 0)
            if before == "n":
                asks = after == "B" and self.words[at + 1] in cues.QUESTIONS
                claims = after == "c" and word == "claims"
                first = self.phrase_start(left)
                # "It fell, the document states."
                ends = after == "." and self.words[left] in cues.DOCUMENTS
                ends = ends and self.kind(first - 1) == ","
                follows = asks or claims or ends or after in "TQptdm"
                return follows and kinds[first] in "dmc"
            return before in ",)-CQ" and after in "TQdpmct"
        if before == "t":
            return self.words[left - 1] != "according"
        if word in ("say", "believe", "reckon") and before in "nc)#" and after in "pTdmcQ":
            return True  # "the couple say they left", "four in ten say"
        if before in "P#Q.":
            return False
        previous = self.words[left] if at else ""
        if previous in cues.ALONE or previous in cues.PLURALS:
            return True
        if before == "c" and after == "T" and word in cues.CLAIMS:
            return True  # "Sky Sports claim that"
        if before in "nc" and self._is_body(left):
            next_one = at + 1 + (self.words[at + 1 : at + 2] == ["out"])  # "point out"
            if self.kind(next_one) in "TQp" or self._is_clause(next_one, nounlike):
                return True
        if before in "nc)":
            if not self._is_plural(left):
                return False
            if nounlike and before == "c" and after == "c":
                return self._is_clause(at + 1, False)  # not "Norse state TV"
            first = self.phrase_start(left)
            closes = after in ".;" and self.kind(first - 1) == "," and "C" not in kinds[first:left]
            return not nounlike or after in "TQpdmtcBn" or closes  # "…, the authors stress"
        return before in ",C" and not nounlike

    def phrase_start(self, last: int) -> int:
        """Where the run of words begins that ends with ``last`` and could be one phrase."""
        at = last
        while at > 0 and self.kinds[at - 1] in "cnd#msPCt":
            at -= 1
        return at

    def _is_body(self, last: int) -> bool:
        """Whether the phrase that ends with ``last`` begins a clause and names several as one,
        who have a plural verb in British English: "the club insist", "Tesco admit"."""
        if self.kinds[last] == "c":
            at = self.back(last, "c")
        elif self.words[last] in cues.BODIES:
            at = self.back(last, "cn")
            if self.kind(at - 1) not in "dms":
                return False
        else:
            return False
        while at > 1 and self.kinds[at - 1] == "s":  # "Ann Lee's family"
            at = self.back(at - 2, "cn")
        if self.kind(at - 1) in "dm":
            at -= 1
        return self.kinds[self._left(at)] in ".,-:B" if at else True

    def _is_clause(self, at: int, surely: bool) -> bool:
        """Whether a clause can begin at ``at``; ``surely`` if not with a bare noun."""
        verb = self.skip(at, "dmcnsP#xC")
        return self.kind(at) in ("dm" if surely else "dmcn") and self.kind(verb) in "av"

    def _is_plural(self, last: int) -> bool:
        """Whether the phrase that ends with ``last`` has a plural verb."""
        at = self.phrase_start(last)
        while at < last and self.kinds[at] in "Pd" and self.kinds[at + 1] not in "PC":
            at += 1
        head = ""
        while at <= last and self.kinds[at] not in "Pt":
            if self.kinds[at] == "C":
                return True
            head = self.words[at]
            at += 1
        return head in cues.PLURALS or (head.endswith("s") and not head.endswith("ss"))
