"""What addresses an assistant: the wordings, in text as ``rag.visible.folded`` gives it.

Accents are folded away there, so none stands here. ``python -m eval planted`` counts what
they find in news and encyclopedia articles, which is to be next to nothing.
"""

from __future__ import annotations

import re

from rag.planted_languages import GROUPS

_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|guardrails|directives?|commands?|training"
    r"|programming|constraints|system\ messages?)"
)
_TEXT = rf"(?:{_RULES}|text|context|passages?|documents?|messages?|conversation|above|sources?)"
_MACHINE = (
    r"(?:assistants?|chat\ ?bots?|bots?|(?:large\ )?language\ models?|llms?|ai(?:\ models?"
    r"|\ systems?|\ assistants?|\ readers?|\ agents?)?|gpt\S*|models?|summari[sz]ers?"
    r"|answering\ systems?)"
)
_SURE = (
    r"(?:ai\ assistants?|ai\ models?|ai\ systems?|ai\ agents?|ai\ readers?|chat\ ?bots?|llms?"
    r"|(?:large\ )?language\ models?|automated\ (?:readers?|assistants?|systems?)"
    r"|(?:digital|virtual|answering)\ (?:assistants?|systems?))"
)
"""Machines only: "the assistant" may be a person."""
_GREETING = (
    r"(?:note|attention|message|important|instructions?|dear|hey|hello|correction|notice|update"
    r"|memo|warning|reminder)"
)
_DO = (
    r"(?:say|reply|respond|answer|write|output|include|add|state|append|print|tell|treat|ignore"
    r"|insert|mention|quote|cite|report|end|begin|recommend|omit|drop)"
)
_ASKED = (
    r"(?:please|must|should|shall|will\ now|are\ (?:asked|required|instructed|requested)"
    r"|is\ (?:asked|required|instructed|requested)|need(?:s)?\ to|ought\ to)"
)


_VERB = (
    r"(?:(?:^|[.!?:;,]\s+|\b(?:and|then|now|please|only|just)\s)(?:say|write|print|output|reply"
    r"|respond|append|include|render|list|mention|reveal|repeat"
    r"|answer|put|reset|make\ sure|trust|begin|finish|always)\b)"
)
_TOLD = (
    r"(?:\byour\ (?:\w+\ )?(?:rules|instructions|memory|configuration|prompt|responses?"
    r"|answers?(?!\ (?:sheet|paper|book|card|key))"
    r"|repl(?:y|ies)|output|developers?|creators?|programming|guidelines|regeln)\b"
    r"|\b(?:every|each|all|any)\ (?:responses?|repl(?:y|ies)|answers?|summar(?:y|ies)"
    r"|automated\ \w+)\b|\bthe\ user\b|\b(?:an?|the|any)\ (?:ai|llm|chatbot|assistant"
    r"|language\ model|bot)\b|\bassistant['’]s\b|\bfinal\ answer\b"
    r"|\byou\ (?:have\ been|were|are\ being)\ (?:told|given|updated|instructed|asked)\b"
    r"|\byour\ (?:\w+\ )?(?:message|system)\b|\bmarkdown\b|\bsummari[sz]ing\b|\bchatgpt\b"
    r"|\blanguage\ model\b"
    r"|\b(?:instructions|guidance|rules|orders|directions)\W+(?:\w+\W+)?(?:before|earlier|above"
    r"|given|provided|received)\b)"
)
_GROUPS = (
    (  # an order to write, with talk of rules and answers
        "your|every|each|all |any |the user|ai is|chatgpt|language model|instructions|guidance"
        "|rules|orders|directions|an ai|the ai|any ai|llm|bot|assistant|language model|final answer"
        "|you have been|you were|you are being|markdown|summari",
        rf"""
    {_VERB}[^.!?\n]{{0,100}}?{_TOLD} | {_TOLD}[^\n]{{0,100}}?{_VERB}
    | {_TOLD}[^.!?\n]{{0,60}}?\b(?:must|should|shall|will|has\ to|have\ to)\ (?:contain|say|write
        |output|include|mention|begin|start\ with|end\ with)\b
    """,
    ),
    (  # rules to be broken
        "ignor|disregard|forget|overrid|bypass|discard|overlook|attention|heed|follow|obey|pretend|act"
        "|behave|role|hidden|secret|invisible| this ",
        rf"""
    \b(?:ignore|disregard|forget|override|bypass|discard|overlook)\W+(?:\w+\W+){{0,4}}?
        (?:all|any|every|previous|prior|above|preceding|earlier|foregoing|your|these|those
        |other)\W+(?:\w+\W+){{0,3}}?{_TEXT}\b
    | \b(?:ignore|disregard|forget|discard)\W+(?:everything\W+|all\W+)?(?:that\ (?:is|stands)\W+)?
        (?:of\W+)?(?:the\W+)?(?:above|foregoing)\b
    | \b(?:ignore|disregard|forget|discard|override)(?:all|any|every|your|the|these|those|of)*
        (?:previous|prior|above|preceding|earlier|foregoing|instructions)
    | \b(?:ignore|disregard|forget|discard)\W+(?:\w+\W+){{0,2}}?(?:what(?:ever)?|everything
        |anything|all)\W+
        (?:\w+\W+)?(?:(?:you\W+)?(?:were|was|have\ been|has\ been)\W+(?:told|given|asked|said
        |instructed
        |written)|(?:came|comes|stands|stood|is\ written)\W+(?:before|above)|before\ this|above
        |the\ user\ (?:asks?|asked|said|says|wants?|wrote))\b
    | \b(?:system|admin|developer|safety)\ override\b | (?:^|[.!?]\s)override\s?:
    | \b(?:everything|all|anything|text|words|lines|whatever)\W+(?:\w+\W+)?(?:above|before)\ this
        \ (?:line|point|sentence|message|text|prompt)\b
    | \b(?:pretend|act|behave|role-?play)\W+(?:to\ be|that\ you\ are|you\ are|as|like)\W+(?:an?\W+)?
        (?:\w+\W+){{0,2}}?(?:ai|chat\ ?bot|unrestricted|uncensored|jailbroken|dan|llm
        |language\ model)\b
    | \b(?:do|follow|obey)\W+(?:what\W+)?(?:\w+\W+){{0,2}}?(?:hidden|secret|invisible)\W+(?:text
        |instructions?|message|orders?)\b
    | \b(?:pay\ no\ (?:attention|heed)\ to|do\ not\ (?:follow|obey|heed)|stop\ following)\W+
        (?:\w+\W+){{0,3}}?(?:previous|prior|above|preceding|earlier|foregoing|your|system)\W+
        (?:\w+\W+)?{_RULES}\b
    """,
    ),
    (  # what it was told
        "prompt|system|developer|instruction|rule|guideline|"
        "guardrail|directive|command|training|programming|constraint|message",
        rf"""
    \b(?:your|the|hidden|original|initial)\W+(?:system|developer)\W+
        (?:prompt|message|instructions?)\b
    | \b(?:system|initial|hidden)\ prompt\b
    | \bwhat\ (?:are|were)\ your\ (?:\w+\ )?(?:instructions|prompts?|guidelines|directives)\b
    | \b(?:reveal|repeat|print|output|show|leak|disclose)\W+(?:\w+\W+){{0,3}}?
        (?:your|system|hidden|initial)\W+(?:\w+\W+)?{_RULES}\b
    """,
    ),
    (  # who it is
        "assistant|chatbot| bot|model|llm|ai|gpt|summari|answering|digital|virtual|you are"
        "|you're|you’re"
        "|from now on|henceforth|automated",
        rf"""
    \byou(?:\ are|['’]re)\ (?:now\ )?(?:an?\ |the\ |no\ longer\ an?\ |in\ )?(?:\w+\W+){{0,2}}?
        (?:{_SURE}|assistant|bot|gpt\S*|ai|developer\ mode|dan)\b
    | \bas\ an?\ (?:{_SURE}|ai|assistant)\b,?\ (?:reading|you\ (?:have|must|should|are|will|need))\b
    | ^\W{{0,12}}to\ (?:the|any|every|all|whichever|whatever)\ (?:{_SURE}|ai)\b
    | \b(?:from\ now\ on|henceforth)\W+(?:\w+\W+){{0,2}}?you
        \ (?:are|will|must|shall|only|always|answer|reply|respond|say)\b
    | ^\W{{0,12}}{_GREETING}\W*(?:to\W+|for\W+)?(?:the\ |all\ |any\ )?{_MACHINE}\W*
        (?:\b(?:reading|processing|that|which|who|please|must|should|shall|will\ now|you)\b|[:,])
    | \b(?:note|notice|message|correction|instructions?|guidance|update|memo)\ (?:to|for
        |addressed\ to)\ (?:the\ |all\ |any\ )?{_SURE}\b
    | \b(?:the\ (?:assistant|chat ?bot|answering\ system)|(?:any|every|all)\ {_MACHINE}|{_SURE})\b
        (?:\W+(?:that|which|who)\W+(?:\w+\W+){{1,6}}?|\W+(?:reading|processing|using|quoting
        |summari[sz]ing|answering)\W+(?:\w+\W+){{0,4}}?|\W+){_ASKED}\W+(?:\w+\W+)?(?:to\W+)?{_DO}\b
    """,
    ),
    (  # what it is to write
        "answer|reply|replies|respon|output|summary|"
        "ask|summari|speaker|passage|who sa|citation|attribution|the user|matter|whatever"
        "|regardless"
        "|question|query|document|source|task|job|goal|instruction|purpose",
        r"""
    \b(?:when|if|whenever)\ (?:you\ (?:are\ )?)?(?:asked|answering|summari[sz]ing|responding
        |replying)\b[^.;!?]{0,80},\ (?:please\ |always\ |only\ |just\ )?(?:say|reply|respond
        |answer|write|output|include|add|state|append|print|tell)\b
    | (?:^|[.!?:;,]\s+|\b(?:please|instead|always|only|just|then|must|now)\W+)(?:respond|reply
        |answer)\W+
        (?:(?:only|instead|always|exactly|solely)\W+(?:with|by|using|in|as)\b
        |(?:\w+\W+)?with\W+(?:["“‘'`*]|only\b|nothing\b|exactly\b|just\b|the\ (?:single\ |exact
        \ |following\ )*(?:words?|phrase|text|string|sentence|line|code)\b|(?-i:[A-Z]{2,}))
        |in\ (?:json|base64|capitals|all\ caps|reverse|rhyme)\b|as\ (?:if|though|dan)\b)
    | \b(?:begin|start|end|finish|close)\ (?:your|each|every)\ (?:answer|reply|response|summary)
        \ (?:with|by)\b
    | (?:^|[.!?:;,]\s+|\b(?:please|instead|always|only|must)\W+)(?:respond|reply|answer|say)\W+
        (?:\W*(?:yes|no)\W+)?(?:to|for)\ (?:any|every|all|each|whatever|the\ user)\b
    | \b(?:add|append|include|insert|put|embed|render|display|show|place|mention|write)\W+
        (?:[^.!?\n]|[.!?](?=\S)){0,160}?\b(?:in|into|to|at\ the\ (?:end|beginning|start)\ of|with
        |before|after|below|under)\W+(?:your|every|each)\W+(?:\w+\W+)?(?:answer|reply|response|output|summary)\b
    | \b(?:add|append|insert|put|embed|render)\W+(?:[^.!?\n]|[.!?](?=\S)){0,160}?\b
        (?:in|into|to|at\ the\ end\ of|with)\W+the\W+(?:answer|reply|response|output|summary)\b
    | \b(?:your|the\ final)\ (?:answers?|repl(?:y|ies)|responses?|output|summary)\ (?:must|should
        |shall|has\ to|have\ to|is\ to|are\ to)\b
    | \b(?:do\ not|don['’]t|never)\ (?:summari[sz]e|answer)\ (?:this|the\ (?:user|question|query))\b
    | \bwhen(?:ever)?\ you\ (?:write|give|compose|produce|generate|finish|form)\ (?:your|the|an?)
        \ (?:\w+\ )?(?:answer|reply|response|summary|output)\b
    | (?:^|[.!?;:,]\s+|\b(?:please|must|and|then)\s)(?:tell|inform|ask|instruct|advise
        |convince|urge)
        \ the\ user\b
    | \b(?:no\ matter|whatever|regardless\ of)\W+(?:what\W+)?(?:the\W+)?(?:question|query|prompt
        |is\ asked|you(?:\ are|['’]re)\ asked|(?:the\ user|they|anyone|somebody)\ (?:asks?|wants))\b
    | \b(?:cite|quote|trust|prefer|believe|use)\W+(?:only\W+)?this\ (?:passage|document|source)
        \ (?:for|in|only|alone|above|instead)\b | \bonly\ this\ passage\b
    | \b(?:other|above|previous|preceding|earlier)\W+(?:passages|sources)\W+(?:are
        |were)\W+(?:\w+\W+)?
        (?:wrong|false|fake|outdated|unreliable|incorrect|not)\b | \bpassages?\ above\ (?:is|are)\b
    | \b(?:translate|encode|rewrite|prefix|format|wrap|phrase)\W+(?:the|your|every|each|all)\W+
        (?:final\W+)?(?:answers?|repl(?:y|ies)|responses?|output)\b
    | \byour\ (?:real|actual|true|new|next|only)\ (?:task|job|goal|instructions?
        |purpose)\ (?:is|are)
        \ (?:now\ )?to\ (?:say|write|print|output|answer|reply|respond|repeat|include|tell)\b
    | \bthe\ (?:only\ )?(?:right\ |correct\ |true\ )?(?:answer|reply|response)\ to\ (?:any|every
        |all|each|whatever)\b(?:\ (?:the|of|other))*\ (?:(?!these|those)\w+\ )?
        (?:questions?|quer(?:y|ies)|it)\b[^.;!?]{0,60}?\b(?:is|are|must|reads|should)\b
    | \b(?:do\ not|don['’]t|never|without)\ (?:\w+\ )?(?:mention(?:ing)?|nam(?:e|ing)|attribut(?:e
        |ing)|cit(?:e|ing)|quot(?:e|ing)|giv(?:e|ing))\W+(?:\w+\W+){0,2}?(?:speakers\b
        |passage\ numbers?|who\ (?:said|says)\ (?:it|what|so|this))\b
    | (?:^|[.!?:;,]\s+|\bplease\W+)(?:drop|omit|leave\ out|remove|hide)\W+(?:\w+\W+){0,3}?
        (?:speakers\b|attributions?|citations|passage\ numbers?|who\ (?:said|says)\ (?:it|this))\b
    """,
    ),
    (  # where it is to send what was asked
        "question|query|conversation|chat|http|the user|history|prompt",
        r"""
    \b(?:the\ user['’]s|their)\ (?:question|query|conversation|chat)\b.{0,60}
        (?:https?:|url|link|image)
    | \b(?:ignore|disregard|forget|encode|embed|send|leak|post|append|put
        |include)\W+(?:\w+\W+){0,3}?
        the\ user['’]s\ (?:question|query|request|prompt|message|conversation|chat)\b
    | \b(?:send|post|forward|leak|transmit)\W+(?:the|this|our
        |your)\W+(?:\w+\W+)?(?:conversation|chat
        |question|query|prompt|history)\ to\b
    | https?://[^\s)"'>]{0,300}?(?:\{|<|\[|%7b|\$)\W?\w*(?:question|query|prompt|user|chat|conversation
        |history|answer|text|data)
    | !\[[^\]\n]{0,200}\]\(\s?<?https?:[^)\s?]{0,300}\?[^)\s=]{0,100}=
    | <img\b[^>\n]{0,200}?https?:[^>\s?]{0,300}\?[^>\s=]{0,100}=
    """,
    ),
    (  # marks of a chat and of a prompt
        "<|[|#|{|human|role|system|assistant|user|"
        "instruction|passage|context|source|prompt|input|material|document|task",
        r"""
    <\|\w+\|?> | <\|?(?:im_start|im_end|endoftext|eot_id|start_header_id)\b
    | </?(?:system|user|assistant|instructions?|start_of_turn|end_of_turn|tool_call|function_call
        |system_prompt|important|admin|override|context|passages?|answer)> | ^\s*</s>
    | \[/?INST\] | <</?SYS>> | ^\W{0,12}(?:system|assistant|user|human)\s*:
    | ^\#{2,6}\s?(?:system|instruction|response)\b
    | ["'](?:role)["']\s?:\s?["'](?:system|assistant|user|developer)["']
    | ^\W{0,12}\{\s*["'](?:answer|response|reply|output|system_prompt)["']\s*:
    | ^\W{0,12}(?:end|start|beginning)\ of\ (?:the\ |all\ )?(?:numbered\ )?(?:passages?|context
        |sources?|instructions?|prompt|(?:quoted\ |user\ )?(?:input|material)|documents?)\b
    | ^\W{0,12}(?:begin|end)\W+(?:system|instructions?|passages?|context|prompt)\W*$
    | ^\[\d+\]\ [^\n]*\n>\ | \bnew\ (?:instructions?|task)\ (?:for\ (?:you|the\ assistant))?\s*:
    """,
    ),
)

ADDRESSED = tuple(
    (tuple(words.split("|")), re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.MULTILINE))
    for words, pattern in (*_GROUPS, *GROUPS)
)
"""Is planted wherever it stands: patterns, each with words in lower case of which its every
match holds one, as looking for words is a hundred times as fast."""

_SAY = (
    r"(?:say|write|reply|answer|respond|print|output|repeat|include|add|append|insert|begin|end"
    r"|tell|state|claim|mention|cite|quote|recommend|visit|click|send|call|fetch|load|open|render"
    r"|show|display|translate|use|give|return|finish|start|follow|do|make|treat|report|pretend"
    r"|sag|sage|schreib|schreibe|antworte|nenne|dis|dites|ecris|ecrivez|di|escribe|responde)"
)

ORDERED = re.compile(
    rf"""
    (?:^|[.!?:;]["'”’)]{{0,4}}\s{{1,4}})\W{{0,8}}(?:(?:please|always|instead|then|and|now|just|only|so|never
        |do\ not|you\ must|you\ should|you\ will|bitte)\W+)*{_SAY}\b
    | https?: | \bwww\. | \]\( | javascript: | \bdata:\w | <img\b
    | ^\W{{0,12}}(?:\[\d+\]|(?:passage|source|document)\W{{0,2}}\d+|question|answer|q|a)
        \W{{0,4}}[:\]]
    | ^\[\d+\]
    | \bthe\ (?:only\ )?(?:right|correct|true|real)\ answer\b | \byour\ (?:answer|reply|response)\b
    | \byou\ (?:must|should|shall|will|are\ to|have\ to)\b
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""Is planted near what addresses an assistant; elsewhere a recipe, a link or a list."""
