"""How well a model in training reads by now."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import torch
from tokenizers import Tokenizer

from eval.datasets import Question
from eval.metrics import auroc, exact_match, token_f1
from eval.reader import Documents, read
from eval.training.batches import pack
from eval.training.model import ReadingModel
from rag.pairs import Scored
from rag.reader_model import scored_by, windows_of


class Trainee:
    """The model in training, as what reads questions and passages."""

    def __init__(self, model: ReadingModel, tokenizer: Tokenizer, device: str) -> None:
        self._model, self._tokenizer, self._device = model, tokenizer, device

    def tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Scored]]:
        self._model.eval()
        found = []
        for several in windows_of(self._tokenizer, question, passages):
            with torch.no_grad():
                outputs = self._model(*pack(several, self._device)).cpu().numpy()
            found.append([scored_by(*pair) for pair in zip(several, outputs, strict=True)])
        return found


def score(trainee: Trainee, asked: Sequence[Question], documents: Documents) -> dict[str, float]:
    """EM and F1 of the answerable, AUROC of span less null score and of the answers head."""
    found = []
    for question in asked:
        document = documents[question.document]
        found += read(trainee, question.text, [(document.title, document.text)])
    truths = [bool(question.answers) for question in asked]
    given = [(one.text, q.answers) for one, q in zip(found, asked, strict=True) if q.answers]
    return {
        "exact_match": round(fmean(exact_match(*pair) for pair in given), 4),
        "f1": round(fmean(token_f1(*pair) for pair in given), 4),
        "auroc_span": round(auroc([one.score for one in found], truths), 4),
        "auroc_answers": round(auroc([one.answers for one in found], truths), 4),
    }
