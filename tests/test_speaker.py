"""Whose words they are: quotations, reports, pronouns, roles, and nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.position import whose
from rag.speaker import statements
from rag.speech.attribution import attributions
from rag.speech.dialogue import turns
from rag.speech.given import gender_of
from rag.speech.quotes import paragraphs, quotations
from rag.types import Statement

SEEDS = next((Path(__file__).parents[1] / "seeds").glob("*.txt"))


def outer(text: str) -> list[Statement]:
    """What is not said within what another one says, wishes left out."""
    return [s for s in statements(text) if not s.nested and s.speaker.mode != "attitude"]


def said(text: str) -> list[tuple[str, str | None, str]]:
    """(Name, role, content) of each."""
    return [(s.speaker.name, s.speaker.role, text[s.start : s.end]) for s in outer(text)]


# --- Letters of all alphabets --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Recep Şahin",
        "Ann Østergaard",
        "Élisabeth Borne",
        "İlham Əliyev",
        "Łukasz Żak",
        "Ольга Яшина",
    ],
)
def test_names_are_of_any_letters(name: str) -> None:
    last = name.split()[1]
    text = f"{name}, the prime minister, said that it rained. It is over, {last} said."
    assert said(text) == [
        (name, "prime minister", "that it rained"),
        (name, "prime minister", "It is over"),
    ]
    chat = f"{name}: It leaks.\nÓscar Díaz: It does not.\n{name}: It does.\nÓscar Díaz: No."
    assert [who for who, _, _ in said(chat)] == [name, "Óscar Díaz"] * 2


# --- Lines and cells -----------------------------------------------------------------------

WRAPPED = """We looked at it when the plan came up again in the spring. Gareth
Pryce's figures show that it is dear, as was feared; and Gareth
Pryce said that it was. "Nobody on the quay will hear it," said Dev Anand, director
  of operations at the works."""


def test_a_name_that_is_broken_over_two_lines_is_one() -> None:
    assert said(WRAPPED) == [
        ("Gareth Pryce's figures", None, "that it is dear, as was feared"),
        ("Gareth Pryce", None, "that it was"),
        ("Dev Anand", "director of operations at the works", '"Nobody on the quay will hear it,"'),
    ]
    for one in statements(WRAPPED):
        named = WRAPPED[one.speaker.start : one.speaker.end]
        assert " ".join(named.split()).startswith(one.speaker.name)
        assert WRAPPED[one.speaker.cue_start : one.speaker.cue_end] in ("show", "said")


@given(
    st.lists(st.sampled_from(["Ann Lee said that it rained,", "Bo Ray", "denied it."]), max_size=9)
)
def test_line_ends_within_sentences_change_nothing(parts: list[str]) -> None:
    line = "It was in the year of the great flood, as far as is known now, and"
    flat, wrapped = (mark.join([line, *(f"{p} {line}" for p in parts)]) for mark in (" ", "\r\n  "))
    one, other = (
        [
            (
                s.speaker.name,
                s.speaker.role,
                s.denies,
                s.nested,
                " ".join(text[s.start : s.end].split()),
            )
            for s in statements(text)
        ]
        for text in (flat, wrapped)
    )
    assert one == other


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Site | Works, and the hall", []),
        ("Milestone | Planned | Expected", []),
        ("Ann Lee | says that it is | no", []),
        ("16:10 | Fire brigade declares it safe", [("Fire brigade", None, "it safe")]),
        ("Reply | Ann Lee said that it was safe.", [("Ann Lee", None, "that it was safe")]),
    ],
)
def test_cells_of_a_table_say_nothing_of_each_other(
    text: str, found: list[tuple[str, None, str]]
) -> None:
    assert said(f"{text}\nAnn Lee said: “It is so.”") == [*found, ("Ann Lee", None, "“It is so.”")]


# --- Direct and indirect speech ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "content"),
    [
        ("“The mill is safe,” said Ann Lee.", "Ann Lee", "“The mill is safe,”"),
        ("Ann Lee said, ‘The mill is safe’.", "Ann Lee", "‘The mill is safe’"),
        ('Ann Lee told reporters: "The mill is safe."', "Ann Lee", '"The mill is safe."'),
        ("Ann Lee said that the mill was safe.", "Ann Lee", "that the mill was safe"),
        ("The mill is safe, according to Ann Lee.", "Ann Lee", "The mill is safe"),
        ("The mill was safe, Ann Lee said on Monday.", "Ann Lee", "The mill was safe"),
        ("Ann Lee denied that the mill was shut.", "Ann Lee", "that the mill was shut"),
        ("Ann Lee does not accept that it was shut.", "Ann Lee", "that it was shut"),
        ("Ann Lee felt that it was over.", "Ann Lee", "that it was over"),
        ("Ann Lee felt strongly that it was over. Bo felt dizzy.", "Ann Lee", "that it was over"),
        (
            "If it rains, the mill is shut, Ann Lee said.",
            "Ann Lee",
            "If it rains, the mill is shut",
        ),
        ("No one was hurt according to Ann Lee.", "Ann Lee", "No one was hurt"),
        ("It passed. Will Lee said it was over.", "Lee", "it was over"),
        ("Asked whether she would go Ann Lee said she would stay.", "Ann Lee", "she would stay"),
        ("Asked if it was shut, Ann Lee said it was.", "Ann Lee", "it was"),
        ("The claimant's case is that it fell.", "The claimant", "that it fell"),
        ("In Ann Lee's view the mill is shut.", "Ann Lee", "the mill is shut"),
        ("The mill, in Ann Lee's opinion, is shut.", "Ann Lee", "The mill"),
        ("PL attributed the loss to the yen.", "PL", "the loss to the yen"),
        ("Dr Yusuf gave evidence that it fell.", "Dr Yusuf", "that it fell"),
        ("Ms Rourke submitted that it fell.", "Ms Rourke", "that it fell"),
        ("Cllr Hobbs moved that it be shut.", "Cllr Hobbs", "that it be shut"),
        ("The deal is dead. SO said that it was late.", "SO", "that it was late"),
        ("The panel did, however, find that it fell.", "The panel", "that it fell"),
        ("Mr Fell tells me it was never sent.", "Mr Fell", "it was never sent"),
        ("It kills nothing, the authors stress; it starves.", "the authors", "It kills nothing"),
        ("A man who worked at the dam until last year said it fell.", "A man", "it fell"),
        ("A man who worked there until May said it fell.", "A man", "it fell"),
        ("Ann Lee ruled out a sale.", "Ann Lee", "a sale"),
        ("He was asked by Ann Lee whether it fell.", "Ann Lee", "whether it fell"),
        ("Ann Lee admitted an error but denied that it fell.", "Ann Lee", "that it fell"),
        ("According to the surveyor, Ann Lee, the mill is shut.", "Ann Lee", "the mill is shut"),
    ],
)
def test_source_and_content(text: str, name: str, content: str) -> None:
    found = said(text)
    assert (name, content) in [(who, what) for who, _, what in found]


@pytest.mark.parametrize(
    ("behind", "name"),
    [
        ("That was the blunt verdict of the auditor, Bo Day, who left on Tuesday.", "Bo Day"),
        ("So ran the owner's reply in a statement.", ""),
        ("So said of the auditor, who left.", "the auditor"),
        ("The mill is old.", "Ann Lee"),
    ],
)
def test_what_stands_behind_a_quotation_may_tell_whose_it_is(behind: str, name: str) -> None:
    text = f"“We are safe,” said Ann Lee.\n\n“The mill is a ruin.”\n\n{behind}"
    found = {text[s.start : s.end]: s.speaker.name for s in statements(text)}
    assert found["“The mill is a ruin.”"] == name
    assert found["“We are safe,”"] == "Ann Lee"


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        (
            "Secretary of State for Mills Ann Lee said so.",
            "Ann Lee",
            "Secretary of State for Mills",
        ),
        ("Leader of the Opposition Ann Lee said so.", "Ann Lee", "Leader of the Opposition"),
        ("Bank of Norland governor Ann Lee said so.", "Ann Lee", "Bank of Norland governor"),
        ("The governor of the Bank of Norland, Ann Lee, said so.", "Ann Lee", None),
        ("On Monday Mayor Ann Lee said so.", "Ann Lee", "Mayor"),
        ("Referee Dean Hall said so.", "Dean Hall", "Referee"),
        ("Bo Day saw Ann Lee, the head of Acme, who said so.", "Ann Lee", "head of Acme"),
        ("Mayor Ann Lee once said so.", "Ann Lee", "Mayor"),
        ("Angry Ann Lee left. Mayor Ann Lee said so. Ann Lee left.", "Ann Lee", "Mayor"),
        ("Unlike Ann Lee, Bo Day is old. Ann Lee said so.", "Ann Lee", None),
        ("An official, speaking on condition of anonymity, said so.", "An official", None),
        ("Ann Lee was particularly strident saying so.", "Ann Lee", None),
        ("Winger Ann Lee said so.", "Ann Lee", "Winger"),
        ("It was out, fire chief Ann Lee said so.", "Ann Lee", "fire chief"),
        ("The union said so. Union leader Ann Lee left.", "The union", None),
        (
            "Three officials briefed on the talks said so.",
            "Three officials briefed on the talks",
            None,
        ),
    ],
)
def test_names_and_offices_as_news_writes_them(text: str, name: str, role: str | None) -> None:
    ((found, office, what),) = said(text)
    assert (found, what) == (name, "so")
    assert role is None or office == role


def test_who_accuses_is_named_without_what_it_is_about() -> None:
    found = said("Ann Lee has been accused by Bo Day of delaying the vote.")
    assert {name for name, _, _ in found} == {"Bo Day"}
    assert "of delaying the vote" in {what for _, _, what in found}


def test_in_a_conversation_an_office_may_stand_before_a_name() -> None:
    text = (
        "Reporter: Did it leak?\n\nPlant manager Jim Roe: No. It never leaked.\n\n"
        "Reporter: And the fish?\n\nJim Roe: They died of heat.\n"
    )
    assert [(name, role) for name, role, _ in said(text)] == [
        ("Reporter", None),
        ("Jim Roe", "Plant manager"),
        ("Reporter", None),
        ("Jim Roe", "Plant manager"),
    ]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("“The mill was never shut,” the. ministry said.", "“The mill was never shut,”"),
        ("The twins, 25, who are never apart, prefer to be called Olm.", "to be called Olm"),
    ],
)
def test_an_article_or_an_age_is_nobodys_name(text: str, content: str) -> None:
    (found,) = statements(text)
    assert (found.speaker.name, text[found.start : found.end]) == ("", content)
    assert found.speaker.start == found.speaker.end


def test_the_reporters_own_voice_is_nobodys() -> None:
    assert said("The mill burned down on Monday. Forty people worked there.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee did not say that the mill was safe.",
        "Ann Lee never claimed that the mill was safe.",
        "If Ann Lee says the mill is safe, it will open again.",
        "Nobody at the court said the mill was safe.",
        "Ann Lee stopped short of saying that the mill was safe.",
        "Did Ann Lee say the mill was safe?",
        "Ann Lee could claim the mill was lost.",
        "There is no evidence that Ann Lee said the mill was safe.",
        "Ann Lee was wrongly quoted as saying the mill was safe.",
        "Ann Lee has yet to say that the mill is safe.",
        "Ann Lee refused to say whether the mill was safe.",
        "They made the club admit the mistake.",
        "Fans watched Acme report a loss.",
        "Acme report the loss of two players.",
        "Rovers claim victory in the final.",
        "A claim the change is due to upgrades was rejected.",
        "None of the guests said that it was safe.",
        "Nobody made any complaint about the mill.",
        "The mill was found by divers in the river.",
        "Norton now boast more mills than Oslo.",
        "The owners offer a reward for news of it.",
        "Bo Day was questioned by police about the mill.",
        "Bo Day (right), pictured complaining in Oslo, will leave.",
        "They begin with ‘soft’ questions that seem harmless.",
        "Acme calls thousands in Oslo every day.",
        "A bridge spans the lake, linking the towns of Olm and Norton.",
        "Lawyers left after calling ninety witnesses.",
        "Considering who made the threats, guests were calm.",
        "Bo Day paints urban scenes.",
        "The bout was a draw, but the numbers told a different story.",
        "No-one claims the mill is safe.",
        "The cup is contested by an Oslo club.",
        "The mill welcomes an estimated two million guests.",
        "It was found by police with damage to the mill.",
        "The site lets guests write reviews of mills.",
        "As a result, the notes are cut for posting on the site while the rest is hidden.",
        "They were held for making false claims and theft.",
        "Her mouth felt as if it were on fire.",
    ],
)
def test_what_somebody_did_not_say_is_not_said(text: str) -> None:
    assert said(text) == []


def test_hearsay_has_a_source_without_a_name() -> None:
    (found,) = outer("The mill was reportedly sold.")
    assert (found.speaker.name, found.speaker.role) == ("", None)
    assert found.speaker.start == found.speaker.end


def test_a_quotation_goes_on_where_paragraphs_were_joined() -> None:
    text = (
        "The mayor, Bo Day, left. Ann Lee said: ‘It rained. ‘The mill is shut. ‘We will open it.’ "
        "‘It was late,’ said Mr Day. ‘It snowed. ‘The river rose.’ It is cold."
    )
    assert [(who, what) for who, _, what in said(text)] == [
        ("Ann Lee", "‘It rained."),
        ("Ann Lee", "‘The mill is shut."),
        ("Ann Lee", "‘We will open it.’"),
        ("Bo Day", "‘It was late,’"),
        ("Bo Day", "‘It snowed."),
        ("Bo Day", "‘The river rose.’"),
    ]


def test_a_quotation_goes_on_in_the_next_paragraph_without_a_cue() -> None:
    text = "Ann Lee said, ‘The mill is safe’.\n\n‘We will open it on Monday’.\n\nIt rained."
    assert [(who, what) for who, _, what in said(text)] == [
        ("Ann Lee", "‘The mill is safe’"),
        ("Ann Lee", "‘We will open it on Monday’"),
    ]


def test_nested_speech_is_marked() -> None:
    text = "Ann Lee said, ‘The mayor told us that the mill was shut, and we believed her’."
    inner = [s for s in statements(text) if s.nested and s.speaker.mode != "attitude"]
    assert [s.speaker.name for s in inner] == ["The mayor"]
    assert [who for who, _, _ in said(text)] == ["Ann Lee"]


# --- Who is the subject, and what is theirs --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "content"),
    [
        # "According to" behind a statement only tells where it was read.
        ("“It held,” Lee said, according to Mill News.", "Lee", "“It held,”"),
        # The subject is not the last noun of what explains it.
        ("A man who saw the fire told us it was loud.", "A man", "it was loud"),
        ("Officers not cleared to speak on record said it fell.", "Officers", "it fell"),
        ("Aides who botched the talks - losing it all - have said it fell.", "Aides", "it fell"),
        ("Ann Lee, 49, a carer who lives near the mill said it fell.", "Ann Lee", "it fell"),
        # Nouns that look like adverbs, adjectives that look like verbs.
        ("Lee’s family said it fell.", "Lee’s family", "it fell"),
        ("Her ally said it fell.", "Her ally", "it fell"),
        ("The mill fell, according to his family.", "his family", "The mill fell"),
        ("Some insist it fell.", "Some", "it fell"),
        ("“It fell,” reports the team.", "the team", "“It fell,”"),
        ("The mayor last week said it fell.", "The mayor", "it fell"),
        ("An official told CNN Day never came.", "An official", "Day never came"),
        ("Lee told the Evening Post: “It fell.”", "Lee", "“It fell.”"),
        ("Researchers found the bridge was old.", "Researchers", "the bridge was old"),
        ("An inquest heard the bridge was old.", "An inquest", "the bridge was old"),
        # Each has their own half.
        ("The ministry denied it, and the agency says it fell.", "the agency", "it fell"),
        ("Lee has been shaken by a poll saying the mill is lost.", "a poll", "the mill is lost"),
        ("His toy is a bell that he rings, saying: “It fell.”", "he", "“It fell.”"),
        ("Lee wrote on Millpost.com: “It fell.”", "Lee", "“It fell.”"),
        ("Afterward, the mayor said it fell.", "the mayor", "it fell"),
        ("A study of mills from 2010 to 2012 found that it fell.",
         "A study of mills from 2010 to 2012", "that it fell"),
        ("A town of 20,000 people said it fell.", "A town of 20,000 people", "it fell"),
        ("Officials in Norton, north Ohio said it fell.", "Officials in Norton", "it fell"),
        ("Compiled by the mayor, the list reads: “It fell.”", "the list", "“It fell.”"),
        ("The mother of two says it fell.", "The mother of two", "it fell"),
        ("Coast Sport claim that it fell.", "Coast Sport", "that it fell"),
        ("Lee launched a petition calling for a bridge.", "Lee", "a bridge"),
        ("An official told The Norton Post the mill was shut.", "An official",
         "the mill was shut"),
        ("For four days, police say, the mill was shut.", "police", "the mill was shut"),
        ("Lee said of Norton No 14: “It fell.”", "Lee", "“It fell.”"),
        ("Research published late last month says it fell.", "Research", "it fell"),
        ("It held, said Capt. Yves Hill of the mill guard.",
         "Yves Hill", "It held"),
        ("The sheriff who kept him for more than 18 months said it fell.", "The sheriff",
         "it fell"),
        ("Sitting in a dry room, he says it fell.", "he", "it fell"),
        ("The commission heard it was a long day.", "The commission", "it was a long day"),
        ("There, he told them, “I will go,” Lee said.", "Lee",
         "There, he told them, “I will go,”"),
        ("Acme just this month announced that it fell.", "Acme", "that it fell"),
        ("Lee’s tweet about the mill was read by many.", "Lee", "about the mill"),
        ("Hill, distinguished professor at Acme, says the frequent, loud calls are bad.", "Hill",
         "the frequent, loud calls are bad"),
        ("Ann Lee led the tributes to Bo Day calling him mad.", "Ann Lee", "him mad"),
        ("The row prompted the mayor to comment on the mill.", "the mayor", "the mill"),
        ("A complaint sent to mill officers warned that it fell.", "A complaint", "that it fell"),
        ("Bo Day has put pressure on Mr Lee saying he fell.", "Bo Day", "he fell"),
        ("After a brief wait in the rain, the mayor was let in, saying: “It fell.”", "the mayor",
         "“It fell.”"),
        ("Acme issued a statement on Monday which said: “It fell.”", "Acme", "“It fell.”"),
        ("A dog walks past (right) The mayor said: “It fell.”", "The mayor", "“It fell.”"),
        ("Speaking on Monday, the mayor said: “It fell.”", "the mayor", "“It fell.”"),
        ("The mill fell, according to figures reported by Acme.", "Acme", "The mill fell"),
        ("It is proof of the mayor’s claim that it fell.", "the mayor", "that it fell"),
        ("The Norse League champions said it fell.", "The Norse League champions", "it fell"),
        ("Ann Lee’s lawyer, Bo Day said: “It fell.”", "Bo Day", "“It fell.”"),
        ("The men left after the Norse Cup arguing that it fell.", "The men", "that it fell"),
        ("The parents of a boy whose head hurts said it fell.", "The parents of a boy", "it fell"),
        ("At a hearing the mayor, who uses a stick, admitted nine charges of assault.", "the mayor",
         "nine charges of assault"),
        ("'It is old,’ said Bo Day.", "Bo Day", "'It is old,’"),
        ("The mayor said, if elected, he would go.", "The mayor", "if elected, he would go"),
        ("Bo Day says in truth, it is old.", "Bo Day", "it is old"),
        ("It sings, the couple say they left.", "the couple", "they left"),
        ("He continued that it was old.", "He", "that it was old"),
        ("It was denied by Norton officers last year.", "Norton officers", "It"),
    ],
)  # fmt: skip
def test_the_speaker_is_the_subject(text: str, name: str, content: str) -> None:
    found = [(who, what) for who, _, what in said(text)]
    assert (name, content) in found
    assert {who for who, _ in found} <= {name, "The ministry"}


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee, the former mayor who is set to announce her bid, leads every poll.",
        "Ann Lee is likely to say it today.",
        "That’s according to Mill News, where the dog lives.",
        "Lee celebrates his goal against Norton.",
        "Lee pleaded guilty to one charge.",
        "They denied him a visa.",
        "She called her parents.",
        "Lee called 999.",
        "Norton are six points behind.",
        "It helps those who have experienced repeated bouts.",
        "She learned how to swim.",
        "This means that it is late.",
        "Lee made the remarks on Friday during a visit.",
        "British teens face terror charges after a raid.",
        "One of the youngest suspects yet was held.",
        "Norton denied the visitors the chance to win.",
        "The club is offering fans the chance to see the match.",
        "She tried to attack the police headquarters on Monday.",
        "The man calling himself Abu was silent.",
        "There was clear documented evidence of it.",
        "The girl pushes out her belly.",
        "The film concludes with a dance.",
        "Why do you think that it matters?",
        "Lee is too polite to say what he hates.",
        "Lee added 24 to lead Norton to its tenth win.",
        "They met on a website called norton.example.",
        "She filed a complaint with the board.",
        "Keefe posed for the famous painting that hangs there.",
        "Day is given his marching orders by referee Lee Hill.",
        "Past estimates of the number have ranged from ten to twenty.",
        "The German champions return to Norton on Monday.",
        "She is busy as they prepare to defend their title.",
        "Tour dates with Norton add another 12 states.",
        "“The Mill” fans mourned him.",
        "Norton came back to deny Ann Lee (centre) the chance of a last cup.",
        "The council met late on Monday to discuss the mill.",
        "Gunmen attacked the team bus in March.",
        "An attack by Norse rebels on a mill claimed the lives of six people.",
        "The 22-year-old is yet to pledge his allegiance to Norton.",
        "A campaign to encourage minorities to vote began.",
        "They visit schools to help encourage pupils.",
        "He was jailed for two years and ordered to leave.",
        "A fugitive dubbed the Lord of Norton will be let go.",
        "An event at the championships called Little Norton will not be held.",
        "The cereal has added sugar, salt and malt.",
        "She posted pictures of the mill.",
        "The journey asked too much of his players.",
        "It has also sent back detailed images.",
        "When Lee spoke on Monday, the crowd cheered.",
        "In a note added later, it is red.",
        "They continued that tradition in May.",
        "Anyone with news should call the Norton Mill Unit on 101.",
        "The fair is held every year according to the lunar calendar.",
    ],
)
def test_what_somebody_does_is_no_statement(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Kim said Lane was late, accusing him of being a thief who stole the bell.",
        "Kim criticised the plan, saying it was far too late.",
        "The party condemned it as mad and called the mayor a fool.",
    ],
)
def test_a_sentence_is_its_speakers_though_in_two_parts(text: str) -> None:
    found = whose(statements(text), (0, len(text)))
    assert found is not None
    assert found.speaker.name == text.split(" ", 1)[0] or text.startswith("The party")


def test_a_sentence_that_a_quotation_opens_is_its_speakers() -> None:
    text = "“The old mill fell,” Lee said at the end of a long day in the hills of Norton."
    found = whose(statements(text), (0, len(text)))
    assert found is not None
    assert found.speaker.name == "Lee"


def test_a_sentence_that_a_quotation_ends_is_its_speakers() -> None:
    text = "Asked about the mill, Ann Lee said: “It is shut.”"
    statement = whose(statements(text), (0, len(text)))
    assert statement is not None
    assert statement.speaker.name == "Ann Lee"


def test_that_is_according_to_tells_whose_the_sentence_before_is() -> None:
    text = "The dog lived through it all. That’s according to the town vet, where it stays."
    assert said(text) == [("the town vet", None, "The dog lived through it all.")]


def test_a_quotation_goes_on_as_that_of_who_said_the_one_before() -> None:
    text = "“It held,” Ann Lee said, according to Mill News. “It is a good mill.”"
    assert [who for who, _, _ in said(text)] == ["Ann Lee", "Ann Lee"]


# --- Names and roles -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "name", "role"),
    [
        (
            "Foreign Ministry spokesperson Ann Lee opened it.",
            "Ann Lee",
            "Foreign Ministry spokesperson",
        ),
        ("Ann Lee, the town engineer, opened it.", "Ann Lee", "town engineer"),
        ("The town engineer, Ann Lee, opened it.", "Ann Lee", "town engineer"),
        (
            "Norland’s Ambassador to Sudland Ann Lee came.",
            "Ann Lee",
            "Norland’s Ambassador to Sudland",
        ),
        ("President Ann Lee came.", "Ann Lee", "President"),
        ("Ann Lee came.", "Ann Lee", None),
    ],
)
def test_the_fullest_mention_and_its_role_name_the_speaker(
    before: str, name: str, role: str | None
) -> None:
    found = said(f"{before}\n\n“The mill is safe,” Lee said.")
    assert found[-1] == (name, role, "“The mill is safe,”")


def test_what_somebody_did_is_no_role() -> None:
    text = "The environment minister, Ann Lee, who visited the site, said the air was clean."
    assert said(text) == [("Ann Lee", "environment minister", "the air was clean")]


def test_what_somebody_thinks_is_theirs_and_what_they_want_is_not() -> None:
    text = "Ann Lee thought that the mill was safe. Bo Day wanted the mill to open."
    assert said(text) == [("Ann Lee", None, "that the mill was safe")]


def test_an_office_before_a_name_in_brackets_opens_a_turn() -> None:
    text = (
        "The Minister for the Coast (Ann Lee): No house will be sold.\n\n"
        "Mr Bo Day (Norden): The Minister says that no house will be sold.\n\n"
        "Ann Lee: I do.\n\nMr Bo Day: Hear, hear."
    )
    assert [(who, role) for who, role, _ in said(text)][:2] == [
        ("Ann Lee", "Minister for the Coast"),
        ("Bo Day", None),
    ]
    inner = [s for s in statements(text) if s.nested]
    assert [s.speaker.name for s in inner] == ["Ann Lee"]


@pytest.mark.parametrize("verb", ["doubts that", "disagreed"])
def test_a_doubt_denies(verb: str) -> None:
    (found,) = outer(f"The mill is safe. Ann Lee {verb}.")
    assert (found.speaker.name, found.denies) == ("Ann Lee", True)


@pytest.mark.parametrize(
    "text",
    [
        "A knee injury has ruled out Bo Day for the season.",
        "The coach has ruled him out.",
        "The goalkeeper's position was that of a sweeper.",
        "A flat in her view stood empty.",
    ],
)
def test_what_only_looks_like_a_statement(text: str) -> None:
    assert said(text) == []


def test_it_is_who_spoke_last_where_nobody_else_is_named() -> None:
    text = "The council said the dam was safe. It said the road was shut."
    assert [name for name, _, _ in said(text)] == ["The council", "The council"]
    text = "The council said the dam was unsafe. Acme built it. It said the dam was safe."
    assert [name for name, _, _ in said(text)] == ["The council", "It"]


def test_turns_take_time_that_grows_with_their_text() -> None:
    for text in ("1" + " " * 100_000 + "x", ("1" + " " * 400 + "\n") * 200, "10:10 " * 30_000):
        assert turns(text)[1] == {}


def test_a_day_is_nobodys_name() -> None:
    text = (
        "Twelve people died when the Orrin burst its banks near Hale on Sunday, the governor said."
    )
    assert [name for name, _, _ in said(text)] == ["the governor"]


def test_letters_and_an_office_in_brackets_name_who_has_them() -> None:
    text = (
        "Present: Ian Voll (IV, CEO), Ruth Casswell (Chair).\n\n"
        "IV said that orders were up. The Chair said that it was late.\n"
    )
    assert said(text) == [
        ("Ian Voll", "CEO", "that orders were up"),
        ("Ruth Casswell", "Chair", "that it was late"),
    ]


def test_a_role_in_brackets_is_found_again() -> None:
    text = "Present: Councillor Ann Lee (chair), Councillor Bo Day.\n\nThe chair said it was late."
    assert said(text) == [("Ann Lee", "Councillor, chair", "it was late")]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("US Secretary of State Ann Lee said it rained.", "Ann Lee", "US Secretary of State"),
        ("According to a report by the auditor, KPMG, it rained.", "KPMG", "auditor"),
        ("Plaid Cymru’s Ann ap Lee said it rained.", "Ann ap Lee", None),
        ("The plant’s works council said that it rained.", "The plant’s works council", None),
        ("The union, Vision, said in its comment on it that it rained.", "The union, Vision", None),
        ("We noted a letter from Acme Ferries, which says that it rained.", "Acme Ferries", None),
        ("The company, which says that it rained, is small.", "The company", None),
        ("Their claim that it rained was odd.", "they", None),
        # Several as one, as in British English.
        ("Acme believe it rained.", "Acme", None),
        ("Even so, Acme Rovers also claim it rained.", "Acme Rovers", None),
        ("The club point out that it rained.", "The club", None),
        ("The ferry company admit that it rained.", "The ferry company", None),
        ("Ann Lee’s family believe it rained.", "Ann Lee’s family", None),
        ("Bosses were caught boasting that it rained.", "Bosses", None),
        ("Bo Day claimed, wrongly, it rained.", "Bo Day", None),
        ("Police on Monday said it rained.", "Police", None),
        ("A note by Jo Lee on Monday said it rained.", "Jo Lee", None),
        ("Bo Day wrote online that it rained.", "Bo Day", None),
        ("After Jo Lee came, Bo Day sneered: “So it rained.”", "Bo Day", None),
        ("Acme rules state it rained.", "Acme rules", None),
        ("Bo Day claims support grew as it rained.", "Bo Day", None),
        ("Parent Jo Lee said it rained.", "Jo Lee", "Parent"),
        ("Bo Day stunned Acme, giving an interview confirming that it rained.", "Bo Day", None),
        ("The nurse from Oslo, Ann Lee, said it rained.", "Ann Lee", "nurse from Oslo"),
        (
            "“So it rained,” said Acme President and Chief Scientist Jo Lee.",
            "Jo Lee",
            "Chief Scientist",
        ),
        ("Guests left, with one writing that it rained.", "one", None),
        ("This morning guests said it rained.", "guests", None),
        ("Jo Lee and Norse state TV said it rained.", "Jo Lee and Norse state TV", None),
        ("Norse leader Jo el-Day said it rained.", "Jo el-Day", "Norse leader"),
        ("“We know it rained,” Bo Day, who calls it “odd”, told King 5 News.", "Bo Day", None),
        ("Bo Day turned his attention to Ann Lee, adding: “So it rained.”", "Bo Day", None),
        ("Regional Administrator Jo Lee said it rained.", "Jo Lee", "Regional Administrator"),
        (
            "As it rained, the mill closed, the 90-page document states.",
            "the 90-page document",
            None,
        ),
        ("They fired, leading others to believe it rained.", "others", None),
        ("That guest claims Day found out it rained.", "That guest", None),
        ("The man who fell said it rained.", "The man", None),
        ("A man whose house fell said it rained.", "A man", None),
        (
            "“We know it rained,” Jo Lee, barrister for Bo Day said.",
            "Jo Lee",
            "barrister for Bo Day",
        ),
    ],
)
def test_who_says_that_it_rained(text: str, name: str, role: str | None) -> None:
    found = [one for one in said(text) if "it rained" in one[2]]
    assert [(who, what) for who, what, _ in found] == [(name, role)]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        # A name behind what explains it, and not the explanation with it.
        ("His cousin, Steve Hill, told us it rained.", "Steve Hill", "cousin"),
        ("Another hiker, Ann Lee, said it rained.", "Ann Lee", "hiker"),
        ("Lee’s predecessor, Hanna Hill, said it rained.", "Hanna Hill", "Lee’s predecessor"),
        ("The paper’s managing editor, Will Hill, said it rained.", "Will Hill",
         "paper’s managing editor"),
        ("The stone of Ida Hill’s father, Hugh Rodd, fell. Rodd said it rained.", "Hugh Rodd",
         "Ida Hill’s father"),
        # Of groups, the whole name.
        ("The Norton District Attorney’s Office said it rained.",
         "Norton District Attorney’s Office", None),
        ("The U.S. Congress said it rained.", "U.S. Congress", None),
        ("The Daily Telegraph said it rained.", "Daily Telegraph", None),
        # What belongs to a role, a name or neither.
        ("U.S. Secretary of State Ann Lee said it rained.", "Ann Lee", "Secretary of State"),
        ("Pope Emeritus Innocent XV said it rained.", "Innocent XV", "Pope Emeritus"),
        ("American Dan Hill said it rained.", "Dan Hill", None),
        ("Monica T. Monday said it rained.", "Monica T. Monday", None),
        ("A 28-year-old nurse Kelly Hill said it rained.", "Kelly Hill", "nurse"),
        ("Ann Lee, Chief Executive at Acme, said it rained.", "Ann Lee",
         "Chief Executive at Acme"),
        # No roles: verbs, what is said of firms, other people's.
        ("Aides were told to forge Reserve Deputy Bo Day’s file. Day said it rained.", "Bo Day",
         "Reserve Deputy"),
        ("The pig belongs to farmer, Ms Lee, from Norton. Ms Lee said it rained.", "Ms Lee", None),
        ("Tina’s mother, Vera Hill, said her son was known to be a fan.", "Vera Hill",
         "Tina’s mother"),
        ("And there was the designer, Karl Hill. Gigi Lee, 20, said it rained.", "Gigi Lee", None),
        # A possessor is not who speaks, nor is who is told.
        ("Ann Lee came. Lee’s family said it rained.", "Lee’s family", None),
        ("The mother of cancer victim Al King said it rained.",
         "The mother of cancer victim Al King", None),
        ("An insider, who told Millpost: “It rained.”", "An insider", None),
        ("This was the judge’s assessment that it rained.", "the judge", None),
        ("It drew a rebuke from Norse leaders, who said it rained.", "Norse leaders", None),
        # First names, and names that begin with the surname, mean the whole one.
        ("Gigi Lee came. Gigi said it rained.", "Gigi Lee", None),
        ("Wang Fei came. Wang said it rained. Maya Wang said no. Wang said yes.", "Wang", None),
        ("Wang Fei came. Maya Wang will. Wang said it rained.", "Wang", None),
        ("Ann Lee, a nurse in Norton said it rained.", "Ann Lee", "nurse in Norton"),
        ("According to the paper, Hill left. The Norton Post said it rained.", "Norton Post", None),
        ("Ann Lee and Bo Lee came. Lee, 25, said it rained.", "Lee", None),
        ("Norton Police Chief Nate King came. King said it rained.", "Nate King",
         "Norton Police Chief"),
        ("The fiancee of former Gov. Jo Hill left. Hill said it rained.", "Jo Hill", None),
        ("Dr Lena Hill came. Mr Hill was out. Hill said it rained.", "Lena Hill", None),
        ("Prof Ann Hill came. Dr Hill left. Hill said it rained.", "Ann Hill", None),
        ("Paul Hill lost. The Dutchman said it rained.", "The Dutchman", None),
        ("First Minister Ann Lee said it rained.", "Ann Lee", "First Minister"),
        # Where a report is from says nothing.
        ("Norton (CBN)A judge, declaring it was late, went. He said it rained.", "He", None),
        # Verbs before a role, and what is told of others.
        ("That will please head coach Bo Day. Day said it rained.", "Bo Day", "head coach"),
        ("The rebels forced Norse President Bo Day to go. Day said it rained.", "Bo Day",
         "Norse President"),
        ("They met at Acme, but the coach will now go. Acme said it rained.", "Acme", None),
        ("A spokesman with Save the Mills said it rained.", "A spokesman with Save the Mills",
         None),
        ("He saw a nurse from the Norton Mill Service, who said it rained.",
         "a nurse from the Norton Mill Service", None),
        ("Retiring AP Lee said it rained. AP Lee left. Lee said it rained.", "AP Lee", None),
        ("RIP Bo Day. Mr Day wrote: “It rained.”", "Bo Day", None),
        ("Norse PM Bo Day said it rained.", "Bo Day", "Norse PM"),
        ("The Premier League said it rained.", "Premier League", None),
        ("The Justice Department said it rained.", "Justice Department", None),
        ("The Acme man left. Current Acme champion Bo Day is out. Acme said it rained.", "Acme",
         None),
        ("Lydia left. She would be the Lydia I know. Lydia said it rained.", "Lydia", None),
        ("For his birthday his aunt, Ms Zhang, sang. Ms Zhang said it rained.", "Ms Zhang", "aunt"),
        ("One fan named Stacey said it rained.", "Stacey", "fan"),
        ("“Did it rain?” Ann Lee, the mayor, is out. “It rained.”", "", None),
        ("Bo Day is a fellow Acme United player. Acme United said it rained.", "Acme United", None),
        # A place is not who is from there.
        ("Day, an artist from Olm, Utah, paints. Utah said it rained.", "Utah", None),
        # Those who have no name.
        ("“It rained,” Millpost was told.", "", None),
        ("In a March poll, only 1% said it rained.", "only 1%", None),
        ("It suits Norse leaders, who said it rained.", "Norse leaders", None),
        ("Jo Lee, of Reddish, Greater Norton, came. He said it rained.", "Jo Lee", None),
        ("China’s official Xin news agency spoke. He said it rained.", "He", None),
        ("Last night Professor Ann Lee said it rained.", "Ann Lee", "Professor"),
        ("Earlier this year mill owner Ann Lee said it rained.", "Ann Lee", "mill owner"),
        ("The wife of footballer Bo Day came. Day said it rained.", "Bo Day", None),
    ],
)  # fmt: skip
def test_a_speakers_name_and_role(text: str, name: str, role: str | None) -> None:
    assert said(text)[-1][:2] == (name, role)


def test_who_asked_not_to_be_named_does_not_say_so() -> None:
    text = "The manager, who asked not to be named, rejected the finding."
    assert said(text) == [("The manager", None, "the finding")]


def test_a_second_verb_behind_but_is_the_same_speakers() -> None:
    text = "Ann Lee confirmed that the mill was shut, but said it would open again."
    assert [(who, what) for who, _, what in said(text)] == [
        ("Ann Lee", "that the mill was shut"),
        ("Ann Lee", "it would open again"),
    ]


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("Kroll welcomed the offer.", "Kroll"),
        ("Talks in Norland ended. Norland welcomed the offer.", "she"),
        ("The ministry welcomed the offer.", "she"),
    ],
)
def test_a_pronoun_makes_a_surname_a_persons(before: str, name: str) -> None:
    assert said(f"{before} “It is late,” she said.")[-1][0] == name


@pytest.mark.parametrize(
    ("text", "name", "part"),
    [
        ("Norton Crown Court heard that the mill fell.", "Norton Crown Court",
         "where it was heard"),
        ("Jurors heard that the mill fell.", "Jurors", "who heard it"),
        ("Norton Crown Court ruled that the mill fell.", "Norton Crown Court", None),
    ],
)  # fmt: skip
def test_a_court_does_not_say_what_it_heard(text: str, name: str, part: str | None) -> None:
    assert said(text) == [(name, part, "that the mill fell")]


@pytest.mark.parametrize("words", ["he", "she"])
def test_a_pronoun_means_the_only_person_there_is(words: str) -> None:
    assert said(f"Robin Lee came to the mill. It was safe, {words} said.")[-1][0] == "Robin Lee"


def test_a_pronoun_means_who_spoke_before_it_in_its_paragraph() -> None:
    text = "Raj Day is the finance chief.\n\nIda said it was safe. “Nobody will go,” she said."
    assert [name for name, _, _ in said(text)] == ["Ida", "Ida"]
    # A surname, or a firm: nobody knows.
    text = "Raj Day is the finance chief.\n\nAcme said it was safe. “Nobody will go,” he said."
    assert [name for name, _, _ in said(text)] == ["Acme", "he"]
    text = "Ann Lee said it leaked. The club's captain was of another view: it was dry, he said."
    assert [name for name, _, _ in said(text)] == ["Ann Lee", "he"]


def test_a_pronoun_that_may_mean_two_is_left_as_it_is() -> None:
    text = "Robin Lee met Kim Day at the mill.\n\nIt was safe, he said."
    assert said(text)[-1][0] == "he"


def test_a_given_name_tells_whom_a_pronoun_means() -> None:
    text = "Rita Moss met Paul Dean at the mill.\n\nIt was safe, {} said."
    assert said(text.format("he"))[-1][0] == "Paul Dean"
    assert said(text.format("she"))[-1][0] == "Rita Moss"
    assert said(text.format("she").replace("Paul", "Kim"))[-1][0] == "she"


def test_pronouns_behind_a_name_tell_whom_later_ones_mean() -> None:
    text = "Kim Lee said she came. Lee sang as she came.\n\nShe met Robin Day. He said no."
    assert said(text)[-1][0] == "Robin Day"
    for fewer in ("Kim Lee saw her.", "Kim Lee said he came.", "Kim Lee came: “Is she here?”"):
        assert said(text.replace("Kim Lee said she came.", fewer))[-1][0] == "He"


def test_a_surname_that_two_have_is_left_as_it_is() -> None:
    text = "Ann Lee met Carl Lee at the mill. “It is safe,” Lee said."
    assert said(text)[-1][0] == "Lee"


def test_a_role_means_who_has_it() -> None:
    text = "Mayor Ann Lee met engineer Bo Day. The engineer said that the mill was safe."
    assert said(text)[-1][:2] == ("Bo Day", "engineer")


def test_a_role_that_nobody_named_has_is_left_as_it_is() -> None:
    text = "Ann Lee came. The inspector said that the mill was safe."
    assert said(text)[-1][:2] == ("The inspector", None)


def test_somebodys_spokesman_is_not_that_person() -> None:
    text = "Ann Lee stayed away. A spokesman for Ann Lee said that the mill was safe."
    assert said(text)[-1][0] == "A spokesman for Ann Lee"


def test_an_article_is_its_papers() -> None:
    text = (
        "The pro-mill newspaper Millpost printed a piece on the fire. The article argued that "
        "the mayor was to blame. In addition, it suggested that she had been warned."
    )
    assert [(who, role) for who, role, _ in said(text)[-2:]] == [
        ("Millpost", "pro-mill newspaper")
    ] * 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Two people, no telling which.
        ("Rita Moss and Paul Dean ran it. She said it was shut. He said she was wrong.",
         ["Rita Moss", "Paul Dean"]),
        # A title, a role, or a pronoun before tells a man from a woman.
        ("Dr Lena Park and her brother, Tom Ives, came. She said it was dry. He said it rained.",
         ["Lena Park", "Tom Ives"]),
        ("Rita Moss ran it. “It was shut,” she said. Her brother Paul came. “No,” he said.",
         ["Rita Moss", "Paul"]),
        # Places are not people.
        ("The trial opened in New York. He said he was innocent.", ["He"]),
        # Several of one surname: the first until the next comes, and by title or first name.
        ("Mark Quill came. Quill said it burned. His sister, Ruth Quill, said no. Quill said yes.",
         ["Mark Quill", "Ruth Quill", "Quill"]),
        ("Mr Lind said it rained. Mrs Lind said it did not. Lind said it would.",
         ["Mr Lind", "Mrs Lind", "Lind"]),
        # Titles stay where there is no first name.
        ("Dr Osei said it was safe. Cllr Finch said it was not. Osei said so twice.",
         ["Dr Osei", "Cllr Finch", "Dr Osei"]),
        ("Sir Ian Holt came. Sir Ian said it was safe.", ["Ian Holt"]),
        # Somebody's people are not that person, and one name of a list not all of it.
        ("Ann Lee came. Lee aides said it was safe.", ["Lee aides"]),
        ("Ministers Ann Lee and Bo Day said it was safe.", ["Ministers Ann Lee and Bo Day"]),
        ("The Association of Mayors said it was safe.", ["The Association of Mayors"]),
        # Explained by a name, not the other way round.
        ("“It is safe,” said the mill’s director, Ann Lee.", ["Ann Lee"]),
        ("Our chair, Lord Ambrose Tew, said it was safe.", ["Ambrose Tew"]),
        # Descriptions mean somebody only where all of them fits.
        ("Vice President Ann Lee came. The president said it was safe.", ["The president"]),
        ("Danish envoy Ann Lee came. The Norse envoy said it was safe.", ["The Norse envoy"]),
        ("Ann Lee, campaign spokeswoman, came. The campaign said it was safe.", ["The campaign"]),
        ("The Water Law Office (WLO) came. The WLO said it was safe.", ["Water Law Office"]),
        ("Some said it was safe.", ["Some"]),
        ("“It was safe,” the. said a line that broke off.", [""]),
        ("Two said it was safe. The mother of two said it was not.", ["Two", "The mother of two"]),
        # A place, an event or a company is nobody, whatever its words could be.
        ("Rita Moss ran the Carlton Tavern. She said it was safe.", ["Rita Moss"]),
        ("The old Carlton Tavern pub fell. He said it was safe.", ["He"]),
        ("Paul Dean spoke to CNN Money. He said it was safe.", ["Paul Dean"]),
        ("Paul Dean came to Vorn Glimmet. He said it was safe.", ["Paul Dean"]),
        ("His friend in Washington, D.C., came. He said it was safe.", ["He"]),
        # A last word is no title.
        ("Landlady Patsy Lord ran it. She said it was safe.", ["Patsy Lord"]),
        # Names between dashes, and behind a council.
        ("A friend of the guests - 17-year-old Rita Moss - said it was safe.", ["Rita Moss"]),
        ("A member of Norton City Council, Councillor Rita Moss, said it was safe.",
         ["Rita Moss"]),
        ("Moss told the newspaper Dean shut it. The newspaper said so twice.",
         ["Moss", "The newspaper"]),
    ],
)  # fmt: skip
def test_who_is_meant(text: str, names: list[str]) -> None:
    assert [who for who, _, _ in said(text)] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Who has no name goes on as well,
        ("Rita Moss came. A spokeswoman for Acme said it fell. She added that it burned.",
         ["A spokeswoman for Acme"] * 2),
        ("A spokesman for Acme said it fell. Moss came. The spokesman said it burned.",
         ["A spokesman for Acme"] * 2),
        # but not instead of somebody who has one.
        ("Rita Moss came. The mother of two said it fell. She said it burned.",
         ["The mother of two", "Rita Moss"]),
        # Who speaks goes on, whomever their words name.
        ("Paul Dean met Ivan Roe. Dean said that Ivan Roe had left. He added that it rained.",
         ["Paul Dean"] * 2),
        ("Paul Dean met Ivan Roe. Dean said it rained. Ivan Roe left. He added that it burned.",
         ["Paul Dean", "Ivan Roe"]),
        # The only one whom the sentence before names,
        ("Ivan Roe came.\n\nRita Moss and Paul Dean left early. They ate.\n\nRita Moss met Paul "
         "Dean. He ran. He said it rained.", ["Paul Dean"]),
        # unless somebody else is spoken of since, or what he says names him.
        ("Paul Dean saw his doctor. He said it rained.", ["He"]),
        ("Paul Dean saw his wife. He said it rained.", ["Paul Dean"]),
        ("Ivan Roe heard of Paul Dean. Asked of it, he said Dean was right.", ["Ivan Roe"]),
        ("Bill Moss stole it, Tom Ives said. He denies the charge.", ["Tom Ives", "He"]),
        ("Tom Ives accused Bill Moss of theft. He denies the charge.", ["Tom Ives", "He"]),
        ("Tom Ives asked Bill Moss: “Are you ill?” He said yes.", ["Tom Ives"] * 2 + ["He"]),
        ("Tom Ives told Bill Moss that it was cold. “I know,” he said.", ["Tom Ives", "he"]),
        ("Tom Ives urged Bill Moss to resign. He said he would stay.", ["Tom Ives", "He"]),
        ("Tom Ives, chair of Acme Water Group, said it fell. He added it rained.",
         ["Tom Ives"] * 2),
        # What somebody is, is nobody else.
        ("Robin Lee, 43, a teacher from Norton, came. She said it was late.", ["Robin Lee"]),
        ("Paul Dean is a farmer. He said it was late.", ["Paul Dean"]),
        # Whoever has no name may be meant, too, but no group.
        ("The judge told Paul Dean it was late. He said it rained.", ["The judge", "He"]),
        ("The driver hit Paul Dean. He said it was late.", ["He"]),
        ("Paul Dean’s lawyer came. He said it was late.", ["He"]),
        ("Barack Obama’s spokesman said it was late. He added it rained.",
         ["Barack Obama’s spokesman"] * 2),
        ("A human rights group said it fell. He added it burned.",
         ["A human rights group", "He"]),
        ("The lawyer for the woman said it fell. She added it burned.",
         ["The lawyer for the woman", "She"]),
        ("Those who said it fell left. The spokesman said it burned.", ["", "The spokesman"]),
        # The words below a picture are not of what goes on.
        ("Rita Moss met Ann Roe. Rita Moss, pictured, smiled. She said it was late.", ["She"]),
        # A first name is that of the one who has it, even behind "for".
        ("Kevin Dean came for Rita Moss. A cake for Kevin fell. Kevin said it was late.",
         ["Kevin Dean"]),
        ("Speaking to the BBC, Stephen King said it was warm.", ["Stephen King"]),
        # Whom a quotation names is not there.
        ("Rita Moss said: “Ask Paul Dean.” He said it rained.", ["Rita Moss", "He"]),
    ],
)  # fmt: skip
def test_whom_he_and_she_mean(text: str, names: list[str]) -> None:
    assert [who for who, _, _ in said(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "Two months after saying that it would fall, the mill stood.",
        "The mill, last year said to be safe, fell.",
        "Three years ago suggests that it was safe.",
    ],
)
def test_a_time_says_nothing(text: str) -> None:
    assert said(text) == []


def test_given_names_tell_a_man_from_a_woman() -> None:
    known = {"Rita": "she", "Björn": "he", "Mehdi": "he", "Robin": "", "Glimmet": None}
    assert {name: gender_of(name) for name in known} == known


def test_nobody_calls_themselves_she() -> None:
    text = "Ann Lee came.\n\n“She said that it was safe,” Lee said."
    (inner,) = [s for s in statements(text) if s.nested]
    assert inner.speaker.name == "She"


# --- Conversations -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        (
            "Lena Hart: It leaks.\nTom Reyes: It does not. We checked.\nLena Hart: You did not.",
            [("Lena Hart", "It leaks."), ("Tom Reyes", "It does not. We checked."),
             ("Lena Hart", "You did not.")],
        ),
        (
            "MR. RAY: It held.\n\nTHE COURT: Yes or no?\n\nMR. RAY: Yes.\n\nIt did.",
            [("MR. RAY", "It held."), ("THE COURT", "Yes or no?"), ("MR. RAY", "Yes.")],
        ),
        (
            "**Host:** Is it safe?\n\n**Dr. Osei:** It is.\n\n**Host:** Thank you.",
            [("Host", "Is it safe?"), ("Dr. Osei", "It is."), ("Host", "Thank you.")],
        ),
        (
            "[00:01] Anna Berg: It is safe.\n[00:09] Jo Falk (laughs): It is not.\n"
            "[00:12] Anna Berg: Noted.",
            [("Anna Berg", "It is safe."), ("Jo Falk", "It is not."), ("Anna Berg", "Noted.")],
        ),
        ("Place: Oslo\nDate: 3 May\nPlace: Bergen\nDate: 4 May", []),
        ("Name: Ann Lee\nTown: Oslo\nName: Bo Day\nTown: Bergen", []),
    ],
)  # fmt: skip
def test_each_turn_is_its_speakers(text: str, turns: list[tuple[str, str]]) -> None:
    assert [(who, what) for who, _, what in said(text)] == turns


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        (  # a chat, whose lines end as they like
            "10:31 Ann: the site is down\n10:33 Bo: not me. we deployed on Friday\n"
            "10:35 Ann: rolled back\n",
            [
                ("Ann", "the site is down"),
                ("Bo", "not me. we deployed on Friday"),
                ("Ann", "rolled back"),
            ],
        ),
        (
            "[2024-05-20 09:12] **Joost de Wit**: It is too small. I won't vote for it\n"
            "[2024-05-20 09:15] **Farah Aziz**: I don't agree.\n"
            "20/05/2024, 09:20 - Joost de Wit: Then it's off.\n",
            [
                ("Joost de Wit", "It is too small. I won't vote for it"),
                ("Farah Aziz", "I don't agree."),
                ("Joost de Wit", "Then it's off."),
            ],
        ),
        (  # the items of a list, of which others are nobody's
            "- Ann Lee (treasurer): we are in the red.\n- Bo Day, coach: no.\n"
            "- **Ann Lee** – the subs must go up.\n\n## Decisions\nThe chair said it was late.\n\n"
            "- The club sells the bus.\n- Bo Day: no.\n",
            [
                ("Ann Lee", "we are in the red."),
                ("Bo Day", "no."),
                ("Ann Lee", "the subs must go up."),
                ("The chair", "it was late"),
                ("Bo Day", "no."),
            ],
        ),
        (
            "Five questions for Jens Dahl\n\nQ: Why did you leave?\nA: I was pushed out.\n\n"
            "Q: Would you go back?\nA: No. Never.\n",
            [
                ("", "Why did you leave?"),
                ("Jens Dahl", "I was pushed out."),
                ("", "Would you go back?"),
                ("Jens Dahl", "No. Never."),
            ],
        ),
    ],
)
def test_turns_of_chats_lists_and_interviews(text: str, turns: list[tuple[str, str]]) -> None:
    assert [(name, what) for name, _, what in said(text)] == turns


LETTER = """From: Maria Kowalski <m.kowalski@brightholm.example>
To: Tom Beech <tom.beech@brightholm.example>;
    Priya Nair <priya.nair@brightholm.example>
Subject: Re: Boiler

No, I did not approve the order. Hartwell says it is cracked.

On Thu, 18 Jan 2024 at 11:05, Tom Beech wrote:

> Maria, you approved it on 9 January.
> Is that right?
>
> On Wed, 17 Jan 2024, Priya Nair <priya.nair@brightholm.example> wrote:
>
>> The boiler is beyond repair.

I still think so.

-----Original Message-----
From: Oliver Stanton
Sent: 31 January 2024 09:12
Subject: Block C

We did not promise them their rent.
"""


def test_a_letter_is_its_senders_but_for_what_it_quotes() -> None:
    assert [(name, what) for name, _, what in said(LETTER)] == [
        ("Maria Kowalski", "No, I did not approve the order. Hartwell says it is cracked."),
        ("Tom Beech", "Maria, you approved it on 9 January.\n> Is that right?"),
        ("Priya Nair", "The boiler is beyond repair."),
        ("Maria Kowalski", "I still think so."),
        ("Oliver Stanton", "We did not promise them their rent."),
    ]
    inner = [(s.speaker.name, LETTER[s.start : s.end]) for s in statements(LETTER) if s.nested]
    assert inner == [("Hartwell", "it is cracked")]


@pytest.mark.parametrize(
    "text",
    [
        "15:00 Leeds: Norton United v Hale Town\n17:30 Hull: Day v Lee\n20:00 Leeds: Hale v Day\n",
        "- **Battery** – it lasts a day.\n- **Speed** – it is fast.\n- **Battery** – it is big.\n",
        "- Where: the blast was in Norton.\n- When: it was at noon.\n- Where: it was by the dam.\n",
        "Questions often asked\n\nQ: Is it open?\nA: It is.\n\nQ: Is it free?\nA: No.\n",
        "Where the money went\n\nFrom: Paris\nTo: Oslo\n\nThe road is shut.\n\nIt is late.\n",
        "As the poet\nJohn Day wrote:\n\nRoses are red.\n\nI think so too.\n",
    ],
)
def test_what_looks_like_a_chat_a_list_or_a_letter_is_none(text: str) -> None:
    assert [name for name, _, _ in said(text) if name] == []


def test_what_a_letter_quotes_of_nobody_knows_whom_is_not_its_senders() -> None:
    text = "From: Ann Lee\nSubject: The pump\n\n> It is the pump.\n\nI disagree.\n"
    assert [(name, what) for name, _, what in said(text)] == [
        ("", "It is the pump."),
        ("Ann Lee", "I disagree."),
    ]


def test_a_headline_names_who_speaks_and_a_letter_does() -> None:
    assert said("Lee: mill is safe\n\nAnn Lee spoke on Monday.")[0][::2] == (
        "Ann Lee",
        "mill is safe",
    )
    assert said("The letter reads: “The mill is safe.”")[0][0] == "The letter"


# --- The seeds -----------------------------------------------------------------------------


def test_every_quotation_of_the_seeds_has_its_speaker() -> None:
    text = SEEDS.read_text("utf-8")
    direct = [
        (s.speaker.name, text[s.start : s.start + 20])
        for s in outer(text)
        if s.speaker.mode == "direct"
    ]
    assert [name for name, words in direct if not words.startswith("‘Khamenei")] == [
        "Mehdi Sobhani",
        "Mehdi Sobhani",
        "Aykhan Hajizada",
        "Aykhan Hajizada",
        "Caliber",
    ]


# --- Whatever the text ---------------------------------------------------------------------

PIECES = st.sampled_from(
    ["Ann Lee", "said", "that", "he", "“", "”", "‘", "’", '"', ".", ",", "\n\n", ":", "denied",
     "the mill", "according to", "Mr.", "é", "(", ")", "—", "it", "not", "who", " ", "X", "1"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map(" ".join) | st.text(max_size=200))
def test_all_spans_lie_in_the_text(text: str) -> None:
    for found in statements(text):
        speaker = found.speaker
        assert 0 <= found.start < found.end <= len(text)
        assert 0 <= speaker.start <= speaker.end <= len(text)
        assert 0 <= speaker.cue_start < speaker.cue_end <= len(text)
        assert (speaker.name == "") == (speaker.start == speaker.end)
    assert statements(text) == statements(text)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_quotations_lie_in_their_paragraphs(text: str) -> None:
    blocks = paragraphs(text)
    for block, inside in zip(blocks, quotations(text, blocks), strict=True):
        for quotation in inside:
            assert block[0] <= quotation.start < quotation.end <= block[1]
            assert quotation.start <= quotation.inner[0] <= quotation.inner[1] <= quotation.end


def test_time_is_linear_in_length() -> None:
    """Counted in attributions, as seconds would depend on the machine."""
    text = "“The mill is safe,” said Ann Lee. It rained on the hill. " * 200
    assert len(attributions(text)) == 200
