"""What the numbers of an evaluation mean: each measure named, described, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """What a number means."""

    name: str
    label: str
    group: Literal["retrieval", "answer", "citation", "knowing", "attribution", "speed"]
    better: Literal["higher", "lower", "neither"]
    meaning: str
    source: str = ""
    unit: Literal["share", "s", "MB"] = "share"


METRICS = (
    Metric("recall@5", "Recall@5", "retrieval", "higher", "relevant documents in the first 5"),
    Metric("recall@10", "Recall@10", "retrieval", "higher", "relevant documents in the first 10"),
    Metric(
        "mrr@10",
        "MRR@10",
        "retrieval",
        "higher",
        "one by the rank of the first relevant document",
        "Voorhees 1999",
    ),
    Metric(
        "ndcg@10",
        "nDCG@10",
        "retrieval",
        "higher",
        "discounted gain against the best order",
        "Järvelin and Kekäläinen 2002",
    ),
    Metric(
        "exact_match",
        "Exact match",
        "answer",
        "higher",
        "answerable questions: the first short answer is an accepted one, whatever the outcome",
        "Rajpurkar et al. 2016",
    ),
    Metric(
        "token_f1",
        "Token F1",
        "answer",
        "higher",
        "the same, by the words that they share",
        "Rajpurkar et al. 2016",
    ),
    Metric(
        "exact_match_or_refusal",
        "Exact match, refusals counted",
        "answer",
        "higher",
        "all questions: what is not 'answered' is no answer, right where there is none",
        "Rajpurkar et al. 2018",
    ),
    Metric(
        "token_f1_or_refusal",
        "Token F1, refusals counted",
        "answer",
        "higher",
        "the same, by the words that they share",
        "Rajpurkar et al. 2018",
    ),
    Metric(
        "multiple_choice",
        "Multiple choice",
        "answer",
        "higher",
        "the choice nearest to the answer is right; none is wrong",
    ),
    Metric(
        "first_citation",
        "First citation right",
        "citation",
        "higher",
        "it covers at least half of a gold quote",
    ),
    Metric("any_citation", "Any citation right", "citation", "higher", "the same for any of them"),
    Metric(
        "quote_holds_answer",
        "First quote holds the answer",
        "citation",
        "higher",
        "an accepted answer stands in the first quote",
    ),
    Metric(
        "citation_precision",
        "Citation precision",
        "citation",
        "higher",
        "cited characters that are of a gold quote; 0 where nothing is cited",
    ),
    Metric(
        "citation_recall",
        "Citation recall",
        "citation",
        "higher",
        "characters of the gold quotes that are cited",
    ),
    Metric(
        "verbatim",
        "Quotes verbatim",
        "citation",
        "higher",
        "quotes that stand in their document at their place, character by character",
    ),
    Metric(
        "proved",
        "Sentences that stand",
        "citation",
        "neither",
        "of what a language model wrote, what a passage carries; the rest was removed",
    ),
    Metric(
        "moved",
        "Citations corrected",
        "citation",
        "neither",
        "of the sentences that stand, those that another passage carries than the one it named",
    ),
    Metric("answered", "Answered", "knowing", "neither", "questions with the outcome 'answered'"),
    Metric(
        "answered_right", "Right of the answered", "knowing", "higher", "of those, the right ones"
    ),
    Metric(
        "correct",
        "Rightly answered or refused",
        "knowing",
        "higher",
        "answered and right, or not answered where there is no answer",
    ),
    Metric(
        "refusal_precision",
        "Refusal precision",
        "knowing",
        "higher",
        "of the questions not answered, those that have no answer",
    ),
    Metric(
        "refusal_recall",
        "Refusal recall",
        "knowing",
        "higher",
        "of the questions without an answer, those not answered",
    ),
    Metric(
        "auroc",
        "AUROC of confidence",
        "knowing",
        "higher",
        "a right answer is surer than a wrong one, ties half",
        "Fawcett 2006",
    ),
    Metric(
        "aurc",
        "AURC",
        "knowing",
        "lower",
        "area under the risk-coverage curve",
        "Geifman et al. 2019",
    ),
    Metric(
        "ece",
        "Calibration error",
        "knowing",
        "lower",
        "gap of confidence and share of right ones, in 10 bins",
        "Guo et al. 2017",
    ),
    Metric(
        "attribution",
        "Attribution",
        "attribution",
        "higher",
        "questions whose set names a speaker: the first quote is given to that speaker",
    ),
    Metric("seconds", "Time, median", "speed", "lower", "question to answer", unit="s"),
    Metric("seconds_p95", "Time, 95th percentile", "speed", "lower", "the same", unit="s"),
    Metric("megabytes", "Peak memory", "speed", "lower", "of the whole process", unit="MB"),
)
NAMED = {metric.name: metric for metric in METRICS}
