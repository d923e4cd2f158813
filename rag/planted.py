"""Text in a document that addresses an assistant instead of a reader.

A language model may follow it, and quoting it would hand on what it wants shown. So it is
blanked in prompts, is no evidence, and is never quoted in an answer; the page shows it in the
document like any other text. The patterns are narrow: talk to a machine about its rules,
prompts, answers, and the marks that separate turns of a chat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.visible import visible

_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|guardrails|directives?|commands?|training"
    r"|programming|constraints|system messages?)"
)
_TEXT = rf"(?:{_RULES}|text|context|passages?|documents?|messages?|conversation|above|sources?)"
_MACHINE = (
    r"(?:assistant|chat ?bots?|bots?|(?:large )?language models?|llms?|ai(?: models?| systems?"
    r"| assistants?)?|gpt\S*|model|summari[sz]er|answering system)"
)
_PLANTED = re.compile(
    rf"""
    \b(?:ignore|disregard|forget|override|bypass|discard|overlook)\W+(?:\w+\W+){{0,4}}?
        (?:all|any|every|previous|prior|above|preceding|earlier|foregoing|your|these|those
        |other)\W+(?:\w+\W+){{0,3}}?{_TEXT}\b
    | \b(?:ignore|disregard|forget|discard)\W+(?:everything\W+)?(?:the\W+)?(?:above|foregoing)\b
    | \b(?:your|the|hidden|original|initial)\W+(?:system|developer)\W+
        (?:prompt|message|instructions?)\b
    | \b(?:reveal|repeat|print|output|show|leak|disclose)\W+(?:\w+\W+){{0,3}}?
        (?:your|system|hidden|initial)\W+(?:\w+\W+)?{_RULES}\b
    | \byou\ are\ (?:now\ )?(?:an?\ |no\ longer\ an?\ |in\ )?(?:\w+\W+){{0,2}}?
        (?:{_MACHINE}|developer\ mode|dan)\b
    | \b(?:from\ now\ on|henceforth)\W+(?:\w+\W+){{0,2}}?you
        \ (?:are|will|must|shall|only|always|answer|reply|respond|say)\b
    | ^\W*(?:note|attention|message|important|instructions?|dear|hey|hello)?\W*(?:to|for)?\W*
        (?:the\ |all\ |any\ )?{_MACHINE}s?\W+(?:reading|processing|that|which|who|please|must
        |should|shall|will\ now|you|:)
    | \b(?:the|any|every|all)\ {_MACHINE}s?\ (?:must|should|shall|is\ (?:required|instructed)\ to)\b
    | \b(?:when|if|whenever)\ (?:you\ (?:are\ )?)?(?:asked|answering|summari[sz]ing|responding
        |replying)\b[^.;!?]{{0,80}},\ (?:please\ |always\ |only\ |just\ )?(?:say|reply|respond
        |answer|write|output|include|add|state|append|print|tell)\b
    | (?:^|[.!?:;,]\s+|\b(?:please|instead|always|only|just|then|must|now)\W+)(?:respond|reply
        |answer|end\ your\ (?:answer|reply|response)|begin\ your\ (?:answer|reply|response))\W+
        (?:only\W+|instead\W+|always\W+|exactly\W+)*(?:with|by|using|in|as)\b
    | \b(?:add|append|include|insert|put|embed|render|display|show)\W+(?:\w+\W+){{0,6}}?
        (?:in|into|to|at\ the\ end\ of|with)\W+(?:your|the|every|each)\W+
        (?:answer|reply|response|output|summary)\b
    | \b(?:your|the\ final)\ (?:answer|reply|response|output)\ (?:must|should|shall|has\ to
        |is\ to)\b
    | \b(?:the\ user's|their)\ (?:question|query|conversation|chat)\b.{{0,60}}
        (?:https?:|url|link|image)
    | !\[[^\]]*\]\( | \]\(\s*(?:https?:|data:|javascript:)
    | <\|?(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\b
    | \[/?INST\] | <</?SYS>> | ^\W*(?:system|assistant|user)\s*: | \#{{2,}}\s*(?:system|instruction)
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


def is_planted(text: str) -> bool:
    """Whether something in ``text`` speaks to an assistant about what it is to answer."""
    return _PLANTED.search(visible(text)) is not None


def blanked(text: str, sentences: Sequence[tuple[int, int]]) -> str:
    """``text`` with every one of its ``sentences`` that is planted as "[…]"."""
    parts, done = [], 0
    for start, end in sentences:
        if is_planted(text[start:end]):
            parts += [text[done:start], "[…]"]
            done = end
    return "".join((*parts, text[done:]))
