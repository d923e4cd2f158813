"""Where what is said begins and ends in a sentence, before or behind the words that say whose."""

from __future__ import annotations

from rag.speech import cues
from rag.speech.cues import Cue
from rag.speech.phrases import PERIODS, Phrase, aside, phrase_after, phrase_before
from rag.speech.words import Words

_CLAUSE = "akv"
"""Kinds without which a run of words is no clause."""

_ELSE = frozenset("while although though whereas".split())
"""Behind the verb: another clause, and not what is said."""
_TIMES = PERIODS | frozenset("following next same previous last ago".split())
"""Words of "the following day"."""


class Contents:
    """Finds the parts of one sentence that can be what somebody says."""

    def __init__(self, w: Words) -> None:
        self.w = w
        self.fronted = False
        """The verb in hand stands in a clause that comes before the main one."""

    def clause_start(self, at: int) -> int:
        """Where the sentence or its part begins that ``at`` stands in."""
        while at > 0 and self.w.kinds[at - 1] not in ".;":
            at -= 1
        return at

    def end(self, first: int, *, clause: bool = True) -> int:
        """Behind the last word of what begins at ``first``.

        An object (not ``clause``) ends earlier than a clause does, and both end where the
        same speaker goes on with another verb.
        """
        w = self.w
        at = first
        while at < len(w):
            kind = w.kinds[at]
            if kind in ".;":
                break
            if kind == "," or (kind == "-" and not clause):
                if self.fronted or self.speaks(at + 1, quoted=clause):
                    break
                following = w.skip(at + 1, "x")
                if following in w.cues and w.cues[following][1] == "ing":
                    break
                word = w.words[following] if following < len(w) else ""
                if word in cues.CONTRASTS and (not clause or self.attributes(following)):
                    break
                if w.kind(following) == "C" and (
                    self.goes_on(following, clause) or self.speaks(following + 1, quoted=False)
                ):
                    break
                if not clause and w.kind(following) == "r":
                    break
            elif (
                (kind == "C" and self.goes_on(at, clause))
                or (kind == ":" and w.kind(at + 1) == "Q")
                or (kind == "-" and self.fronted)
                or (w.words[at] == "but" and at > first and self.turns(first, at))
            ):
                break
            at += 1
        while at > first and w.kinds[at - 1] in ",-:":
            at -= 1
        return at

    def object_end(self, first: int, end: int) -> int:
        """Where an object ends before ``end``: "the tweet about her mother was read" tells
        nothing of "was read"."""
        w = self.w
        for at in range(first, end):
            if w.kinds[at] in "rTBQ" or w.words[at] in cues.QUESTIONS:
                break
            if w.kinds[at] in "av":
                return at
        return end

    def speaks(self, first: int, *, quoted: bool = True) -> bool:
        """Whether "X said, “…”" begins at ``first``, or "X said that" unless ``quoted``."""
        w = self.w
        if w.kind(first) not in "cdmnp":
            return False
        verb = w.skip(phrase_after(w, first), "ax")
        if verb not in w.cues or "c" not in w.cues[verb][0].frames:
            return False
        if not quoted:
            return w.cues[verb][1] in ("past", "s") and not w.cues[verb][0].attitude
        rest = aside(w, verb + 1)
        return w.kind(rest) in ",:" and w.kind(rest + 1) == "Q"

    def goes_on(self, conjunction: int, clause: bool) -> bool:
        """Whether "and" is followed by a verb that attributes."""
        cue = self._finite(conjunction + 1)
        if cue is None:
            return False
        frames = cue.frames
        return not clause or ("c" in frames and "i" not in frames) or "t" in frames

    def turns(self, first: int, at: int) -> bool:
        """Whether the "but" at ``at`` is followed by a verb that attributes, and what begins at
        ``first`` has none: "acknowledged an error but denied that"."""
        return self._finite(at + 1) is not None and not self.is_clause(first, at)

    def _finite(self, at: int) -> Cue | None:
        """The finite verb that attributes at ``at``, or behind what helps it there."""
        verb = self.w.skip(at, "xa")
        cue, form = self.w.cues.get(verb, (None, ""))
        return cue if form in ("past", "s") else None

    def attributes(self, first: int) -> bool:
        """Whether the clause that begins at ``first`` attributes something itself."""
        w = self.w
        at = first
        while at < len(w) and w.kinds[at] not in ".;":
            if w.kinds[at] == "k":
                return True
            at += 1
        return False

    def relative_end(self, first: int, last: int) -> int:
        """Where what "who" says ends: before the comma behind which the main clause goes on."""
        for at in range(first, last):
            if self.w.kinds[at] == "," and self.w.kind(self.w.skip(at + 1, "x")) in "akv":
                return at - 1
        return last

    def prior(self, left: int, rest: int) -> Phrase | None:
        """What is said before the words from ``left`` on, behind which comes ``rest``."""
        w = self.w
        quotation = self.quotation(left)
        last = quotation if quotation is not None else left - 2
        if last < 0 or (quotation is None and w.kinds[last + 1] not in ",-"):
            return None
        first = self.clause_start(last)
        if quotation is not None:
            # "He told them, “…,” Lee said": what he told them is Lee's word, too.
            told = w.kinds[last - 1] == "," and "k" in w.kinds[first:last]
            mixed = last > first and (told or w.kinds[last - 1] not in ",.:-BC")
            return (first, last) if mixed else (last, last)
        if last < first:
            return None
        if (w.kind(rest) in ",-:" and w.kind(rest + 1) == "Q") or w.kind(rest) == ":":
            # "At a rally in Ohio, she said, “…”"
            says = w.kinds[first] not in "PxByC#k" and self.is_clause(first, last + 1)
            return (first, last) if says else None
        opens = w.skip(first, "CBx")
        if (opens > last or w.kinds[opens] in "Py") and not self.is_clause(first, last + 1):
            return None
        return first, last

    def quotation(self, left: int) -> int | None:
        """The quotation that ends right before ``left`` and may go with what stands there."""
        w = self.w
        at = left - 1
        if w.kind(at) == "," and at > 0:
            at -= 1
        elif w.kind(at) == "." and w.kind(at - 1) == "Q" and at > 0:
            # "“Q.” She left." has nothing to do with it; "“Q.” She said." has.
            verb = w.skip(left, "cdmn#psxa(),")
            if w.kind(left) == "k":
                verb = left
                rest = phrase_after(w, verb + 1)
            else:
                rest = aside(w, verb + 1)
            if verb not in w.cues or (rest < len(w) and w.kinds[rest] not in "."):
                return None
            at -= 1
        return at if w.kind(at) == "Q" else None

    def opens_aside(self, at: int) -> bool:
        """Whether what begins at ``at`` behind a comma is not what is said."""
        w = self.w
        at = w.skip(at, "x")
        return w.kind(at) in "rB" or (at in w.cues and w.cues[at][1] == "ing")

    def gap(self, source: Phrase) -> Phrase | None:
        """What a relative clause is about: "the target it pledged", "what he said"."""
        w = self.w
        before = source[0] - 1
        if before < 0:
            return None
        if w.words[before] == "what":
            return before, before
        if w.kinds[before] in "Tr" and w.words[before] != "who":
            before -= 1
        elif w.kinds[source[0]] not in "pcd" or w.kinds[before] != "n":
            return None
        if w.kind(before) in "nc":
            return phrase_before(w, before)
        return None

    def is_fronted(self, at: int) -> bool:
        """Whether ``at`` stands in a clause that "when" or the like opens."""
        w = self.w
        while at > 0 and w.kinds[at - 1] not in ".,;-":
            at -= 1
        return w.words[w.skip(at, "Cx")] in cues.WHEN

    def opens_clause(self, first: int) -> bool:
        """Whether a subject begins at ``first`` and its verb stands behind it."""
        w = self.w
        return w.kind(w.skip(phrase_after(w, first), "x")) in _CLAUSE

    def is_time(self, first: int, last: int) -> bool:
        """Whether it only tells when: "the following day", "Wednesday"."""
        words = self.w.words[first : last + 1]
        kinds = self.w.kinds[first : last + 1]
        timed = [
            kind != "c" and (word in _TIMES or word.removesuffix("s") in PERIODS)
            for word, kind in zip(words, kinds, strict=True)
        ]
        return set(kinds) == {"y"} or (
            any(timed)
            and all(kind in "dPy#" or known for known, kind in zip(timed, kinds, strict=True))
        )

    def is_clause(self, first: int, end: int) -> bool:
        w = self.w
        return any(
            kind in _CLAUSE or (kind == "n" and word.endswith("ed"))
            for kind, word in zip(w.kinds[first:end], w.words[first:end], strict=True)
        )

    def told(
        self, source: Phrase, cue: Phrase, right: int, verb: Cue, *, own: bool
    ) -> list[Phrase]:
        """A clause or quotation before source and cue, behind them (``right``), or both.

        ``own`` tells whether the verb has a subject of its own.
        """
        w = self.w
        left = min(source[0], cue[0])
        if w.kind(right) == "," and w.kind(right + 1) == "x" and w.kind(right + 2) == ",":
            right += 3  # "claimed, wrongly, that"
        rest = aside(w, right)
        kind, following = w.kind(rest), w.kind(rest + 1)
        contents: list[Phrase] = []
        prior: Phrase | None = None
        quoted = own and self.quotation(left) is not None
        reason = not cues.REASONS.isdisjoint(w.words[rest + 1 : rest + 2])
        ends = w.words[rest] in cues.WHEN if kind == "B" else kind in ".;),-:"
        if own and (quoted or (ends and w.kinds[source[0]] != "r")):
            prior = self.prior(left, rest)
        if prior or (ends and kind != "B"):
            if prior:
                contents.append(prior)
            if kind == ":" or (kind in ",-" and following == "Q"):
                contents.append((rest + 1, self.end(rest + 1) - 1))
            elif kind == "," and following in "rB" and not reason:
                # "said, as others did, that"
                comma = next((k for k in range(rest + 1, len(w)) if w.kinds[k] in ",.;Q"), len(w))
                if w.kind(comma) == "," and w.kind(comma + 1) in "TQ":
                    contents.append((comma + 1, self.end(comma + 1) - 1))
            elif kind in ",-" and (reason or following not in "rB."):
                goes_on = reason or not self.opens_aside(rest + 1)
                if (
                    goes_on
                    and (
                        w.words[left - 1] == "as" or self.fronts(left)
                        if prior is None
                        else w.kinds[prior[1]] != "Q" and w.kinds[left - 1] in ",-"
                    )
                ) or (goes_on and "Q" in w.kinds[rest + 1 : rest + 4]):
                    contents.append((rest + 1, self.end(rest + 1) - 1))
            late = not contents and own and kind == "," and not prior
            if late and self.opens_late(source, rest + 1):
                contents.append((rest + 1, self.end(rest + 1) - 1))
            if not contents:
                gap = self.gap(source)
                if gap:
                    contents.append(gap)
        elif _ELSE.isdisjoint(w.words[rest : rest + 1]):
            # "said Monday that", but "said in the end they won" keeps all of it.
            start = rest if kind in "TQB" else w.skip(right, "y")
            end = self.end(start, clause=False)
            # "noted a letter from X, which denies that": not of what is noted is the rest.
            thing = "n" in verb.frames and w.kind(start) in "dmcn" and w.kind(end + 1) == "r"
            if not thing or self.is_clause(start, end):
                end = self.end(start)
            contents.append((start, end - 1))
        return contents

    def opens_late(self, source: Phrase, first: int) -> bool:
        """Whether what is said begins behind a comma: "She says in truth, it fell", "said, if
        asked, she would go"."""
        w = self.w
        opening = self.clause_start(source[0])
        # "In a comment added later, he explained"
        leads_in = w.kinds[opening] == "P" and "," not in w.kinds[opening : source[0]]
        if leads_in or self.fronted or w.kinds[source[0]] == "r":
            return False
        kind = w.kind(first)
        if kind == "B":
            comma = next((k for k in range(first, len(w)) if w.kinds[k] in ",.;Q"), len(w))
            return w.words[first] == "if" and w.kind(comma) == ","
        behind = phrase_after(w, first)
        return kind in "cdmp" and w.kind(w.skip(behind, "x")) in "akv"

    def fronts(self, left: int) -> bool:
        """Whether only words of time and place stand before ``left``: "For days, he says, it"."""
        w = self.w
        first = self.clause_start(left)
        return w.kind(left - 1) == "," and w.kind(w.skip(first, "xC")) in "Py"
