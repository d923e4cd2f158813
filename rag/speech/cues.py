"""The words that say that somebody says, thinks or wants something.

English verbs by what may follow them, adjectives and nouns that do the same ("is sure",
"claim"), and the closed classes of words that tell where a phrase begins and ends. Only
base forms are listed; the others are made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Form = Literal["base", "s", "past", "participle", "ing", "adjective"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb, or an adjective behind "is", that attributes."""

    base: str
    frames: str
    """What may follow, a letter each: ``c`` what is said, as a clause or quotation; ``t``
    somebody first ("told reporters that"); ``i`` an infinitive ("plans to"); ``n`` what it is
    about as an object ("criticised the plan"); ``p`` that behind a preposition ("spoke of");
    ``d`` a clause, and nothing else ("the study found that"); ``q`` only a quotation;
    ``l`` a noun of ``CLAIMS`` ("issued a warning")."""
    attitude: bool
    """It tells what somebody believes or wants, not what they say."""
    denies: bool


_SPEECH = {
    "c": """say accept add write insist maintain contend assert remark reply retort counter quip
        opine muse observe conclude exclaim interject joke boast brag grumble scoff recall complain
        recount reckon attest testify swear tweet retweet blog post marvel clarify speculate hint
        imply intimate concur proclaim lament stress emphasize emphasise underline underscore
        reiterate repeat rule""",
    "q": """submit move
        continue shout yell cry scream whisper mutter murmur sigh laugh chant sing gush fume
        snap bark elaborate smile nod grin begin read sneer snarl trill purr chuckle giggle beam
        shrug growl hiss blurt""",
    "cn": """announce acknowledge admit affirm allege argue claim concede confess confirm
        declare disclose estimate explain forecast mention note predict pronounce propose
        recommend report reveal state suggest narrate preach protest warn caution indicate
        specify summarize summarise signal quote cite charge ask question inquire enquire wonder
        query demand discuss debate explain""",
    "ct": "tell remind assure reassure inform notify advise brief convince persuade",
    "ci": "promise vow pledge threaten agree volunteer plead beg",
    "ni": "urge implore press pressure lobby order encourage instruct exhort offer",
    "n": """attribute
        correct criticize criticise praise slam denounce condemn decry assail rebuke chastise
        chide scold mock ridicule deride defend endorse oppose tout hail laud applaud
        welcome commend congratulate thank blame accuse call label dub brand describe
        characterize characterise depict portray paint reference outline unveil detail lambast
        lambaste excoriate blast bash skewer disavow downplay invoke highlight echo compare
        liken equate articulate voice convey express advocate attack insult taunt belittle
        disparage malign smear vilify berate castigate admonish reprimand fault impugn
        caricature deplore promote champion bemoan overstate understate exaggerate minimize
        minimise link hammer rip grill pound pan document chronicle pitch pooh-pooh
        recite preview spell""",
    "p": """speak talk comment refer allude rail lash complain object apologize apologise respond
        answer appeal rant lecture call point agree advocate argue insist write ask joke boast
        brag warn testify preach push campaign harp dwell sum lay""",
    "l": """make give issue raise express voice level deliver launch release repeat publish cast
        unleash offer send file""",
}
_DENIALS = {
    "cn": "deny doubt",
    "p": "disagree",
    "n": """contest rubbish refute reject dismiss rebut dispute contradict repudiate disclaim
        debunk disavow""",
}
_ATTITUDES = {
    "c": """believe think feel assume suppose presume guess suspect imagine know realize realise
        conclude worry""",
    "cn": "fear understand recognize recognise anticipate foresee regret",
    "ci": "hope decide determine wish bet",
    "ni": "want plan intend aim prefer desire expect like",
    "n": """support favor favour admire love hate despise loathe resent respect distrust back
        envy dislike detest embrace resist see view regard""",
    "i": "consider decline refuse",
}
BELIEFS = frozenset("believe think feel suspect fear worry regret".split())
"""Attitudes to what is so, not to what somebody wants."""
_SHOWING = {"d": "show find demonstrate prove notice discover learn hear"}

_IRREGULAR = {
    "say": "said said",
    "tell": "told told",
    "write": "wrote written",
    "think": "thought thought",
    "feel": "felt felt",
    "know": "knew known",
    "find": "found found",
    "show": "showed shown",
    "speak": "spoke spoken",
    "see": "saw seen",
    "hear": "heard heard",
    "read": "read read",
    "mean": "meant meant",
    "understand": "understood understood",
    "foresee": "foresaw foreseen",
    "forecast": "forecast forecast",
    "bet": "bet bet",
    "swear": "swore sworn",
    "beg": "begged begged",
    "quip": "quipped quipped",
    "plan": "planned planned",
    "pan": "panned panned",
    "slam": "slammed slammed",
    "admit": "admitted admitted",
    "rebut": "rebutted rebutted",
    "refer": "referred referred",
    "brag": "bragged bragged",
    "blog": "blogged blogged",
    "submit": "submitted submitted",
    "snap": "snapped snapped",
    "concur": "concurred concurred",
    "dub": "dubbed dubbed",
    "rip": "ripped ripped",
    "sum": "summed summed",
    "lay": "laid laid",
    "prefer": "preferred preferred",
    "regret": "regretted regretted",
    "prove": "proved proven",
    "sing": "sang sung",
    "give": "gave given",
    "make": "made made",
    "cast": "cast cast",
    "send": "sent sent",
    "draw": "drew drawn",
    "begin": "began begun",
    "worry": "worried worried",
}
"""Base form to past tense and participle."""

_ATTITUDE_ADJECTIVES = """sure confident certain aware convinced worried concerned afraid
    hopeful optimistic pessimistic skeptical sceptical critical supportive doubtful determined
    eager willing reluctant
    glad pleased proud angry disappointed surprised shocked outraged frustrated upset grateful
    sorry unsure uncertain unaware wary keen adamant opposed complimentary coy open bearish
    bullish dismissive mindful suspicious anxious unhappy unconvinced""".split()

CLAIMS = frozenset(
    """claim claims statement statements allegation allegations accusation accusations assertion
    assertions suggestion suggestions insinuation insinuations belief beliefs view views opinion
    opinions argument arguments contention charge charges complaint complaints criticism
    criticisms warning warnings promise promises pledge pledges vow vows threat threats call
    calls demand demands request requests appeal appeals plea pleas plan plans proposal proposals
    hope hopes fear fears concern concerns worry worries doubt doubts question questions comment
    comments remark remarks announcement declaration explanation prediction predictions forecast
    estimate estimates report reports rumor rumors rumour rumours theory speculation denial
    denials admission confession acknowledgement acknowledgment insistence testimony conclusion
    recommendation recommendations expectation expectations intention intentions desire wish
    wishes willingness refusal support opposition condemnation praise attack attacks rebuke
    description characterization characterisation tweet tweets assurance assurances assessment
    commitment reference references notion determination eagerness disdain enthusiasm adulation
    contempt respect admiration""".split()
)
"""Nouns that stand for saying, thinking or wanting something."""
ASSERTIONS = frozenset(
    """claim claims allegation allegations accusation accusations assertion assertions suggestion
    suggestions insinuation insinuations belief complaint complaints rumor rumors rumour rumours
    speculation fear fears concern concerns notion report reports""".split()
)
"""Those of ``CLAIMS`` that attribute even where nobody is named ("allegations that")."""
INTENTIONS = frozenset(
    """promise promises pledge pledges vow vows threat threats call calls demand demands request
    requests plan plans proposal proposals intention intentions desire wish willingness refusal
    determination eagerness commitment hope""".split()
)
"""Those of ``CLAIMS`` that an infinitive follows."""
ATTITUDE_NOUNS = frozenset(
    """belief beliefs view views hope hopes fear fears concern concerns worry worries doubt doubts
    expectation expectations intention intentions desire wish wishes willingness support
    opposition determination eagerness disdain enthusiasm adulation contempt respect admiration
    plan plans""".split()
)

HEARSAY = frozenset("reportedly allegedly supposedly purportedly".split())
"""Adverbs that say that somebody says so, and not who."""
HELD = frozenset(
    """expect say believe think report allege know understand assume estimate presume rumor
    rumour""".split()
)
"""Verbs that in the passive say so, too ("is believed to")."""
DOCUMENTS = frozenset(
    """study studies poll polls survey surveys report reports data research figures review analysis
    records document documents transcript slide slides results email emails letter letters
    statistics numbers article articles story paper papers investigation website memo book video
    audit filing panel census""".split()
)
"""What shows and finds something without speaking."""

BROADCASTERS = frozenset("cnn bbc nbc abc cbs msnbc itv fox npr afp reuters".split())
"""Names that stand for all of who is told."""
HEARERS = frozenset(
    """court courts inquest jury jurors tribunal hearing committee commission panel inquiry
    magistrates""".split()
)
"""Who hears what is said before them, and so stands for it."""
FINDERS = frozenset(
    """researchers scientists team experts doctors investigators detectives inspectors auditors
    inquest jury court tribunal judge officers police astronomers archaeologists economists
    tests""".split()
)
"""Who finds that something is so, without a "that"."""

# Nouns as often as verbs, so that their neighbours have to tell.
NOUNLIKE = frozenset(
    """attribute attributes move moves
    call calls report reports plan plans view views note notes state states show shows tweet
    tweets post posts blog blogs quote quotes attack attacks demand demands hope hopes fear fears
    doubt doubts question questions comment comments remark remarks promise promises pledge
    pledges vow vows joke jokes charge charges estimate estimates forecast forecasts order orders
    want wants desire desires back backs like likes love loves fault faults voice voices detail
    details label labels brand brands point points find finds read reads mean means talk talks
    answer answers appeal appeals object objects worry worries regret regrets wish wishes bet bets
    figure figures aim aims signal signals cry cries scream screams shout shouts whisper whispers
    sigh sighs laugh laughs chant chants bark barks snap snaps echo echoes champion champions
    insult insults paint paints brief briefs press pressure pressures lobby lobbies claim claims
    counter counters reply replies support supports favor favors favour favours challenge
    challenges dispute disputes offer offers respect respects blame praise welcome reference
    references outline outlines highlight highlights taunt taunts caution cautions blast blasts
    preach issue issues advocate advocates document documents guess thank thanks rant rants lecture
    lectures stress debate debates protest protests feel hate envy release releases decline
    declines address addresses link links push pan pitch pitches rip rule rules draw draws file
    files cast casts level levels launch query wonder wonders hammer hammers pound pounds grill
    chronicle chronicles address rebuke rebukes reject hail hails campaign campaigns go sum lay
    raise raises recount recall muse aid experience attitude sing have has had suspect suspects
    stresses desires wonders feels hates accepts""".split()
)

PRONOUNS = frozenset("he she they we i it you".split())
ALONE = PRONOUNS | frozenset(
    """some many others most everyone everybody someone somebody nobody few one both all anyone
    several those another""".split()
)
"""Words that can be a whole subject."""
OBJECTS = frozenset("me him us them himself herself itself themselves".split())
POSSESSIVES = frozenset("his her its their my our your whose".split())
DETERMINERS = frozenset(
    """the a an this these those some any each every no another both all many several few most
    much other such more less own one two three four five six seven eight nine ten dozens
    hundreds thousands half""".split()
)
COUNTS = frozenset("two three four five six seven eight nine ten".split())
PREPOSITIONS = frozenset(
    """of in on at by for from with about against among around between during into like near over
    per through toward towards under upon within without via despite amid beside behind beyond
    outside inside alongside including regarding concerning across above below along following
    throughout besides except off onto out up down""".split()
)
ABOUT = frozenset("about of on for to against with out upon".split())
"""Prepositions that bring in what is said."""
SUBORDINATORS = frozenset(
    """but yet because although though while whereas if unless until when whenever where since as
    than so once after before whether how why what lest""".split()
)
WHEN = frozenset("when while as after before although though if because since until once".split())
"""Those that open a clause which a comma ends."""
REASONS = frozenset("because since unless if until so".split())
"""Those with which somebody goes on: "…, she said, because …"."""
CONTRASTS = frozenset("but while although though whereas".split())
RELATIVES = frozenset("who which whom".split())
QUESTIONS = frozenset("whether how why what where when who which if".split())
BEING = frozenset(
    "is are was were be been being am isn't aren't wasn't weren't 's 're 'm ’s ’re ’m".split()
)
HAVING = frozenset("has have had having hasn't haven't hadn't 've 'd ’ve ’d".split())
AUXILIARIES = (
    BEING
    | HAVING
    | frozenset(
        """do does did will would can could may might must shall should cannot don't doesn't didn't
        won't wouldn't can't couldn't mustn't shouldn't ain't""".split()
    )
)
ADVERBS = frozenset(
    """also now then still just even not never ever later earlier again already always often once
    twice soon long first further instead meanwhile however therefore moreover here there too only
    perhaps maybe rather quite very far almost sometimes seldom thus hence nonetheless nevertheless
    otherwise afterward afterwards beforehand elsewhere""".split()
)
TIMES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february april june july
    august september october november december yesterday today tonight tomorrow morning afternoon
    evening overnight weekend""".split()
)
PARTS_OF_DAY = frozenset(
    "yesterday today tonight tomorrow morning afternoon evening overnight weekend".split()
)
"""Those of ``TIMES`` that only a name capitalises."""
LY_NOUNS = frozenset(
    """family families reply supply ally assembly anomaly bully butterfly monopoly rally doily
    gully belly jelly lily tally folly daily weekly monthly""".split()
)
"""Nouns that end as adverbs do."""
ABOUT_TO = frozenset(
    "set due scheduled poised likely unlikely about ready slated authorized authorised "
    "allowed permitted cleared entitled".split()
)
"""Words before "to say" after which nothing is said yet."""
CAUSING = frozenset(
    "prompted prompting prompts led leading leads forced forcing forces caused causing".split()
)
"""Verbs behind which it is the object that is "to say" something."""
LEADING_IN = frozenset(
    """going went go goes tried tries trying try continued continues continue refused refuses
    refusing declined declines began begins started appeared appears seemed seems failed fails
    managed used came returned proceeded stopped rushed took moved hastened ventured dared gone
    kept keeps need needs""".split()
)
"""Words before "to say" or "saying" whose subject is the one who says it."""
VERBS = frozenset(
    """took takes went goes made makes came comes gave gives got gets held holds began begins led
    leads faced faces met meets ran runs used uses sends sent seized won wins lost loses became
    becomes kept keeps left leaves put puts brought brings stood stands sat sits set sets fell
    falls rose rises grew grows turned turns moved moves worked works played plays lived lives died
    dies killed kills joined joins visited visits arrived arrives returned returns happened happens
    followed follows opened opens closed closes ended ends started starts stopped stops walked
    walks passed passes signed signs spent spends paid pays bought buys sold sells built builds
    broke breaks drew draws drove drives rode rides flew flies wore wears ate eats drank drinks
    slept sleeps chose chooses served serves helped helps tried tries hit hits cut cuts let lets
    remained remains stayed stays seemed seems appeared appears continued continues failed fails
    allowed allows included includes received receives appointed appoints elected elects nominated
    launched launches released releases watched watches looked looks participated attended attends
    responded voted votes increased increases declined needs needed lacks lack""".split()
)
"""Frequent finite verbs that attribute nothing; they tell where a subject ends."""
PLURALS = frozenset(
    """people police officials critics women men children media data some number
    majority handful dozens""".split()
)
BODIES = frozenset(
    """club team side squad company firm government council ministry couple family union party board
    band duo trio pair group committee crew association federation authority agency department
    bank airline retailer charity force trust jury panel opposition cabinet leadership management
    staff crowd army navy press public population broadcaster league network""".split()
)
"""Nouns that have a plural verb in British English: "the club insist"."""

ROLES = frozenset(
    """surveyor caretaker lifeguard plumber claimant plaintiff defendant beekeeper vet pharmacist
    florist coroner bookkeeper auctioneer actuary
    landlady landlord publican housewife waiter waitress driver
    spokesman spokeswoman spokesperson minister president ambassador senator governor
    secretary director chief chairman chairwoman chairperson chair manager adviser advisor aide
    leader professor analyst attorney lawyer judge mayor nominee candidate official expert
    founder co-founder reporter journalist author economist researcher scholar commissioner
    congressman congresswoman representative lawmaker deputy officer general colonel lieutenant
    barrister solicitor administrator parent
    captain sergeant inspector detective sheriff king queen prince princess pope bishop
    archbishop cardinal reverend rabbi imam executive ceo cfo editor columnist correspondent
    strategist pollster consultant activist advocate organizer organiser co-chair counsel
    prosecutor justice speaker premier chancellor treasurer principal superintendent dean
    provost fellow historian writer novelist actor actress singer coach player critic
    commentator host physicist astronomer doctor physician surgeon nurse engineer farmer teacher
    student resident supporter businessman businesswoman billionaire entrepreneur investor owner
    head boss veteran envoy diplomat delegate negotiator commander admiral mp mep pm politician
    democrat republican opponent rival wife husband son daughter father mother brother sister
    widow friend neighbour neighbor witness victim survivor colleague employee counterpart
    scientist biologist chemist geologist psychologist sociologist philosopher architect artist
    designer librarian baker fisherman meteorologist climatologist ecologist paleontologist
    palaeontologist archaeologist anthropologist epidemiologist virologist curator conservator
    pastor priest chaplain warden ranger firefighter paramedic pilot driver shopkeeper trader
    banker broker accountant auditor ombudsman regulator undersecretary consul narrator
    announcer insider agent clerk councillor councilor alderman keeper master landlord tenant
    trustee headteacher headmaster headmistress presenter moderator interviewer contractor
    builder supplier developer insurer lender buyer seller passenger eyewitness bystander
    producer promoter creator predecessor successor cousin uncle aunt nephew niece grandfather
    grandmother grandson granddaughter girlfriend boyfriend fiance fiancee mum mom dad hiker
    climber mountaineer fan skipper rapper comedian trooper constable illustrator blogger
    stylist trainer chef instructor campaigner songwriter biographer publicist psychiatrist
    therapist specialist chancellor referee
    winger striker midfielder goalkeeper swimmer sprinter jockey golfer cyclist boxer
    batsman bowler""".split()
)
"""Nouns that name what somebody is or does."""
TITLES = frozenset(
    """mr mrs ms miss dr sen rep gov gen lt col sgt cmdr supt insp det cpl rev hon prof
    capt adm sir dame lord lady maj
    sens reps cllr cllrs""".split()
)


def _inflected(base: str) -> Iterator[tuple[Form, str]]:
    """``base`` in all its forms; the past tense is also the participle where none is given."""
    last = base[-1]
    consonant_y = last == "y" and base[-2] not in "aeiou"
    if base in _IRREGULAR:
        past, participle = _IRREGULAR[base].split()
    else:
        past = base + "d" if last == "e" else base[:-1] + "ied" if consonant_y else base + "ed"
        participle = past
    doubles = past == base + last + "ed" or base == "bet"
    stem = base + last if doubles else base
    if last == "e" and base[-2:] not in ("ee", "oe"):
        stem = base[:-1]
    yield "base", base
    if consonant_y:
        yield "s", base[:-1] + "ies"
    else:
        yield "s", base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    yield "past", past
    if participle != past:
        yield "participle", participle
    yield "ing", stem + "ing"


def _cues() -> dict[str, tuple[Cue, Form]]:
    merged: dict[str, Cue] = {}
    for groups, attitude, denies in (
        (_SPEECH, False, False),
        (_DENIALS, False, True),
        (_SHOWING, False, False),
        (_ATTITUDES, True, False),
    ):
        for frames, bases in groups.items():
            for base in bases.split():
                known = merged.get(base, Cue(base, "", attitude, denies))
                merged[base] = Cue(base, known.frames + frames, known.attitude, known.denies)
    return {word: (cue, form) for cue in merged.values() for form, word in _inflected(cue.base)}


CUES = _cues()
"""Form, in lower case, to the verb and which of its forms that is."""
ADJECTIVES: dict[str, tuple[Cue, Form]] = {
    word: (Cue(word, "dip", True, False), "adjective") for word in _ATTITUDE_ADJECTIVES
}
"""The same for adjectives; they attribute behind "is" and its forms alone."""

DISOWNS = re.compile(
    r"\b(?:(?:do|does|did) not|(?:do|does|did)n[’']t|cannot|can[’']t)(?: \w+ly)?"
    r" (?:accept|agree|believe|think|recogni[sz]e)$"
)
"""Ends in a verb by which somebody takes what follows for untrue."""
