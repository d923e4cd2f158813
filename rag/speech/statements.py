"""The statements within one sentence: what is said, by whom, and the words that say so."""

from __future__ import annotations

from dataclasses import dataclass

from rag.speech import cues
from rag.speech.contents import Contents
from rag.speech.cues import Cue
from rag.speech.deeds import is_deed
from rag.speech.phrases import (
    Phrase,
    apposition,
    aside,
    main_subject,
    phrase_after,
    phrase_before,
    subject,
)
from rag.speech.words import Words

_ABOUT_THEM = frozenset(
    """letter paper statement tweet tweets memo email post posts campaign petition event note
    message poster interview""".split()
)
"""What somebody writes, so that who "urging" in it is that of them, not of it."""
_BEARING_ON = frozenset("on at against after during into".split())
"""Prepositions of whom something is done to, and when."""
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
_NOT_YET = frozenset("yet campaign scheme project".split())
"""Before "to": "is yet to pledge", "a campaign to encourage"."""
_PRAISED = frozenset("about for over as of against".split())
"""Behind who said it: "was praised by X for"."""
_ELSE = frozenset("while although though whereas".split())
"""Behind the verb: another clause, and not what is said."""
_DONE = frozenset("characterize characterise question find contest".split())
"""Verbs of what is done to somebody, in the passive: "was questioned by the police"."""
_NOBODY = frozenset("none nobody neither no-one".split())
_AS = frozenset("see view regard paint".split())
"""Verbs that say what somebody thinks only with "as"."""


@dataclass(slots=True)
class Statement:
    """A statement, in indices of words, first and last."""

    source: Phrase | None
    cue: Phrase
    contents: list[Phrase]
    attitude: bool = False
    denies: bool = False
    nested: bool = False
    """It stands within what another one says."""


def statements(w: Words) -> list[Statement]:
    """Every statement of the sentence, in the order of their cues."""
    reader = _Reader(w)
    for at, word in enumerate(w.words):
        if at in w.cues:
            reader.verb(at)
        elif word in cues.CLAIMS and w.kinds[at] == "n":
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
        if not contents or (source and self.is_nobody(source)):
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
        source = (begin, after - 1)
        first, last = self.parts.clause_start(at), at - 1
        while last >= first and w.kinds[last] in ",-":
            last -= 1
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
            source = self.of_participle(at, first)
        elif before == "t" and form == "base":
            source = self.of_infinitive(first - 1)
        elif before == "C" and first == at and form == "past" and self.is_done(first - 2, cue):
            return  # "was jailed and ordered to leave"
        elif before == "C" or w.words[first - 1 : first] == ["but"]:
            source = self.shared(first, relative=True)
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
                behind = self.behind(at)
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
                    source = self.shared(first)
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

    def behind(self, at: int) -> int:
        """Behind the subject that follows the verb ("…, said X"); 0 where none does."""
        w = self.w
        if w.kind(at + 1) not in "cdmnp#":
            return 0
        end = phrase_after(w, at + 1)
        if end == at + 1 or w.kind(end) in "akvT":
            return 0
        if end > at + 2 and w.words[at + 2] in cues.CLAIMS:
            return 0  # "…, admitted nine charges"
        return apposition(w, end)

    def of_participle(self, at: int, first: int) -> Phrase | None:
        """Whose "saying" it is."""
        w = self.w
        if first == 0:  # "Lamenting their luck, Mexicans say"
            comma = at
            while comma < len(w) and w.kinds[comma] != ",":
                comma += 1
            return main_subject(w, comma + 1, len(w))
        before, word = w.kinds[first - 1], w.words[first - 1]
        if before == "P" and word in ("of", "for", "from") and w.kind(first - 2) in "co":
            return phrase_before(w, first - 2)
        if before == "v" or word in cues.LEADING_IN:
            return subject(w, w.group(first - 1))
        if before == "n" and word in _ABOUT_THEM:
            return self.shared(first)
        if word == "worth":
            return None
        if word in ("heard", "seen", "quoted", "caught", "pictured"):
            return subject(w, w.group(first - 1))
        if before == "c" and w.words[at + 1 : at + 2] in (["him"], ["her"]):
            return self.shared(first)  # "Ono led the tributes to Lennon calling him a hero"
        if before in "con)":
            if before in "n)":
                return subject(w, first)
            named = phrase_before(w, first - 1)
            before_it = max(0, named[0] - 1) if named else 0
            if named and not _BEARING_ON.isdisjoint(w.words[before_it : named[1]]):
                return self.shared(first)  # "Lee put pressure on Mr Day saying"
            if named and w.kinds[named[0]] == "m" and "t" in w.kinds[slice(*named)]:
                return self.shared(first)  # "he turned his attention to Mr Day, adding"
            return named
        if before in "pr" or (word in cues.ALONE and w.words[first - 2 : first - 1] == ["with"]):
            return first - 1, first - 1
        if before in ",BQ-Pyx" or (before == "C" and self.found):
            return self.shared(first)
        return None

    def of_infinitive(self, at: int) -> Phrase | None:
        """Whose "to say" it is; ``at`` is the "to"."""
        w = self.w
        before = at - 1
        if before < 0 or w.words[before] in cues.ABOUT_TO:
            return None
        if "too" in w.words[max(0, before - 2) : before] or w.words[before] in _NOT_YET:
            return None
        if before in w.cues and not cues.BEING.isdisjoint(w.words[w.group(before) : before]):
            return None  # "is expected to say"
        moved = phrase_before(w, before) if w.kinds[before] in "cn" else None
        if w.words[before] == "others":
            moved = before, before
        if moved and w.words[moved[0] - 1] in cues.CAUSING:
            return moved  # "prompted the judge to comment"
        if w.kinds[before] in "vka" or w.words[before] in cues.LEADING_IN:
            found = subject(w, w.group(before))
            if found:
                return found
        return self.shared(at)

    def shared(self, at: int, *, relative: bool = False) -> Phrase | None:
        """The subject that a verb without its own shares with one before it.

        That of a relative clause only where ``relative``.
        """
        w = self.w
        start = self.parts.clause_start(at)
        for statement in reversed(self.found):
            if statement.cue[0] < start:
                break
            source = statement.source
            before = source is not None and source[0] < at
            if not before or self.is_inside(statement):
                continue
            if source and (relative or w.kinds[source[0]] != "r"):
                return source
        found = main_subject(w, start, at)
        if found and not any(
            w.kinds[k] in "cpr#" or w.words[k] in cues.ROLES for k in range(found[0], found[1] + 1)
        ):
            # "His toy is a camera which he points at them, saying"
            for k in range(at - 1, found[1], -1):
                if w.words[k] in ("he", "she"):
                    return k, k
        return found

    def is_inside(self, statement: Statement) -> bool:
        return any(
            first <= statement.cue[0] <= last
            for other in self.found
            if other is not statement
            for first, last in other.contents
        )

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
        about = w.words[passive_of[0] : passive_of[1] + 1] if passive_of else []
        # "was given his marching orders by X", "is characterised by fear"
        only = "l" in cue.frames and "n" not in cue.frames
        done = only or cue.base in _DONE
        if end > by + 1 and (not done or not cues.CLAIMS.isdisjoint(about)):
            end = apposition(w, end)
            contents = [(after, by - 1)]
            if passive_of and set("no") & set(cue.frames):
                contents.insert(0, passive_of)
            if w.kind(end) in "Tt" or not _PRAISED.isdisjoint(w.words[end : end + 1]):
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
                (k for k in range(at, min(at + 6, len(w))) if w.words[k] in cues.CLAIMS), None
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

    def opens_late(self, source: Phrase, first: int) -> bool:
        """Whether what is said begins behind a comma: "She says in truth, it fell", "said, if
        asked, she would go"."""
        w = self.w
        opening = self.parts.clause_start(source[0])
        # "In a comment added later, he explained"
        leads_in = w.kinds[opening] == "P" and "," not in w.kinds[opening : source[0]]
        if leads_in or self.parts.fronted or not self.own or w.kinds[source[0]] == "r":
            return False
        kind = w.kind(first)
        if kind == "B":
            comma = next((k for k in range(first, len(w)) if w.kinds[k] in ",.;Q"), len(w))
            return w.words[first] == "if" and w.kind(comma) == ","
        behind = phrase_after(w, first)
        return kind in "cdmp" and w.kind(w.skip(behind, "x")) in "akv"

    def listener(self, at: int) -> int:
        """Behind who is told: of "told CBN Lee never came", it is behind the broadcaster."""
        w = self.w
        named = w.skip(at, "c")
        clause = named > at + 1 and w.kind(w.skip(named, "x")) in "akvn"
        return at + 1 if clause and w.words[at] in cues.BROADCASTERS else phrase_after(w, at)

    def fronts(self, left: int) -> bool:
        """Whether only words of time and place stand before ``left``: "For days, he says, it"."""
        w = self.w
        first = self.parts.clause_start(left)
        return w.kind(left - 1) == "," and w.kind(w.skip(first, "xC")) in "Py"

    # What is said -------------------------------------------------------------------

    def said(self, source: Phrase, cue: Phrase, right: int, verb: Cue) -> None:
        """A clause or quotation before source and cue, behind them (``right``), or both."""
        w = self.w
        left = min(source[0], cue[0])
        if w.kind(right) == "," and w.kind(right + 1) == "x" and w.kind(right + 2) == ",":
            right += 3  # "claimed, wrongly, that"
        rest = aside(w, right)
        kind, following = w.kind(rest), w.kind(rest + 1)
        contents: list[Phrase] = []
        prior: Phrase | None = None
        quoted = self.own and self.parts.quotation(left) is not None
        reason = not cues.REASONS.isdisjoint(w.words[rest + 1 : rest + 2])
        ends = w.words[rest] in cues.WHEN if kind == "B" else kind in ".;),-:"
        if self.own and (quoted or (ends and w.kinds[source[0]] != "r")):
            prior = self.parts.prior(left, rest)
        if prior or (ends and kind != "B"):
            if prior:
                contents.append(prior)
            if kind == ":" or (kind in ",-" and following == "Q"):
                contents.append((rest + 1, self.parts.end(rest + 1) - 1))
            elif kind == "," and following in "rB" and not reason:
                # "said, as others did, that"
                comma = next((k for k in range(rest + 1, len(w)) if w.kinds[k] in ",.;Q"), len(w))
                if w.kind(comma) == "," and w.kind(comma + 1) in "TQ":
                    contents.append((comma + 1, self.parts.end(comma + 1) - 1))
            elif kind in ",-" and (reason or following not in "rB."):
                goes_on = reason or not self.parts.opens_aside(rest + 1)
                if (
                    goes_on
                    and (
                        w.words[left - 1] == "as" or self.fronts(left)
                        if prior is None
                        else w.kinds[prior[1]] != "Q" and w.kinds[left - 1] in ",-"
                    )
                ) or (goes_on and "Q" in w.kinds[rest + 1 : rest + 4]):
                    contents.append((rest + 1, self.parts.end(rest + 1) - 1))
            if not contents and kind == "," and not prior and self.opens_late(source, rest + 1):
                contents.append((rest + 1, self.parts.end(rest + 1) - 1))
            if not contents:
                gap = self.parts.gap(source)
                if gap:
                    contents.append(gap)
        elif _ELSE.isdisjoint(w.words[rest : rest + 1]):
            # "said Monday that", but "said in the end they won" keeps all of it.
            start = rest if kind in "TQB" else w.skip(right, "y")
            end = self.parts.end(start, clause=False)
            # "noted a letter from X, which denies that": not of what is noted is the rest.
            thing = "n" in verb.frames and w.kind(start) in "dmcn" and w.kind(end + 1) == "r"
            if not thing or self.parts.is_clause(start, end):
                end = self.parts.end(start)
            contents.append((start, end - 1))
        self.add(source, cue, contents, verb)
