"""The phrases around a verb: its subject before it or behind it, and what explains them.

A phrase is given by the indices of its first and last word. Each ends where a word comes
that cannot belong to it, as there is no parser to ask.
"""

from __future__ import annotations

from rag.speech import cues
from rag.speech.words import Words

Phrase = tuple[int, int]

_RELATIVE = frozenset("last next this early late".split())
"""Before the name of a day."""
_THIS = frozenset("this that last next every each".split())
"""Before "morning" and the like."""
PERIODS = frozenset("day week month year night morning afternoon evening weekend".split())
_ON = ["P", "y"]
"""Kinds of "on Monday"."""
_THEN = frozenset("after before since until as".split())
"""Words that a time or a clause may follow."""
_ABOUT_AS_MANY = frozenset("only just about some over nearly almost around roughly".split())
"""Before a number that stands for who has said something."""
_ADDRESSED = frozenset("sent addressed submitted leaked posted".split())
"""What is done to a letter before "to"."""
_MOST_ASIDES = 6
"""Pieces between commas that are looked at between a subject and its verb."""


def subject(w: Words, group: int) -> Phrase | None:
    """The subject of the group of verbs that begins at ``group``, where it stands before."""
    last = group - 1
    if last < 0:
        return None
    kind = w.kinds[last]
    counted = kind == "d" and w.words[last] in cues.COUNTS and w.words[last - 1] != "of"
    if kind == "p" or (kind in "dx" and w.words[last] in cues.ALONE) or kind == "r" or counted:
        return last, last
    if kind == "T":
        return (last, last) if w.kind(last - 1) in "cn#),y" else None
    if kind == ",":
        return _before_commas(w, last)
    if kind in ")-":
        opening = _opening(w, last)
        found = subject(w, opening) if opening > 0 else None
        inner = set(w.kinds[opening + 1 : last])
        named = kind == "-" and w.kinds[last - 1] == "c" and inner <= set("c#")
        return (found[0], last - 1) if found and named else found  # "the mayor - Ann Lee - said"
    if kind == "v":
        who = last
        while who > 1 and w.words[who] != "whose" and w.kinds[who] not in ".,;:Q-r":
            who -= 1
        relative = w.words[who] == "whose" or w.kinds[who] == "r"
        return phrase_before(w, who - 1) if relative else None  # "a man whose house fell"
    if kind == "n" and last > 0 and w.words[last].endswith("ed") and w.kinds[last - 1] in "cn":
        return subject(w, last)  # "a video surfaced showing"
    if kind == "#" and w.kind(last - 1) in "xP" and w.words[last - 1] in _ABOUT_AS_MANY:
        return last - 1, last  # "only 1%": no person's name
    if kind in "cn#yso" or (kind == "d" and w.words[last - 1] == "of"):
        found = phrase_before(w, last)
        on = found[0] - 1 if found and set(w.kinds[found[0] : found[1] + 1]) == {"y"} else 0
        if on > 0 and w.kinds[on] == "P":
            return subject(w, w.back(on, "x"))  # "A statement on Tuesday said"
        while found and found[1] > found[0] + 1 and w.kinds[found[1] - 1 : found[1] + 1] == _ON:
            found = found[0], found[1] - 2  # "Police on Monday said"
        if found and found[0] and w.words[found[0]] in _RELATIVE and _is_time(w, last):
            # "who last week said", "research published last month says"
            at = found[0]
            if w.kind(at - 1) == "P":
                at -= 1  # "who worked there until last year said"
            at = w.back(at, "x")
            return subject(w, w.group(at - 1) if w.kind(at - 1) == "k" else at)
        return _explained(w, _main(w, found))
    return None


def _explained(w: Words, found: Phrase | None) -> Phrase | None:
    """With the name that ``found`` tells the role of: "Ann Lee, a nurse in Oslo said"."""
    if found is None or w.kind(found[0] - 1) != ",":
        return found
    end = found[0] - 1
    name = w.back(end, "c")
    if name < end and w.kind(name - 1) == "P" and (w.kind(name - 2) == "n" or name == 2):
        # "officials in Norton, north Ohio said"
        place = w.kinds[found[1]] == "c" and set(w.kinds[found[0] : found[1] + 1]) <= set("nc")
        whole = phrase_before(w, end - 1) if place and w.words[name - 2].endswith("s") else None
        return whole if whole and w.kind(whole[0] - 1) == "." else found
    if not _role(w, found[0], found[1] + 1):
        return found
    return (name, found[1]) if end - name > 1 and w.kind(name - 1) in ".Q,BC" else found


def _main(w: Words, found: Phrase | None) -> Phrase | None:
    """The phrase that ``found`` stands within an explanation of: of "a man who saw the crash"
    the man, of "officers not authorised to speak on record" the officers."""
    if found is None:
        return None
    kinds = w.kinds
    to = found[0] - 1
    while to > 2 and kinds[to] == "n":
        to -= 1
    if to > 1 and kinds[to] == "t" and w.words[to - 1] in _ADDRESSED and kinds[to - 2] == "n":
        return phrase_before(w, to - 2)  # "a complaint sent to officers"
    if found[0] > 3 and kinds[found[0] - 1] == "P" and kinds[found[0] - 2] in "kvn":
        at = found[0] - 3
        if kinds[at] == "t":
            at -= 1
            while at > 0 and (kinds[at] == "x" or w.words[at].endswith(("ed", "wn"))):
                at -= 1
            return phrase_before(w, at) if kinds[at] in "cn" else found
    whose = next((k for k in range(found[0], found[1]) if w.words[k] == "whose"), 0)
    if whose > 1:
        return phrase_before(w, whose - 1) or found  # "a boy whose head hurts"
    at = found[0] - 1
    verbs = 0
    while at > 0 and (kinds[at] not in ".,;:Q-rB" or w.words[at] == "than"):
        if w.words[at] == "whose":
            break
        if kinds[at] in "av" or (kinds[at] == "k" and kinds[at - 1] not in "ak"):
            verbs += kinds[at - 1] not in "ax"
        at -= 1
    if at < 1 or not (kinds[at] == "r" or w.words[at] == "whose"):
        return found
    if verbs > 1 or kinds[at - 1] not in "cn":
        return found
    if at == found[0] - 1 and w.words[at] != "who":
        return found  # "the plan which the mayor calls mad"
    verb = w.skip(at + 1, "ax")
    if verb in w.cues and not {"c", "d"}.isdisjoint(w.cues[verb][0].frames):
        return found
    whole = phrase_before(w, at - 1)
    explains = whole is not None and w.kind(whole[0] - 1) == ","
    return _before_commas(w, at) if explains else whole


def _opening(w: Words, last: int) -> int:
    """The mark that opens what ``last`` closes, a bracket or a dash; 0 where none does."""
    wanted = "(" if w.kinds[last] == ")" else "-"
    at = last - 1
    while at > 0 and w.kinds[at] != wanted:
        at -= 1
    return at


def phrase_before(w: Words, last: int, floor: int = 0) -> Phrase | None:
    """The noun phrase that ends with ``last`` and begins at ``floor`` or later."""
    kinds = w.kinds
    first = last
    while first > floor:
        kind = kinds[first - 1]
        if kind == "P":
            if w.words[first - 1] in ("after", "before"):
                break
        elif kind == "t":  # "ambassador to Armenia", not "to contrast the plans"
            if kinds[first] not in "cd#":
                first += 1 if first < last else 0
                break
        elif kind == "y":
            if kinds[first] in "cdm":
                break
        elif kind == "C":
            if not _joins_nouns(w, first - 1):
                break
        elif kind == "n" and _is_participle(w, first - 1) and w.kind(first - 2) == "a":
            break  # "has been rocked by a survey showing"
        elif kind == ")":
            first = _opening(w, first - 1)
            continue
        elif kind not in "cnd#msx":
            break
        first -= 1
    while first < last and (kinds[first] in "xCy)" or w.words[first] == "'s"):
        first += 1
    while first + 1 < last and w.words[first] in _THIS and _is_time(w, first + 1):
        first += 2  # "this morning activists"
    dated = first + 2 < last and w.words[first + 1] in ("same", "next", "following")
    if dated and _is_time(w, first + 2):
        first += 3  # "the same day police"
    if kinds[first] in "PCt" or kinds[last] not in "cn#ysod":
        first = _last_phrase(w, first, last) if kinds[last] in "cn#ysod" else first
    else:
        # "Last week the senator": a new phrase begins within.
        for at in range(last, first, -1):
            if kinds[at] in "dm" and kinds[at - 1] in "n#y" and w.words[at - 1] not in cues.ALONE:
                first = at
                break
    # "the mayor last week announced"
    while last - 1 > first and w.words[last - 1] in _RELATIVE and _is_time(w, last):
        last -= 2
        while last > first and (
            w.words[last] in _RELATIVE
            or kinds[last] == "x"
            or (kinds[last] == "n" and _is_participle(w, last))
        ):
            last -= 1
    return (first, last) if kinds[last] in "cn#ysod" else None


def _is_time(w: Words, at: int) -> bool:
    return w.kinds[at] == "y" or w.words[at] in PERIODS


def _last_phrase(w: Words, first: int, last: int) -> int:
    """Where the last noun phrase begins in a run that a preposition opens."""
    kinds = w.kinds
    at = last
    lowest = min(first + 1, last)
    if kinds[at] == "c":
        while at > lowest and (kinds[at - 1] in "cs" or w.words[at - 1] in cues.ROLES):
            at -= 1
    else:
        while at > lowest and kinds[at - 1] in "nc#sx":
            at -= 1
    return at - 1 if at > lowest and kinds[at - 1] in "dm" else at


def _joins_nouns(w: Words, at: int, first: int = 0) -> bool:
    """Whether the "and" joins two nouns and not two clauses, by what stands from ``first`` on."""
    kinds = w.kinds
    if w.kind(at - 1) not in "cn#)" or w.kind(at + 1) not in "cndm#":
        return False
    left = at - 1
    while left >= first and at - left < 12 and kinds[left] not in ".;B":
        if kinds[left] in "avpkQ:":
            return False
        left -= 1
    return True


def _before_commas(w: Words, last: int) -> Phrase | None:
    """The subject before what stands between commas, the second of them at ``last``."""
    kinds = w.kinds
    found: Phrase | None = None
    nominal = True
    end = last
    for pieces in range(_MOST_ASIDES):
        start = end
        while start > 0 and kinds[start - 1] not in ",.;:Q-":
            start -= 1
        if start == end:
            break
        bounded = start > 0 and kinds[start - 1] == ","
        opens = w.skip(start, "CBx") if kinds[start] in "CBx" else start
        if kinds[start] == "r" and start + 1 < end and kinds[start + 1] in "cdm":
            opens += 1  # "which the mayor, Ann Lee, called"
        if pieces and opens < end:
            head = kinds[opens]
            if head == "p" and end - opens == 1:
                return opens, opens
            if head == "P":  # "At a hearing the mayor, who came, said"
                phrase = phrase_before(w, end - 1, opens)
                if phrase and phrase[0] > opens + 1 and kinds[phrase[0] - 1] in "nk":
                    return phrase
            if head in "cdmn#" and not _is_participle(w, opens):
                inner = end - 1 if kinds[end - 1] != ")" else _opening(w, end - 1) - 1
                phrase = phrase_before(w, inner, opens) if inner >= opens else None
                if phrase:
                    found = phrase[0], last - 1 if nominal else phrase[1]
                    explains = bounded and head in "dn#" and kinds[start - 2] == "c"
                    if not explains:
                        return found
        if not bounded:
            break
        nominal = nominal and (kinds[start] in "dcm#n" or w.words[start] == "of")
        nominal = nominal and not _is_participle(w, start)
        end = start - 1
    return found


def _is_participle(w: Words, at: int) -> bool:
    if at == 0 and w.kinds[at] == "c" and w.kind(at + 1) in "Pdmo":
        return w.words[at].endswith(("ed", "ing"))  # "Compiled by the mayor, the list reads"
    return w.kinds[at] in "nk" and w.words[at].endswith(("ing", "ed", "ken", "wn"))


def main_subject(w: Words, first: int, limit: int) -> Phrase | None:
    """The subject of the clause between ``first`` and ``limit``, behind what introduces it."""
    kinds = w.kinds
    at = first
    while True:
        opens = w.words[w.skip(at, "xC-y,") : limit][:1]
        at = w.skip(at, "xCB-y,")
        if at >= limit:
            return None
        comma = next((k for k in range(at, limit) if kinds[k] == ","), limit)
        if opens and opens[0] in _THEN and comma < limit and set("akv").isdisjoint(kinds[at:comma]):
            at = comma  # "After a short wait, she was let in"
            continue
        if kinds[at] in "pr":
            return at, at
        if kinds[at] not in "Pt" and not _is_participle(w, at):
            break
        comma = at
        while comma < limit and kinds[comma] != ",":
            comma += 1
        if comma == limit and kinds[at] == "P" and at < (behind := aside(w, at)) < limit:
            comma = behind
            if kinds[comma] in "Pt":
                return None
        at = comma
    if kinds[at] not in "cdmn#":
        return None
    last = at
    while last + 1 < limit:
        kind = kinds[last + 1]
        if kind == "n" and kinds[last] in "cn":
            word = w.words[last + 1]
            # "a video surfaced", "the letter reads:"
            if word.endswith("ed") or (word in cues.CUES and w.kind(last + 2) in ":,.Q"):
                break
        if kind in "cnd#ms":
            last += 1
        elif last + 2 < limit and (
            (w.words[last + 1] in ("of", "for", "from", "at") and kinds[last + 2] in "cdmn")
            or (kind == "C" and kinds[last + 2] in "cdm")
        ):
            last += 2
        else:
            break
    return at, last


def phrase_after(w: Words, first: int) -> int:
    """Behind the noun phrase that begins at ``first``; ``first`` where none does."""
    kinds = w.kinds
    if w.kind(first) in "po":
        return first + 1
    at = first
    while at < len(w):
        kind = kinds[at]
        if kind in "cnd#ms" or (kind == "x" and w.kind(at + 1) in "dn" and w.kind(at - 1) != "c"):
            if at > first and kind in "dm" and kinds[at - 1] in "nc)":
                break
            if at > first and kind == "n" and _is_participle(w, at) and kinds[at - 1] in "cn":
                break
        elif at == first:
            break
        elif kind == "P":
            following = w.kind(at + 1)
            named = following == "c" or (following == "d" and w.kind(at + 2) == "c")
            links = w.words[at] in ("of", "for", "from", "with") and following in "cdmn"
            if not links and not (w.words[at] == "at" and named):
                break
        elif kind == "t":
            if w.kind(at + 1) != "c":
                break
        elif kind == "C":
            if w.kind(at + 1) not in "cdm" or not _joins_nouns(w, at, first):
                break
        elif kind == "(":
            closing = at
            while closing < len(w) and kinds[closing] != ")":
                closing += 1
            at = closing
        else:
            break
        at += 1
    at = min(at, len(w))
    if at - first > 2 and w.words[at - 2] in _RELATIVE and _is_time(w, at - 1):
        at -= 2  # "by officers last year"
    while at > first and kinds[at - 1] in "PCtd" and w.words[at - 1] not in cues.ALONE:
        at -= 1
    return at


def apposition(w: Words, at: int) -> int:
    """Behind what explains the phrase that ends at ``at`` ("…, a friend of his"); else ``at``."""
    if w.kind(at) == "r":
        return _piece(w, at)
    if w.kind(at) != "," or at + 1 >= len(w):
        return at
    first = at + 1
    kind = w.kinds[first]
    end = _piece(w, first)
    if kind == "r":
        return end
    explains = kind in "d#m" or w.words[first] == "of" or (kind in "nc" and _role(w, first, end))
    named = w.words[at - 1] in cues.ROLES and set(w.kinds[first:end]) == {"c"}
    if named and end - first < 5:
        return end  # "the director, Ann Lee"
    # "…, a friend of his, said", but not "…, the deal was off".
    stop = next((k for k in range(first, end) if w.kinds[k] in "akv"), end)
    if not explains or (stop < end and "r" not in w.kinds[first:stop]):
        return at
    return end


def _piece(w: Words, at: int) -> int:
    while at < len(w) and w.kinds[at] not in ",.;:Q-":
        at += 1
    return at


def _role(w: Words, first: int, end: int) -> bool:
    return any(w.words[at] in cues.ROLES for at in range(first, min(end, first + 8)))


def aside(w: Words, at: int) -> int:
    """Behind the words of time, place and listener that stand at ``at`` ("on Monday")."""
    while at < len(w):
        kind = w.kinds[at]
        following = w.kind(at + 1)
        if kind in "xy" or (kind == "#" and w.kind(at - 1) == "y"):
            at += 1
        elif (w.words[at] in _RELATIVE and at + 1 < len(w) and _is_time(w, at + 1)) or (
            kind == "P" and following == "y"
        ):
            at += 2
        elif (kind == "P" and not (following == "#" or w.words[at + 1 : at + 2] == ["least"])) or (
            kind == "t" and following in "cdmo"
        ):
            end = phrase_after(w, at + 1)
            if end == at + 1:
                return at
            at = end
        else:
            return at
    return at
