"""The statements within one sentence: what is said, by whom, and the words that say so."""

from __future__ import annotations

from rag.speech import cues
from rag.speech.contents import Contents
from rag.speech.cues import Cue
from rag.speech.deeds import is_deed
from rag.speech.phrases import (
    Phrase,
    apposition,
    aside,
    phrase_after,
    phrase_before,
    subject,
)
from rag.speech.roles import OUTLETS
from rag.speech.sources import Sources, Statement
from rag.speech.words import Words

_TO = frozenset("refer allude respond object point answer appeal".split())
"""Verbs that "to" brings in the topic of."""
_TALK = frozenset("speak talk comment argue".split())
"""Verbs behind which "for" and "with" do not bring in the topic."""
THAT_IS = [[word, verb] for word in ("that", "this", "it") for verb in ("'s", "is", "was")]
"""Before "according to", which then names the source of the sentence before."""
_SIGNS = frozenset("evidence proof sign signs result results part example".split())
"""Before the "of" of what they are, which is no part of a name."""
_NO_WORD = frozenset("calendar calendars schedule plan need needs taste tastes size age".split())
"""What something happens according to, and nobody says."""
_PRAISED = frozenset("about for over as of against".split())
"""Behind who said it: "was praised by X for"."""
_DONE = frozenset("characterize characterise question find contest".split())
"""Verbs of what is done to somebody, in the passive: "was questioned by the police"."""
_NOBODY = frozenset("none nobody neither no-one".split())
_SOMEBODY = cues.ROLES | cues.PLURALS | cues.BODIES
"""Words for who can rule something out; an injury rules somebody out."""
_STANDS = frozenset("case position stance".split())
"""Nouns that, with whose it is, stand for a claim where "is that" follows."""
_IN_VIEW = frozenset("view opinion judgment judgement".split())
"""In which somebody's something is so."""
_AS = frozenset("see view regard paint".split())
"""Verbs that say what somebody thinks only with "as"."""


def statements(w: Words) -> list[Statement]:
    """Every statement of the sentence, in the order of their cues."""
    reader = _Reader(w)
    for at, word in enumerate(w.words):
        if at in w.cues:
            reader.verb(at)
        elif w.kinds[at] == "n" and (word in cues.CLAIMS or word in _STANDS):
            reader.noun(at)
        elif word == "according" and w.words[at + 1 : at + 2] == ["to"]:
            reader.according(at)
        elif word in cues.HEARSAY:
            reader.add(None, (at, at), [(at + 1, reader.parts.end(at + 1) - 1)])
    return reader.finished()


class _Reader:
    def __init__(self, w: Words) -> None:
        self.w = w
        self.parts = Contents(w)
        self.found: list[Statement] = []
        self.sources = Sources(w, self.parts, self.found)
        self.own = False
        """The verb in hand has a subject of its own."""
        self.told_already: set[int] = set()
        """Verbs of which something has been told with another one before."""

    def add(
        self, source: Phrase | None, cue: Phrase, contents: list[Phrase], like: Cue | None = None
    ) -> None:
        if source and self.w.kinds[source[0]] == "r":
            contents = [(first, self.parts.relative_end(first, last)) for first, last in contents]
        contents = [
            (first, last)
            for first, last in contents
            if first <= last and not self.parts.is_time(first, last)
        ]
        if not contents or (source and (self.is_nobody(source) or self.parts.is_time(*source))):
            return
        if contents[0][1] < cue[0]:
            # "The plan, which he called mad, is off, she said": hers is all before it.
            for other in reversed(self.found):
                if other.cue[1] < contents[0][0]:
                    break
                other.contents = [
                    (first, min(last, contents[0][1])) for first, last in other.contents
                ]
        attitude, denies = (like.attitude, like.denies) if like else (False, False)
        # Who thinks that something is so stands for it, as who says so does.
        attitude = attitude and not (like and like.base in cues.BELIEFS)
        self.found.append(Statement(source, cue, contents, attitude, denies))

    def is_nobody(self, source: Phrase) -> bool:
        """Whether it is said that somebody does not say so: "none of the women said"."""
        words = self.w.words[source[0] : source[0] + 2]
        return words[0] in _NOBODY or (words[0] == "no" and len(words) > 1)

    def finished(self) -> list[Statement]:
        """All that was found, with what stands inside of another marked."""
        depth = [0] * (len(self.w) + 1)
        for statement in self.found:
            for first, last in statement.contents:
                depth[first] += 1
                depth[last + 1] -= 1
        inside = 0
        for at, change in enumerate(depth):
            inside += change
            depth[at] = inside
        for statement in self.found:
            cue = statement.cue[0]
            own = sum(first <= cue <= last for first, last in statement.contents)
            statement.nested = depth[cue] > own
        return self.found

    # What attributes ----------------------------------------------------------------

    def according(self, at: int) -> None:
        """ "…, according to X"."""
        w = self.w
        self.parts.fronted = False
        end = phrase_after(w, at + 2)
        if end == at + 2 or w.words[end - 1] in _NO_WORD:
            return
        begin, cue_end = at + 2, at + 1
        if w.kind(end) in "nkv" and w.words[end + 1 : end + 2] == ["by"]:
            end += 1  # "figures reported by the auditor"
        if w.words[end : end + 1] in (["by"], ["from"]) and phrase_after(w, end + 1) > end + 1:
            begin, cue_end = end + 1, end  # "a report by the auditor, KPMG"
            end = phrase_after(w, begin)
        after = apposition(w, end)
        first, last = self.parts.clause_start(at), at - 1
        while last >= first and w.kinds[last] in ",-":
            last -= 1
        if last < first and not (w.kind(after) == "," and w.kind(after + 1) in "cdmnpo#Q"):
            after = end  # "According to the chart, the average mill burns": no apposition
        source = (begin, after - 1)
        if w.words[first : last + 1] in THAT_IS:
            return  # of what the sentence before says
        if last - first >= 2 or w.kind(last) == "Q":
            if self.told(first, last):
                return
            contents = [(first, last)]
            if w.kind(after) == ",":
                contents.append((after + 1, self.parts.end(after + 1) - 1))
        else:
            comma = after
            while comma < len(w) and w.kinds[comma] not in ",.":
                comma += 1
            first = comma + 1 if w.kind(comma) == "," else after
            contents = [(first, self.parts.end(first) - 1)]
        self.add(source, (at, cue_end), contents)

    def told(self, first: int, last: int) -> bool:
        """Whether somebody says these words already, so that an "according to" behind them
        only tells where it was read."""
        return any(
            one.source and one.contents[0][0] == first and one.cue[0] <= last and not one.attitude
            for one in self.found
        )

    def noun(self, at: int) -> None:
        """ "X's claim that", "accusations by X that", "allegations that"."""
        w = self.w
        self.parts.fronted = self.parts.is_fronted(at)
        word, after = w.words[at], at + 1
        source: Phrase | None = None
        owner = at - 1
        while owner > 0 and w.kinds[owner] in "nx#" and at - owner < 4:
            owner -= 1
        if owner >= 0 and w.kinds[owner] == "m" and w.words[owner] not in ("our", "my", "your"):
            source = owner, owner
        elif owner > 0 and w.kinds[owner] == "s":
            phrase = phrase_before(w, owner - 1)
            if phrase:
                links = [
                    k for k in range(phrase[0], owner) if w.kinds[k] in "Pt" and w.words[k] != "of"
                ]
                source = links[-1] + 1 if links else phrase[0], owner
                of = next((k for k in range(*phrase) if w.words[k] == "of"), None)
                if of and w.words[of - 1] in _SIGNS:
                    source = of + 1, owner  # "evidence of the mayor's claim"
        elif word in ("report", "reports") and w.kind(at - 1) == "c" and w.kind(after) == "T":
            phrase = phrase_before(w, at - 1)
            source = phrase
        if source is None and w.words[after : after + 1] in (["by"], ["from"]):
            end = phrase_after(w, after + 1)
            if end > after + 1:
                source, after = (after + 1, end - 1), end
        kind = w.kind(after)
        if source is None and not (kind == "T" and word in cues.ASSERTIONS):
            return
        if source and w.words[after : after + 1] in (["is"], ["was"]):
            if w.kind(after + 1) == "T" and w.kind(after + 2) not in "Pr.,":
                # "the claimant's case is that", not "her position is that of a sweeper"
                self.add(source, (at, after), [(after + 1, self.parts.end(after + 1) - 1)])
            return
        if source and word in _IN_VIEW and w.words[source[0] - 1 : source[0]] == ["in"]:
            first = self.parts.clause_start(at)
            if first == source[0] - 1:
                first = after + 1 if kind == "," else after
                content = first, self.parts.end(first) - 1
            elif w.kind(source[0] - 2) == "," and kind == ",":
                content = first, w.back(source[0] - 1, ",-") - 1
            else:
                return
            self.add(source, (source[0] - 1, at), [content])
            return
        if word in _STANDS:
            return
        if word in ("attack", "attacks") and w.words[after - 1 : after] != [word]:
            return  # seldom of words
        said = max((k for k in w.cues if k < at and "c" in w.cues[k][0].frames), default=None)
        told = len(w) if said is None else aside(w, said + 1)
        if at < told < len(w) and w.kinds[told] == "T":
            return  # "said in its statement on the report that": where it was said
        if kind == "T" or (kind == "t" and word in cues.INTENTIONS):
            content = after, self.parts.end(after) - 1
        elif kind == "P" and w.words[after] in cues.ABOUT and word not in ("calls", "plans"):
            end = self.parts.end(after, clause=False)
            content = after, self.parts.object_end(after, end) - 1
        else:
            return
        denies = word in ("denial", "denials")
        like = Cue(word, "", word in cues.ATTITUDE_NOUNS, denies)
        self.add(source, (at, at), [content], like)

    def verb(self, at: int) -> None:
        w = self.w
        cue, form = w.cues[at]
        if at in self.told_already:
            return
        if w.words[at + 1 : at + 4] == ["not", "to", "be"] and w.kinds[at - 1 : at] == ["r"]:
            return  # "who asked not to be named"
        first = w.group(at)
        helping = w.words[first:at]
        being = any(word in cues.BEING for word in helping)
        having = any(word in cues.HAVING for word in helping)
        if form in ("past", "participle"):
            if being and (not having or "been" in helping):
                self.passive(at, first, cue)
                return
            if form == "participle" and not having:
                return
        source: Phrase | None = None
        right = at + 1
        before = w.kind(first - 1)
        self.parts.fronted = self.parts.is_fronted(first)
        self.own = False
        if form == "ing" and not being:
            source = self.sources.of_participle(at, first)
        elif before == "t" and form == "base":
            source = self.sources.of_infinitive(first - 1)
        elif before == "C" and first == at and form == "past" and self.is_done(first - 2, cue):
            return  # "was jailed and ordered to leave"
        elif before == "C" or w.words[first - 1 : first] == ["but"]:
            source = self.sources.shared(first, relative=True)
        else:
            self.own = True
            quoted = self.parts.quotation(first) is not None
            if not quoted:
                source = subject(w, first)
            behind = 0
            inverts = (
                first == at and cue.base not in ("call", "tell") and set("cqp") & set(cue.frames)
            )
            if (quoted or before in ",-") and inverts:
                behind = self.sources.behind(at)
            if behind and (
                quoted
                or source is None
                or (
                    "t" not in cue.frames
                    and w.kind(behind) in ".,"
                    and not {"a", "k", "v"}.isdisjoint(w.kinds[:first])
                )
            ):
                self.said((at + 1, behind - 1), (first, at), behind, cue)
                return
            if quoted and source is None:
                source = subject(w, first) if before == "," else None
                if source is None:
                    self.own = False
                    source = self.sources.shared(first)
        if source and w.words[source[0] - 1 : source[0]] in (["do"], ["did"], ["does"]):
            return  # "Why do you think"
        if form == "base" and w.words[first - 1] in ("help", "helps", "helped"):
            return  # "helps encourage"
        if source is None or (
            source[0] == source[1]
            and w.words[source[0]] == "it"
            and (form == "ing" or before == "t")
        ):
            return
        after = w.kind(right)
        if form == "past" and before in "nc" and first == at:
            # "an attack claimed by rebels", "a river called the Bow"
            named = cue.base in ("call", "label", "dub") and after in "cQnd"
            # "sites declared and secret"
            if (before == "n" and (after == "C" or w.words[right : right + 1] == ["by"])) or (
                named
                and (w.words[source[0]] in ("a", "an") or w.kind(phrase_after(w, right)) in "av")
            ):
                return
        self.active(at, (first, at), source, cue)

    def is_done(self, at: int, cue: Cue) -> bool:
        """Whether the verb before ``at`` tells what is done to its subject, and this one may."""
        w = self.w
        while at > 0 and w.words[at] not in cues.BEING and w.kinds[at] not in "pr.,;:Q":
            at -= 1
        done = w.words[at + 1].endswith("ed") and (at + 1) not in w.cues
        return "c" not in cue.frames and w.words[at] in cues.BEING and done

    def passive(self, at: int, first: int, cue: Cue) -> None:
        """ "was told by X", "X was quoted as saying", "is believed to"."""
        w = self.w
        passive_of = subject(w, first)
        after = at + 1
        if cue.base == "quote" and w.words[after : after + 1] == ["as"] and passive_of:
            right = after + 2 if w.words[after + 1 : after + 2] == ["saying"] else after + 1
            self.said(passive_of, (first, right - 1), right, cue)
            return
        by = after
        while w.kind(by) not in ",.;:kQ" and w.words[by] != "by" and by < after + 8:
            by += 1
        # "accused of it by walking out"
        if w.words[by : by + 1] != ["by"] or (w.words[by + 1 : by + 2] or [""])[0][-3:] == "ing":
            by = len(w)
        end = phrase_after(w, by + 1)
        # "accused by Lee of closing it"
        goes_on = next(
            (
                at
                for at in range(by + 2, end - 1)
                if w.words[at] in ("of", "for", "over") and w.words[at + 1].endswith("ing")
            ),
            0,
        )
        end = goes_on or end
        about = w.words[passive_of[0] : passive_of[1] + 1] if passive_of else []
        # "was given his marching orders by X", "is characterised by fear"
        only = "l" in cue.frames and "n" not in cue.frames
        done = only or cue.base in _DONE
        if end > by + 1 and (not done or not cues.CLAIMS.isdisjoint(about)):
            end = apposition(w, end)
            contents = [(after, by - 1)]
            asks = cue.base == "ask" and w.words[end : end + 1] in (["whether"], ["if"])
            if asks:
                contents = []  # "was asked by X whether"
            elif passive_of and set("no") & set(cue.frames):
                contents.insert(0, passive_of)
            behind = w.kind(end) in "Tt" or not _PRAISED.isdisjoint(w.words[end : end + 1])
            if goes_on or asks or behind:
                contents.append((end, self.parts.end(end) - 1))
            self.add((by + 1, end - 1), (first, by), contents, cue)
            return
        kind = w.kind(after)
        if passive_of is None:
            return
        content = after, self.parts.end(after) - 1
        if kind == "T" and (w.words[passive_of[0]] == "it" or "t" in cue.frames):
            self.add(None, (first, at), [content], cue)
        elif (kind == "t" and cue.base in cues.HELD) or (cue.base == "accuse" and kind != "."):
            self.add(None, (first, at), [passive_of, content], cue)

    def active(self, at: int, cue: Phrase, source: Phrase, verb: Cue) -> None:
        """What is said, for a verb behind its subject, by what its frames allow."""
        w = self.w
        frames = verb.frames
        if is_deed(w, at, source, verb):
            return
        if verb.base == "disagree":
            self.add(source, cue, [cue], verb)
            return
        if self.own and self.parts.quotation(min(source[0], cue[0])) is not None:
            if set("cqptn") & set(frames):
                listener = self.listener(at + 1) if "t" in frames else at + 1
                self.said(source, cue, listener, verb)
            return
        at = w.skip(at + 1, "xy")
        kind = w.kind(at)
        word = w.words[at] if at < len(w) else ""
        if kind == "t" and w.kind(at + 1) not in "cdmo#p" and set("ico") & set(frames):
            self.add(source, cue, [(at, self.parts.end(at, clause=False) - 1)], verb)
            return
        if "t" in frames and kind in "ocdmnp":
            listener = self.listener(at)
            if w.kind(listener) == "t" and w.kind(listener + 1) not in "cdmo":
                self.add(
                    source, cue, [(listener, self.parts.end(listener, clause=False) - 1)], verb
                )
            else:
                self.said(source, cue, listener, verb)
            return
        if "l" in frames:
            noun = next(
                (
                    k
                    for k in range(at, min(at + 6, len(w)))
                    if w.words[k] in cues.CLAIMS
                    or (verb.base == "give" and w.words[k : k + 2] == ["evidence", "that"])
                ),
                None,
            )
            if noun is not None:
                which = aside(w, noun + 1)
                if w.kind(which) == "r" and "c" in w.cues.get(which + 1, (verb, ""))[0].frames:
                    # "issued a statement on Monday which said"
                    self.told_already.add(which + 1)
                    self.said(source, (cue[0], which + 1), which + 2, verb)
                    return
                # "made the claim that", not "made the comments on Friday"
                about = not cues.ABOUT.isdisjoint(w.words[noun + 1 : noun + 2])
                about = about and w.kind(noun + 2) != "y"
                tells = verb.base != "make" or w.kind(noun + 1) not in "PyC." or about
                if tells and all(
                    w.kinds[k] in "dmn#xc" or w.words[k] == "of" for k in range(at, noun)
                ):
                    content = noun + 1, self.parts.end(noun + 1, clause=False) - 1
                    if w.kind(noun + 1) != ",":
                        self.add(source, (cue[0], noun), [content], verb)
                return
        if verb.base == "rule" and kind == "o" and "out" in w.words[at : at + 3]:
            return  # "has ruled him out"
        if verb.base == "rule" and word == "out":
            who = slice(source[0], source[1] + 1)
            someone = {"c", "p"} & set(w.kinds[who]) or _SOMEBODY.intersection(w.words[who])
            if w.kind(at + 1) in "op" or not someone:
                return  # "a knee injury ruled out Lee"
            content = at + 1, self.parts.end(at + 1, clause=False) - 1
            self.add(source, (cue[0], at), [content], Cue("rule out", "n", False, True))
            return
        if verb.base == "point" and word == "out":
            self.said(source, (cue[0], at), at + 1, verb)
            return
        if verb.base in _TALK and word == "with":  # "talk with the police about it"
            behind = phrase_after(w, at + 1)
            if w.words[behind : behind + 1] == ["about"]:
                at, kind, word = behind, "P", "about"
        if "p" in frames and (
            (
                kind == "P"
                and word in cues.ABOUT
                and (word not in ("for", "with") or verb.base not in _TALK)
            )
            or (kind == "t" and verb.base in _TO and w.kind(at + 1) in "cdmon#")
        ):
            behind = aside(w, at)
            if w.kind(behind) not in "TQ" and not (
                w.kind(behind) in ",:" and w.kind(behind + 1) == "Q"
            ):
                content = at + 1, self.parts.end(at + 1, clause=False) - 1
                self.add(source, (cue[0], at), [content], verb)
                return
        if "c" in frames:
            if (
                verb.attitude
                and "n" not in frames
                and kind in "cdmn#"
                and not self.parts.is_clause(at, self.parts.end(at))
            ):
                return
            self.said(source, cue, cue[1] + 1, verb)
            return
        goes_on = kind == "T" and self.parts.is_clause(at + 1, self.parts.end(at))
        if "q" in frames and ("Q" in (kind, w.kind(at + 1)) or goes_on):
            self.said(source, cue, cue[1] + 1, verb)
            return
        if "d" in frames:
            if kind == "." and not verb.attitude:
                self.said(source, cue, cue[1] + 1, verb)
                return
            if (
                kind in "TQ"
                or word in cues.QUESTIONS
                or (kind == "p" and word != "it")
                or (
                    self.parts.is_clause(at, self.parts.end(at))
                    and (
                        verb.attitude
                        or verb.base == "hear"
                        or any(
                            w.words[k] in cues.DOCUMENTS for k in range(source[0], source[1] + 1)
                        )
                        or (w.words[source[1]] in cues.FINDERS and self.parts.opens_clause(at))
                    )
                )
            ):
                self.said(source, cue, cue[1] + 1, verb)
            return
        if set("no") & set(frames):
            if kind in "dmcno#QpsTk" or word in (
                "being",
                "having",
                "what",
                "how",
                "whether",
                "why",
            ):
                if verb.base in _AS and "as" not in w.words[at : self.parts.end(at, clause=False)]:
                    return
                if kind != "p" or word in ("it", "you"):
                    self.add(source, cue, [(at, self.parts.end(at, clause=False) - 1)], verb)
                    return
            gap = self.parts.gap(source)
            if gap and kind in ".,;akvP":
                self.add(source, cue, [gap], verb)
                return
        if kind == "Q":
            self.said(source, cue, cue[1] + 1, verb)

    def listener(self, at: int) -> int:
        """Behind who is told: of "told CBN Lee never came", it is behind the broadcaster."""
        w = self.w
        if w.kind(at) == "d" and not OUTLETS.isdisjoint(w.words[at + 1 : at + 2]):
            named = w.skip(at + 2, "c")
            if named > at + 2 and w.kind(w.skip(named, "x")) in "akvn":
                return at + 2  # "told the newspaper Lee never came"
        named = w.skip(at, "c")
        clause = named > at + 1 and w.kind(w.skip(named, "x")) in "akvn"
        return at + 1 if clause and w.words[at] in cues.BROADCASTERS else phrase_after(w, at)

    def said(self, source: Phrase, cue: Phrase, right: int, verb: Cue) -> None:
        """A clause or quotation around source and cue; ``right`` is behind them."""
        self.add(source, cue, self.parts.told(source, cue, right, verb, own=self.own), verb)
