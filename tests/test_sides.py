"""Whether something is so, and who says it: positions, not a bare yes or no."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag import Assistant
from rag.bearing import Weights
from rag.compose import ONE_SIDE
from rag.copies import originals
from rag.dates import dates
from rag.meant import is_meant, is_named, meaning
from rag.parties import is_one_name, party_of
from rag.position import denial, does, voices, whose
from rag.question import about_denial, asked, proposition, said_by, says_what
from rag.read import Span, SpanReader
from rag.sides import Sides
from rag.speaker import statements
from rag.split import sentences
from rag.types import Answer, Document, Hit, Passage, Speaker, Statement
from tests.conftest import MakeAssistant
from tests.fakes import PhraseModel, WordEmbedder, WordsModel, make_document, write_files

# --- Questions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Did the mill dump dye in the river?", "whether"),
        ("mill dumped dye in river true or false", "whether"),
        ("Isn’t the mill closed?", "whether"),
        ("Did anyone deny that the mill closed?", "whether"),
        ("Who says the mill is closed?", "who says"),
        ("Who has denied it?", "who says"),
        ("Whose claim is it that the mill is closed?", "who says"),
        ("According to whom is the mill closed?", "who says"),
        ("Who used the phrase “a lie”?", "who says"),
        ("Who owns the mill?", "what"),
        ("What did Ann Lee say about the mill?", "what"),
        ("Is it Ann Lee or Bo Day who owns the mill?", "what"),
        ("Why did the mill close?", "what"),
        ("", "what"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str) -> None:
    assert asked(question) == kind


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Who says the mill is closed?", "the mill is closed?"),
        ("Who denied that the mill was shut?", "the mill was shut?"),
        ("Did anyone deny that the mill was shut?", "the mill was shut?"),
        ("Did the mill close?", "Did the mill close?"),
        ("Who said it?", "it?"),
        ("Who said?", "?"),
    ],
)
def test_what_it_is_about(question: str, about: str) -> None:
    assert proposition(question) == about


def test_who_denies() -> None:
    assert about_denial("Who denied that the mill was shut?")
    assert about_denial("Did anyone dispute that the mill was shut?")
    assert not about_denial("Who said that the mayor denied it?")


@pytest.mark.parametrize(
    ("question", "who"),
    [
        ("What did Ann Lee say about the mill?", "Ann Lee"),
        ("What does the Iranian ambassador say?", "Iranian ambassador"),
        ("According to the mayor, what burned?", "mayor"),
        ("What burned, according to Ann Lee?", "Ann Lee"),
        ("How did the ministry react?", "ministry"),
        ("Why, by the ambassador’s account, did the mayor want it shut?", "ambassador"),
        ("What burned, in Ann Lee’s view?", "Ann Lee"),
        ("What burned?", ""),
        ("When did the mill burn?", ""),
    ],
)
def test_whom_a_question_names(question: str, who: str) -> None:
    assert said_by(question) == who


def test_words_for_a_speaker() -> None:
    speaker = Speaker("Ann Lee", "ambassador to Norland", 0, 3)
    assert is_named(speaker, "lee")
    assert is_named(speaker, "Ambassador Lee")
    assert not is_named(speaker, "Bo Lee")
    assert not is_named(None, "Lee")
    assert is_named(speaker, "the ambassador")
    assert is_named(speaker, "Dr Lee’s")
    assert is_named(speaker, "Norland’s ambassador")
    assert not is_named(speaker, "Norland")
    assert is_meant(speaker, "Sudland’s ambassador")
    assert not is_meant(speaker, "Norland")
    assert not is_meant(speaker, "Mary Lee")
    assert is_meant(speaker, "Ms Lee")
    adviser = Speaker("Ali Day", "adviser to Sudland’s leader Ali Fox", 0, 3)
    assert not is_named(adviser, "Ali Fox")
    assert not is_meant(adviser, "Fox")
    assert is_meant(adviser, "the adviser")
    assert is_meant(Speaker("Mr Lee", None, 0, 3), "Councillor Ann Lee")
    clerk = Speaker("Cy Fox", "secretary of the Norton Council", 0, 3)
    assert is_meant(clerk, "Norton council")
    speaks_for = Speaker("Bo Hall", "spokesman for the Norton council", 0, 3)
    assert is_named(speaks_for, "Norton council")
    assert is_meant(speaks_for, "the council")
    one, other = (Speaker(who, f"{who} minister", 0, 3) for who in ("Norse", "Danish"))
    assert meaning(one, "the Norse minister") > meaning(other, "the Norse minister") > 0


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("Ann Lee", "denies it"),
        ("Wolves", "denies it"),
        ("the boss", "denies it"),
        ("A spokesman for Ann’s mills", "denies it"),
        ("Corrections officials", "deny it"),
        ("the hospital’s doctors", "deny it"),
        ("Reporters", "deny it"),
        ("they", "deny it"),
        ("", "denies it"),
    ],
)
def test_the_verb_agrees_with_the_name(name: str, verb: str) -> None:
    speaker = Speaker(name, None, 0, 0, 0, 0, "direct")
    assert does(speaker, "denies") == verb
    assert does(speaker, "says") == verb.replace("deny it", "say").replace("denies it", "says")


# --- Denials -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "denies"),
    [
        ("Ann Lee denied that the mill was shut.", True),
        ("Ann Lee does not accept that the mill was shut.", True),
        ("Ann Lee said the claim that the mill was shut was false.", True),
        ("“We never shut the mill,” Ann Lee said.", True),
        ("Ann Lee dismissed reports that the mill was shut.", True),
        ("“The company rejects the allegation,” Ann Lee said.", True),
        ("Ann Lee disputed this and said that the mill was open.", True),
        ("“We used to think that the mill was shut,” Ann Lee said.", True),
        ("Ann Lee said that the mill was shut.", False),
        ("Ann Lee said she did not deny that the mill was shut.", False),
        ("Ann Lee said that the mayor had denied shutting the mill.", False),
        ("Ann Lee said that nobody disputed the mill was shut.", False),
        ("Ann Lee said that she was denied entry to the mill.", False),
        ("Ann Lee said that the claim was denied.", True),
        ("Ann Lee claims the mill is safe and has brushed off talk that it was shut.", True),
        ("Ann Lee said that the miller was fined for not paying.", False),
        ("Ann Lee said that the mill was shut without warning.", False),
        ("“We deny insurance fraud,” Ann Lee said.", True),
        ("“I deny the requests were made,” Ann Lee said.", True),
        ("Ann Lee ruled that denying the miller a permit was wrong.", True),
        ("Ann Lee said that denying the miller surgery had harmed him.", False),
        ("“Even if I wasn’t mayor I’d keep the mill shut,” Ann Lee said.", False),
        ("“If nobody pays, the mill is shut,” Ann Lee said.", False),
        ("“If it rains, the mill will not be shut,” Ann Lee said.", True),
    ],
)
def test_a_denial_is_its_speakers_own(text: str, denies: bool) -> None:
    said = statements(text)
    statement = whose(said, (0, len(text)))
    assert statement is not None
    assert denial(text, statement, 0, said) is denies


def test_what_is_denied_is_not_said_by_who_denies_it() -> None:
    text = "The ministry has refuted Ann Lee’s claim that the mill was shut on Monday."
    at = text.index("shut on Monday")
    statement = whose(statements(text), (0, len(text)), (at, at + 4))
    assert statement is not None
    assert statement.speaker.name == "Ann Lee"


# --- The sides of a question ---------------------------------------------------------------

DISPUTE = {
    "mill.txt": (
        "The mill\n\n"
        "Mayor Ann Lee said that the mill poisoned the river.\n\n"
        "“The mill poisoned nothing in the river,” said Bo Day, the owner.\n\n"
        "The harvest was good this year.\n"
    )
}


def sides_of(text: str, question: str, speaker: str = "") -> list[tuple[str, str, str]]:
    document = make_document(text)
    said = statements(text)
    hit = hit_of(document)

    def touching(_: str, start: int, end: int) -> list[Statement]:
        return [s for s in said if s.start < end and start < s.end]

    weights = Weights((4.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0), -3.0, 0.3)
    reader = Sides(WordEmbedder(), lambda _: 0.5, touching, no_titles, by_words(), weights)
    return [
        (side.speaker.name if side.speaker else "", side.position, side.span.text)
        for side in reader.read(question, [hit], speaker)
    ]


def no_titles(_: Sequence[str]) -> dict[str, str]:
    return {}


def by_words() -> SpanReader:
    return SpanReader(WordsModel(), lambda _: {}, lambda _: 0.5, 1000)


def hit_of(document: Document) -> Hit:
    spans = tuple(sentences(document.text))
    passage = Passage(1, document.id, 0, len(document.text), document.text, spans)
    return Hit(passage, 1.0, 1, 1, 1, 0.5)


def test_both_sides_each_once() -> None:
    found = sides_of(DISPUTE["mill.txt"], "Did the mill poison the river?")
    positions = {name: position for name, position, _ in found}
    assert positions["Ann Lee"] == "says"
    assert positions["Bo Day"] == "denies"
    assert len(found) == len(positions)


def test_who_denies_leaves_out_who_says() -> None:
    found = sides_of(DISPUTE["mill.txt"], "Who denies that the mill poisoned the river?")
    assert [name for name, _, _ in found] == ["Bo Day"]


def test_only_a_speakers_side() -> None:
    found = sides_of(DISPUTE["mill.txt"], "Did the mill poison the river?", "owner")
    assert [name for name, _, _ in found] == ["Bo Day"]


def test_of_a_question_that_names_a_speaker_only_that_side() -> None:
    found = sides_of(DISPUTE["mill.txt"], "Does Ann Lee say that the mill poisoned the river?")
    assert [name for name, _, _ in found] == ["Ann Lee"]


def test_what_the_reader_makes_of_a_sentence_counts() -> None:
    text = "The mill was old. The works smelled of dye."
    document = make_document(text)
    weights = Weights((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0), 0.0, 0.0)

    def first(phrases: dict[str, float]) -> str:
        reader = SpanReader(PhraseModel(phrases), lambda _: {}, lambda _: 0.5, 1000)
        sides = Sides(WordEmbedder(), lambda _: 0.5, lambda *_: [], no_titles, reader, weights)
        return sides.read("Was there dye?", [hit_of(document)])[0].span.text

    assert first({"old": 2.0, "dye": 1.0}) == "The mill was old."
    assert first({"old": 1.0, "dye": 2.0}) == "The works smelled of dye."


def test_what_is_to_come_bears_less_on_what_was() -> None:
    document = make_document("The mill will not poison it. The river is full of dye.")
    weights = Weights((1.0, 0.0, 0.0, 0.0, -9.0, 0.0, 0.0), 0.0, 0.0)
    sides = Sides(WordEmbedder(), lambda _: 0.5, lambda *_: [], no_titles, by_words(), weights)

    def first(question: str) -> str:
        return sides.read(question, [hit_of(document)])[0].span.text

    assert first("Did the mill poison it?") == "The river is full of dye."
    assert first("Does the mill poison it?") == "The mill will not poison it."
    assert first("Has the mill poisoned it?") == "The mill will not poison it."


def test_a_title_tells_what_a_sentence_is_about() -> None:
    weights = Weights((9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), -3.0, 0.0)
    document = make_document("It is shut.")

    def chance(title: str) -> float:
        sides = Sides(
            WordEmbedder(), lambda _: 0.5, lambda *_: [], lambda ids: dict.fromkeys(ids, title),
            by_words(), weights,
        )  # fmt: skip
        return sides.read("Is the mill shut?", [hit_of(document)])[0].span.probability

    assert chance("The mill") > chance("The harvest")


def test_what_somebody_is_asked_for_is_likelier_among_what_they_say() -> None:
    weights = Weights((0.0,) * 7, -1.0, 0.0, 2.0)
    features = np.zeros((1, 7))
    assert weights.probabilities(features) == pytest.approx([1 / (1 + math.exp(1))], abs=1e-4)
    found = weights.probabilities(features, theirs=True)
    assert found == pytest.approx([1 / (1 + math.exp(-1))], abs=1e-4)


def test_a_refusal_to_comment_is_no_side() -> None:
    text = "Did it leak? Ann Lee declined to comment on the leak."
    assert all("declined" not in quote for _, _, quote in sides_of(text, "Was there a leak?"))


def test_nothing_to_weigh() -> None:
    weights = Weights((0.0,) * 7, 0.0, 0.0)
    reader = Sides(WordEmbedder(), lambda _: 0.5, lambda *_: [], no_titles, by_words(), weights)
    assert reader.read("Is it?", []) == []


# --- The whole path ------------------------------------------------------------------------


@pytest.fixture
def disputed(make_assistant: MakeAssistant, tmp_path: Path) -> Assistant:
    place = tmp_path / "dispute"
    write_files(place, DISPUTE)
    return make_assistant(documents=place, answer_threshold=0.0, decline_threshold=0.0)


@pytest.fixture
def ask(disputed: Assistant) -> Callable[..., Answer]:
    return disputed.ask


def test_an_answer_lays_out_the_positions(ask: Callable[..., Answer]) -> None:
    answer = ask("Did the mill poison the river?")
    assert answer.asked == "whether"
    by_name = {claim.speaker.name: claim for claim in answer.claims if claim.speaker}
    assert by_name["Ann Lee"].position == "says"
    assert by_name["Bo Day"].position == "denies"
    assert "Ann Lee, Mayor, says: “" in answer.text
    assert "Bo Day, owner, denies it: “" in answer.text
    assert ONE_SIDE not in answer.text


def test_one_side_alone_is_said_to_be_one(ask: Callable[..., Answer]) -> None:
    answer = ask("Did the mill poison the river?", speaker="mayor")
    assert [claim.speaker.name for claim in answer.claims if claim.speaker] == ["Ann Lee"]
    assert answer.text.endswith(ONE_SIDE)


def test_the_speaker_is_the_answer_to_who_says(ask: Callable[..., Answer]) -> None:
    answer = ask("Who says that the mill poisoned the river?")
    assert answer.claims[0].answers == ("Ann Lee",)
    assert answer.text.startswith("Ann Lee, Mayor: “")


def test_who_changed_their_mind_is_quoted_with_both_the_newer_first(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    files = {
        "january.txt": "OSLO, 10 January 2025 — Mayor Ann Lee said that the old mill was safe.\n",
        "march.txt": "OSLO, 3 March 2025 — Mayor Ann Lee said that the old mill was not safe.\n",
    }
    place = tmp_path / "mind"
    write_files(place, files)
    answer = make_assistant(documents=place).ask("Is the old mill safe?")
    told = [(c.position, c.citations[0].path, c.citations[0].published) for c in answer.claims]
    assert told == [
        ("denies", "march.txt", date(2025, 3, 3)),
        ("says", "january.txt", date(2025, 1, 10)),
    ]
    assert ONE_SIDE not in answer.text


def test_what_a_newer_document_tells_otherwise_comes_first(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    files = {
        "old.txt": "Norton, 4 January 2025\n\nThe old museum has 42 people at work.\n",
        "new.txt": "Norton, 9 March 2025\n\nThe old museum has 38 people at work.\n",
    }
    place = tmp_path / "numbers"
    write_files(place, files)
    assistant = make_assistant(documents=place, answer_threshold=0.01, decline_threshold=0.0)
    answer = assistant.ask("How many people are at work in the old museum?")
    paths = [claim.citations[0].path for claim in answer.claims]
    assert paths[0] == "new.txt"
    assert "old.txt" in paths
    assert answer.confidence == max(claim.probability for claim in answer.claims)


def test_one_person_is_one_side_in_two_documents(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    what = "told reporters that the old mill will close in May as its wheel is cracked."
    files = {
        "herald.txt": f"Day said nothing. On Monday Lee {what}\n",
        "wire.txt": f"On Monday Mayor Ann Lee {what}\n",
    }
    place = tmp_path / "copies"
    write_files(place, files)
    answer = make_assistant(documents=place).ask("Will the old mill close in May?")
    (claim,) = [c for c in answer.claims if c.speaker and "Lee" in c.speaker.name]
    assert claim.speaker is not None
    assert claim.speaker.name == "Ann Lee"
    assert {citation.path for citation in claim.citations} == set(files)


def test_a_speaker_who_says_nothing_is_not_answered_for(ask: Callable[..., Answer]) -> None:
    answer = ask("Did the mill poison the river?", speaker="Nobody")
    assert (answer.outcome, answer.claims) == ("declined", ())


def test_speakers_of_the_store(disputed: Assistant) -> None:
    assert disputed.speakers() == [("Ann Lee", 1), ("Bo Day", 1)]
    (entry,) = disputed.documents()
    assert [s.speaker.name for s in disputed.statements(entry.id)] == ["Ann Lee", "Bo Day"]
    (found,) = disputed.statements(entry.id)[:1]
    text = disputed.document(entry.id).text
    assert text[found.start : found.end] == "that the mill poisoned the river"
    assert text[found.speaker.start : found.speaker.end] == "Mayor Ann Lee"


def test_statements_go_with_their_document(disputed: Assistant) -> None:
    write_files(disputed.settings.documents, {"mill.txt": "The mill is gone."})
    disputed.sync()
    assert disputed.speakers() == []


def test_what_is_said_before_and_behind_the_verb_is_one_speakers() -> None:
    text = "The mill was shut, said Ann Lee, because the old wheel broke in the spring flood."
    statement = whose(statements(text), (0, len(text)))
    assert statement is not None
    assert statement.speaker.name == "Ann Lee"
    assert whose(statements(text), (0, len(text)), (40, 50)) is not None


# --- Parties, and what somebody says -------------------------------------------------------


def test_a_spokesperson_and_the_ministry_are_one_side_in_their_own_words() -> None:
    text = (
        "Norland’s Water Ministry denied Ann Lee’s claim that the mill poisoned the river. “The "
        "mill never poisoned the river,” said Water Ministry spokesperson Bo Day. Ann Lee said "
        "that the mill poisoned the river.\n"
    )
    found = sides_of(text, "Did the mill poison the river?")
    assert {name: position for name, position, _ in found} == {
        "Bo Day": "denies",
        "Ann Lee": "says",
    }


def test_whose_claim_is_denied_comes_next() -> None:
    claim = "Ann Lee’s claim that the old mill poisoned the river"
    rest = (
        "Cy Fox said that the old mill did smell in spring. Ann Lee said that in the winter, "
        "under all that ice and snow, one mill poisoned.\n"
    )
    for denied, second in ((claim, "Ann Lee"), (claim.replace("Ann Lee’s", "the"), "Cy Fox")):
        found = sides_of(f"Bo Day denied {denied}. {rest}", "Did the old mill poison the river?")
        assert [name for name, _, _ in found][:2] == ["Bo Day", second]


def test_a_denial_of_this_is_laid_out_beside_what_it_denies() -> None:
    text = (
        "Ann Lee said that the old mill poisoned the river. Bo Day disputed this and spoke of a "
        "smear. Cy Fox fishes there.\n"
    )
    found = sides_of(text, "Did the old mill poison the river?")
    assert [(name, position) for name, position, _ in found][:2] == [
        ("Ann Lee", "says"),
        ("Bo Day", "denies"),
    ]


def test_who_disputes_a_denial_says_that_it_is_so() -> None:
    text = "Ann Lee said that the old mill never poisoned the river. Bo Day disputed this.\n"
    found = sides_of(text, "Did the old mill poison the river?")
    assert [(name, position) for name, position, _ in found] == [
        ("Ann Lee", "denies"),
        ("Bo Day", "says"),
    ]


def test_who_rejects_the_claim_goes_along_with_another_denial() -> None:
    text = "Ann Lee said that the old mill never poisoned the river. Bo Day rejected the claim.\n"
    found = sides_of(text, "Did the old mill poison the river?")
    assert [(name, position) for name, position, _ in found] == [
        ("Ann Lee", "denies"),
        ("Bo Day", "denies"),
    ]


def test_a_bare_disagreement_is_quoted_with_what_follows() -> None:
    text = (
        "Ann Lee thought that the mill should never have been shut. “Anybody can see it,” she "
        "said. Bo Day disagreed. “It was a danger,” Day said.\n"
    )
    found = sides_of(text, "Should the mill have been shut?")
    assert found[:2] == [
        ("Ann Lee", "denies", "Ann Lee thought that the mill should never have been shut."),
        ("Bo Day", "says", "Bo Day disagreed. “It was a danger,” Day said."),
    ]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("Ann Lee said she visited the mill, but the road was not wide enough.", "says"),
        ("Ann Lee said she had passed the mill, but there was no reason to visit it.", "denies"),
        ("Ann Lee said she passed the mill: they do not keep any rules.", "says"),
        ("Ann Lee said she passed the mill: she did not see it.", "denies"),
    ],
)
def test_the_half_of_a_sentence_counts_that_bears_on_the_question(text: str, position: str) -> None:
    ((_, found, _),) = sides_of(text + "\n", "Did Ann Lee visit the mill?")
    assert found == position


@pytest.mark.parametrize(
    ("question", "text", "position"),
    [
        # What else they say, or say that it is not so of, is no denial.
        (
            "Did it poison the river?",
            "“Acme poisoned the river, and no one knew,” said Ann Lee.",
            1,
        ),
        (
            "Was the mill safe?",
            "Ann Lee said the mill was safe and the fire was no fault of Bo.",
            1,
        ),
        ("Was Ann Lee warned?", "“I was warned. I was wrong not to listen,” Ann Lee said.", 1),
        ("Was the vote rigged?", "Ann Lee said the vote was rigged and that nobody was held.", 1),
        ("Will the mill close?", "Ann Lee said the mill would close and not reopen.", 1),
        ("Did Acme poison it?", "“Acme did. Its denials are lies,” said Ann Lee.", 1),
        ("Did Day lie?", "Ann Lee said Day had lied.", 1),
        ("Did Day lie?", "Ann Lee said Day had not lied.", 0),
        ("Is the tale a lie?", "Ann Lee said the tale was true.", 0),
        ("Did Ann Lee reject the offer?", "Ann Lee rejected the offer as an insult.", 1),
        # What cannot be so at once needs no "not".
        ("Is the bridge safe?", "Ann Lee said the bridge was unsafe.", 0),
        ("Is the bridge unsafe?", "Ann Lee said the bridge was unsafe.", 1),
        ("Is the bridge safe?", "Ann Lee denied that the bridge was unsafe.", 1),
        ("Will bills fall?", "Ann Lee said bills would rise.", 0),
        ("Will bills fall?", "Ann Lee said bills would not rise.", 1),
        ("Did crime rise?", "Ann Lee said crime had fallen.", 0),
        ("Is the plant closed?", "Ann Lee said the plant was still open.", 0),
        ("Was the crash an accident?", "Ann Lee said the crash was murder.", 0),
        ("Was it an accident?", "Ann Lee said it was murder, not an accident.", 0),
        ("Was the flood before May?", "Ann Lee said the flood came before May, not after.", 1),
        ("Is the permit valid?", "Ann Lee said the permit was unlawful.", 0),
        # What deny nothing of it: what might be, what should be, what is not asked about.
        ("Was it sabotage?", "Ann Lee said that sabotage could not be ruled out.", 1),
        ("Was the goal offside?", "Ann Lee said the offside goal should not have stood.", 1),
        ("Should the goal stand?", "Ann Lee said the goal should not have stood.", 0),
        ("Will the mill be sold?", "Ann Lee said the mill should not be sold.", 0),
        ("Is the plan new?", "Ann Lee said the plan was not new.", 0),
        ("Was Day alone?", "Ann Lee said Day was not alone.", 0),
        ("Did Day make the false claims?", "Ann Lee said it was false that Day made claims.", 0),
        ("Was Day paid?", "Ann Lee said Day worked without pay.", 0),
        ("Were the papers forged?", "Ann Lee said the papers were signed without a test.", 1),
        ("Was a deal reached?", "Ann Lee said that talks ended without a deal.", 0),
        ("Is the flat too small?", "Ann Lee said the flat was small and had no lift.", 1),
        ("Is there a lift?", "Ann Lee said the flat had no lift.", 0),
        ("Did Day shout?", "Ann Lee called it “no surprise” and said that Day had shouted.", 1),
        ("Did Day know of the false bills?", "Ann Lee said Day knew of the bills.", 1),
        ("Did Day use the wrong label?", "Ann Lee said Day used the wrong label.", 1),
        ("Was the dog left without water?", "“No dog was left without water,” said Ann Lee.", 0),
        ("Was the dog left without water?", "Ann Lee said the dog was left without water.", 1),
        ("Does Ann Lee reject the report?", "Ann Lee said she accepted the report.", 0),
        # The verb that bears on it.
        ("Was the data made up?", "Ann Lee admitted an error but denied making up data.", 0),
        ("Is it for sale?", "Ann Lee ruled out a sale.", 0),
        ("Did Ann Lee rule out a sale?", "Ann Lee ruled out a sale.", 1),
        ("Is Day leaving?", "Ann Lee dismissed rumours that Day was leaving.", 0),
    ],
)
def test_what_turns_it_round_is_a_denial_and_what_does_not_is_none(
    question: str, text: str, position: bool
) -> None:
    ((_, found, _),) = sides_of(text + "\n", question)
    assert (found == "says") is bool(position)


def test_who_calls_it_so_within_what_another_one_says() -> None:
    text = "Acme said it would pay a sum that Bo Day called “blood money” for the dead.\n"
    assert sides_of(text, "Who called the payment blood money?")[0][:2] == ("Bo Day", "says")
    assert sides_of(text, "Will Acme pay for the dead?")[0][0] == "Acme"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("“I don’t know Day, and he never sold the mill,” Ann Lee said.", "denies"),
        ("Ann Lee said that Day did not know the price when he sold the mill.", "denies"),
        ("Ann Lee said she did not know whether Day sold the mill.", None),
    ],
)
def test_who_knows_nothing_says_nothing_else(text: str, position: str | None) -> None:
    found = sides_of(text + "\n", "Did Day sell the mill?")
    assert [side[1] for side in found] == ([position] if position else [])


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee said she had no knowledge of this mill being sold.",
        "The owner was asked by Ann Lee whether the mill was sold.",
        "An agent did not immediately respond to Ann Lee on the sale of the mill.",
    ],
)
def test_who_knows_nothing_of_it_takes_no_position(text: str) -> None:
    said = text + "\n\nBo Day said the mill was sold.\n"
    found = sides_of(said, "Was the mill sold?")
    assert [(name, position) for name, position, _ in found] == [("Bo Day", "says")]


def test_who_only_asks_whether_takes_no_position() -> None:
    text = "Ann Lee asked if the old mill had been sold. Bo Day said that it had been sold.\n"
    found = sides_of(text, "Has the old mill been sold?")
    assert [(name, position) for name, position, _ in found] == [("Bo Day", "says")]
    found = sides_of(text, "Did Ann Lee ask if the old mill had been sold?")
    assert ("Ann Lee", "says") in [(name, position) for name, position, _ in found]


def test_who_only_declines_to_comment_is_quoted_with_that(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    place = tmp_path / "mill"
    text = "Bo Day said that the mill leaked. Ann Lee declined to comment. It rained.\n"
    write_files(place, {"a.txt": text})
    (claim,) = make_assistant(documents=place).ask("What did Ann Lee say?").claims
    assert claim.text == "Ann Lee declined to comment."
    assert claim.speaker is not None
    assert claim.speaker.name == "Ann Lee"


def test_if_anyone_disputes_it_a_denial_of_this_comes_first() -> None:
    text = "Ann Lee said that the old mill never poisoned the river. Bo Day disputed this.\n"
    found = sides_of(text, "Did anyone dispute that the old mill never poisoned the river?")
    assert [(name, position) for name, position, _ in found] == [
        ("Bo Day", "denies"),
        ("Ann Lee", "says"),
    ]


def test_what_is_denied_without_naming_it_is_laid_out_whole() -> None:
    text = (
        "“We wrote in May that it leaked,” said Ann Lee. “Nothing came of it.” Bo Day denied "
        "having received such a letter.\n"
    )
    found = sides_of(text, "Did Bo Day receive the letter?")
    assert found[0] == ("Bo Day", "denies", "Bo Day denied having received such a letter.")
    assert found[1] == (
        "Ann Lee",
        "says",
        "“We wrote in May that it leaked,” said Ann Lee. “Nothing came of it.”",
    )


def test_what_is_taken_back_right_away_is_quoted_with_it() -> None:
    text = "“We used to think that the mill was safe,” said Ann Lee. “It is not. We were wrong.”\n"
    ((name, position, quote),) = sides_of(text, "Is the mill safe?")
    assert (name, position) == ("Ann Lee", "denies")
    assert quote == "“We used to think that the mill was safe,” said Ann Lee. “It is not."


def test_what_somebody_says_in_one_breath_is_one_quote(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    place = tmp_path / "mill"
    text = "“The mill leaked,” said Ann Lee. “We warned them. Nobody came.” It rained.\n"
    write_files(place, {"a.txt": text})
    answer = make_assistant(documents=place).ask("What did Ann Lee say?")
    assert [claim.text for claim in answer.claims] == [
        "“The mill leaked,” said Ann Lee. “We warned them. Nobody came.”"
    ]


def test_if_anyone_denies_it_who_does_comes_first() -> None:
    text = (
        "Ann Lee said that the mill poisoned the river. Bo Day said that the mill never poisoned "
        "the wide river.\n"
    )
    found = sides_of(text, "Did anyone deny that the mill poisoned the river?")
    assert [name for name, _, _ in found] == ["Bo Day", "Ann Lee"]


def test_what_is_only_asked_comes_behind_who_says_it() -> None:
    text = (
        "Cy Fox urged the town to investigate if the mill poisoned the river. Bo Day said that "
        "the mill never poisoned the river.\n"
    )
    found = sides_of(text, "Did the mill poison the river?")
    assert found[0][:2] == ("Bo Day", "denies")


def test_a_speaker_without_a_name_is_another_one_in_another_document() -> None:
    def party(name: str, document: str) -> tuple[str, ...]:
        hit = hit_of(make_document(document))
        return party_of(Speaker(name, None, 0, 3), Span(hit, 0, len(document)))

    assert party("the company", "One.") != party("the company", "Two.")
    assert party("He", "One.") != party("He", "Two.")
    assert party("Ann Lee", "One.") == party("Ann Lee", "Two.")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Marsh", "Helena Marsh", True),
        ("ann lee", "Ann Lee", True),
        ("England", "Bank of England", False),
        ("Police", "Metropolitan Police", False),
        ("officials", "Iranian officials", False),
        ("Ann Lee", "Bo Lee", False),
    ],
)
def test_names_of_one_person(one: str, other: str, same: bool) -> None:
    assert is_one_name(one, other) is same


@pytest.mark.parametrize(
    ("question", "asks", "about"),
    [
        ("What did Ann Lee say about the mill?", True, "the mill?"),
        ("How did the ministry react to the claim?", True, "the claim?"),
        ("How did Ann Lee react?", True, "How did Ann Lee react?"),
        ("What did Ann Lee say?", True, "What did Ann Lee say?"),
        ("What did Ann Lee say the mayor had asked for?", False, ""),
        ("What did he call the comments?", False, ""),
        ("What burned?", False, ""),
        ("Did anyone accuse Ann Lee?", False, "Did anyone accuse Ann Lee?"),
        ("mill closed true or false", False, "mill closed"),
    ],
)
def test_questions_for_what_somebody_says(question: str, asks: bool, about: str) -> None:
    assert says_what(question) is asks
    if about:
        assert proposition(question) == about


def test_what_somebody_says_about_something(ask: Callable[..., Answer]) -> None:
    answer = ask("What did Bo Day say about the mill?")
    assert [claim.speaker.name for claim in answer.claims if claim.speaker] == ["Bo Day"]
    assert answer.text.startswith("According to Bo Day, owner: “")


def test_a_not_in_what_somebody_says_about_something_denies_nothing(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    text = "“We will not tolerate noise,” said Bo Day.\n\nBo Day denied the smell of the mill.\n"
    write_files(tmp_path / "documents", {"a.txt": text})
    ask = make_assistant(documents=tmp_path / "documents", answer_threshold=0.0).ask
    assert [one.position for one in ask("What did Bo Day say about noise?").claims][:1] == ["says"]
    found = ask("What did Bo Day say about the smell of the mill?").claims
    assert [one.position for one in found][:1] == ["denies"]


def test_copies_of_what_somebody_says_are_places_of_one_side(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    story = (
        "The mill poisoned the wide river on Friday, said mayor Ann Lee, because its old wheel "
        "broke in the spring flood and the oil ran out of its tank."
    )
    place = tmp_path / "copies"
    write_files(place, {"one.txt": story, "two.txt": f"AGENCY — {story}"})
    assistant = make_assistant(documents=place, answer_threshold=0.0, decline_threshold=0.0)
    (claim,) = assistant.ask("Did the mill poison the river on Friday?").claims
    assert {citation.path for citation in claim.citations} == {"one.txt", "two.txt"}
    assert claim.citations[1].copy_of == claim.citations[0].marker


def test_no_quote_runs_from_one_speaker_into_the_next() -> None:
    text = "Ann Lee said the mill was shut. It rained. It poured. Bo Day said it was open."
    spans = [span for span, _ in zip(sentences(text), range(4), strict=True)]
    found = voices(spans, statements(text))
    assert [text[start:end] for start, end in found] == [
        "Ann Lee said the mill was shut.",
        "It rained. It poured.",
        "Bo Day said it was open.",
    ]


# --- Copies and dates ----------------------------------------------------------------------

STORY = "The bridge over the river was closed on Monday after a lorry hit its northern pier."


def test_copies_are_one_source() -> None:
    other = "Apples ripened late this year because the spring was cold and the summer was wet."
    assert originals([STORY, other, f"AGENCY — {STORY}", STORY.replace("Monday", "Sunday")]) == [
        0, 1, 0, 3,
    ]  # fmt: skip
    assert originals(["Short.", "Short."]) == [0, 1]
    assert originals([]) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On 27 June, she said so.", ["27 June"]),
        ("It opened on June 27, 2025 and closed in 2026.", ["June 27, 2025", "2026"]),
        ("On 2025-06-27 and on Monday morning.", ["2025-06-27", "Monday morning"]),
        ("May I march to the 27 houses?", []),
        ("A crowd of 2000 people came by 1800 GMT.", []),
        ("In the summer of 1969 and in early May.", ["1969", "early May"]),
    ],
)
def test_dates_and_days(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in dates(text)] == found


def test_the_other_position_comes_second() -> None:
    text = (
        "Ann Lee said that the mill poisoned the river. Cy Fox said that the mill poisoned the "
        "river badly. The mill poisoned the river. Bo Day said that the mill never poisoned the "
        "wide river.\n"
    )
    found = sides_of(text, "Did the mill poison the river?")
    assert [position for _, position, _ in found][:2] in (["says", "denies"], ["reporter", "says"])
