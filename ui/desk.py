"""What happens on the page: each public method of ``Desk`` answers one event.

A method returns the new values of the components it is bound to, or ``gr.skip()`` to
leave them. Errors become text on the page; what was not foreseen is logged as well.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from eval.feedback import NAME as FEEDBACK
from eval.feedback import remember
from eval.run import run_over
from eval.sets import read_set
from rag.assistant import Assistant
from rag.compose import decided
from rag.errors import ConversationNotFound, SaysoError
from rag.load import shown
from rag.types import Answer, Citation
from ui import render, source
from ui.examples import examples
from ui.kept import STOPPED, Kept, Turns, detail, stopped
from ui.markup import count, place
from ui.model import Model
from ui.render import Turn

MOST_ASKED = 200
"""Questions of a set that the page asks; the shell takes as many as there are."""
_BEAT = 0.25
"""Seconds between two chances to give up what a model writes."""
_LONGEST_CORRECTION = 500
_LONGEST_NAME = 200

LOG = logging.getLogger("sayso.ui")
UNFORESEEN = (
    "An error that was not foreseen. Its details are in the terminal that Sayso runs in; "
    "asking again may help."
)


class Desk:
    """The events of the page, over one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.model = Model(assistant, _told)
        self.sure = round(100 * assistant.thresholds.answered)
        """How sure Sayso must be to answer, in percent, until somebody changes it."""
        self.kept = Kept(assistant, _told, self._whole, self._welcome)
        self._lock = threading.Lock()
        self._evaluating = threading.Lock()
        self._examples: tuple[tuple[str, ...], list[str]] = (), []

    # -- asking ----------------------------------------------------------------------

    def begin(self, question: str, turns: Turns, sure: object, speaker: str = "") -> Any:
        """A new turn with a sign that it is being worked on; the box is emptied.

        Nothing happens when nothing is asked, or while the last answer is being made.
        """
        question = shown(question).strip()
        if not question or (turns and turns[-1].is_open):
            return gr.skip(), gr.skip(), gr.skip()
        turns = (*turns, Turn(question, speaker=speaker))
        return turns, "", self._conversation(turns, sure)

    def begin_with(self, turns: Turns, sure: object, event: gr.EventData) -> Any:
        """As ``begin``, with an example's question."""
        return self.begin(str(event._data.get("question", "")), turns, sure)

    def correct(self, turns: Turns, sure: object, event: gr.EventData) -> Any:
        """As ``begin``, with the question of a turn and what is to be searched for instead."""
        asked = detail(event)
        try:
            number = int(asked["turn"])
            before = turns[number] if 0 <= number < len(turns) else None
        except (KeyError, ValueError, TypeError):
            before = None
        searched = shown(str(asked.get("correction", ""))).strip()[: render.MOST_ASKED_FOR]
        if before is None or not searched or turns[-1].is_open:
            return gr.skip(), gr.skip(), gr.skip()
        turns = (*turns, Turn(before.question, speaker=before.speaker, searched=searched))
        return turns, gr.skip(), self._conversation(turns, sure)

    def only(self, event: gr.EventData) -> Any:
        """The speaker that is asked for alone from now on, and the chip that says so."""
        asked = detail(event)
        speaker = shown(str(asked.get("speaker", ""))).strip()[:_LONGEST_NAME]
        return speaker, render.chip(speaker)

    def answer(self, turns: Turns, sure: object, current: str = "") -> Iterator[Any]:
        """The last turn's answer as it comes about, then its first citation's source.

        When it is done it is kept, in the conversation ``current`` or in a new one.
        """
        if not turns or turns[-1].answer or turns[-1].error:  # nothing new was begun
            yield (gr.skip(),) * 5
            return
        *before, last = turns
        history = [turn.answer for turn in before if turn.answer and not turn.error]
        beat = time.monotonic()
        snapshots = self._assistant.stream(
            last.question, history, speaker=last.speaker, searched=last.searched or None
        )
        try:
            with closing(snapshots):  # "stop" closes this generator, which stops the model
                for answer in snapshots:
                    if answer is last.answer:  # a model is at it; here it can be given up
                        if time.monotonic() - beat > _BEAT:
                            beat = time.monotonic()
                            yield (gr.skip(),) * 5
                        continue
                    last = replace(last, answer=answer)
                    if answer.stage != "done":
                        turns = (*before, last)
                        yield turns, self._conversation(turns, sure), gr.skip(), current, gr.skip()
        except Exception as error:
            turns = (*before, replace(last, answer=None, error=_told(error)))
            yield turns, self._conversation(turns, sure), gr.skip(), current, gr.skip()
            return
        yield self._done(before, last, answer, sure, current)

    def _done(
        self, before: Sequence[Turn], last: Turn, answer: Answer, sure: object, current: str
    ) -> Any:
        """An answer that is finished: it is kept, and its first source shown."""
        last, current, listed = self._keep(replace(last, answer=answer), current)
        turns = (*before, last)
        first = next(iter(answer.citations), None)
        panel = self._cited(len(before), first, turns) if first else source.nothing()
        return turns, self._conversation(turns, sure), panel, current, listed

    def _keep(self, turn: Turn, current: str) -> tuple[Turn, str, Any]:
        """The turn, the id of its conversation, and the list with it; what cannot be kept is
        answered all the same, and says so."""
        try:
            try:
                current = self.kept.keep(turn, current)
            except ConversationNotFound:  # deleted in another window
                current = self.kept.keep(turn, "")
            return turn, current, self.kept.listed(current)
        except Exception as error:
            return replace(turn, unkept=_told(error)), current, gr.skip()

    def stop(self, turns: Turns, sure: object, current: str = "") -> Any:
        """What there is when the user does not want to wait: the answer so far."""
        if not turns or not turns[-1].is_open:
            return (gr.skip(),) * 5
        *before, last = turns
        if last.answer is None or last.answer.stage != "writing":
            turns = stopped(turns)
            return turns, self._conversation(turns, sure), gr.skip(), current, gr.skip()
        answer = replace(last.answer, stage="done", note=STOPPED)
        return self._done(before, last, answer, sure, current)

    def decide(self, turns: Turns, sure: object) -> Any:
        """The outcome of every turn again, for how sure Sayso must be now to answer."""
        return self._conversation(turns, sure) if turns else gr.skip()

    def judge(self, turns: Turns, sure: object, event: gr.EventData) -> Any:
        """What the user says of an answer goes into the folder's evaluation set."""
        asked = detail(event)
        try:
            number, right = int(asked["turn"]), asked["right"] == 1
            turn = turns[number] if 0 <= number < len(turns) else None
        except (KeyError, ValueError, TypeError):
            return gr.skip(), gr.skip()
        if turn is None or turn.judged or turn.is_open or turn.answer is None:
            return gr.skip(), gr.skip()
        correction = shown(str(asked.get("correction", "")))[:_LONGEST_CORRECTION]
        before = [other.question for other in turns[:number] if not other.error]
        try:
            answer = decided(turn.answer, self._least(sure))
            remember(self._assistant.store_folder, answer, before, right, correction)
            told = "Noted, thank you."
        except Exception as error:
            told = f"This could not be noted: {_told(error)}"
        turn = replace(turn, judged=told)
        turns = (*turns[:number], turn, *turns[number + 1 :])
        return turns, self._conversation(turns, sure)

    def clear(self) -> Any:
        return (), self._welcome(), source.nothing(), "", self.kept.listed(""), "", ""

    def suggest(self) -> None:
        """Make examples from the documents there are, once for each set of them.

        On its own, as it takes a moment: ``welcome`` must not come too late, when a
        question has been asked meanwhile.
        """
        try:
            if self._assistant.settings.language == "en":
                with self._lock:
                    now = tuple(entry.id for entry in self._assistant.documents())
                    if self._examples[0] != now:
                        self._examples = now, examples(self._assistant)
        except Exception as error:
            _told(error)

    def welcome(self, turns: Turns) -> Any:
        """What to begin with, made again when the documents have changed."""
        return gr.skip() if turns else self._welcome()

    def _conversation(self, turns: Turns, sure: object) -> str:
        least = self._least(sure)
        return render.conversation(
            [replace(t, answer=decided(t.answer, least)) if t.answer else t for t in turns], (), 0
        )

    def _whole(self, turns: Turns, sure: object) -> tuple[str, str]:
        """A conversation that is opened again, and the first source of its last answer."""
        answer = turns[-1].answer if turns else None
        first = next(iter(answer.citations), None) if answer else None
        panel = self._cited(len(turns) - 1, first, turns) if first else source.nothing()
        return self._conversation(turns, sure), panel

    def _least(self, sure: object) -> float:
        """``sure`` as a probability; until it is changed, exactly what is set."""
        if isinstance(sure, (int, float)) and 0 <= sure <= 100 and sure != self.sure:
            return sure / 100
        return self._assistant.thresholds.answered

    def _welcome(self) -> str:
        try:
            now = tuple(entry.id for entry in self._assistant.documents())
            made_for, suggested = self._examples
            return render.conversation((), suggested if made_for == now else (), len(now))
        except Exception as error:
            return render.notice(_told(error), bad=True)

    # -- sources ---------------------------------------------------------------------

    def show(self, turns: Turns, event: gr.EventData) -> Any:
        """A citation's or a document's source; ``start`` and ``end`` widen what is shown."""
        asked = detail(event)
        try:
            window = None
            if "start" in asked:
                window = source.Window(max(0, int(asked["start"])), max(0, int(asked["end"])))
            if "document" in asked:
                document = self._assistant.document(str(asked["document"]))
                statements = self._assistant.statements(document.id)
                said = None
                if "from" in asked:
                    said = max(0, int(asked["from"])), min(len(document.text), int(asked["to"]))
                    said = said if said[0] < said[1] else None
                return source.source(document, window=window, statements=statements, said=said)
            turn, marker = int(asked["turn"]), int(asked["marker"])
            answer = turns[turn].answer if 0 <= turn < len(turns) else None
            for citation in answer.citations if answer else ():
                if citation.marker == marker:
                    return self._cited(turn, citation, turns, window)
        except (KeyError, ValueError, TypeError):
            pass
        except Exception as error:
            return render.notice(_told(error), bad=True)
        return source.missing()

    def _cited(
        self, turn: int, citation: Citation, turns: Turns, window: source.Window | None = None
    ) -> str:
        answer = turns[turn].answer
        short = _short(answer, citation) if answer else []
        try:
            document = self._assistant.document(citation.document_id)
        except KeyError:
            return self._as_it_was(turn, citation, turns, window, short)
        statements = self._assistant.statements(document.id)
        others = _others(answer, citation)
        return source.source(document, others, citation, turn, window, short, statements)

    def _as_it_was(
        self,
        turn: int,
        citation: Citation,
        turns: Turns,
        window: source.Window | None,
        short: Sequence[tuple[int, int]],
    ) -> str:
        """A document that has changed or gone, out of what is kept of it."""
        try:
            document = self._assistant.conversations.source(citation)
        except (KeyError, SaysoError):
            return source.gone(citation, turn, short)
        there = any(citation.path in entry.paths for entry in self._assistant.documents())
        since = "This document has changed since." if there else "This document is gone by now."
        others = _others(turns[turn].answer, citation)
        return source.source(document, others, citation, turn, window, short, (), None, since=since)

    # -- evaluating ------------------------------------------------------------------

    def evaluate(self, file: str | None) -> Iterator[Any]:
        """Ask a set of questions, as ``python -m eval run`` does, and show its report."""
        if not file:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        yield None, render.notice("Reading the questions …"), ""
        try:
            yield from self._evaluated(Path(file))
        finally:
            Path(file).unlink(missing_ok=True)  # the browser's copy

    def evaluate_feedback(self) -> Iterator[Any]:
        """The same for what was said of answers."""
        file = self._assistant.store_folder / FEEDBACK
        if file.exists():
            yield from self._evaluated(file)
        else:
            yield gr.skip(), render.notice("Nothing has been said of answers yet."), ""

    def _evaluated(self, file: Path) -> Iterator[Any]:
        """How far it is, then the report. The questions are asked in a thread, which goes on
        to the end when nobody looks any more."""
        done: list[tuple[int, int]] = [(0, 0)]

        def asked() -> str:
            if not self._evaluating.acquire(blocking=False):
                raise SaysoError("Another evaluation is running. Wait until it has finished.")
            try:
                return report()
            finally:
                self._evaluating.release()

        folder = self._assistant.store_folder / "evaluation"

        def report() -> str:
            chosen = read_set(str(file), file.parent)
            if chosen.documents is not None:
                raise SaysoError(
                    f"{file.name} brings documents of its own. Ask it from the shell: "
                    "sayso eval run."
                )
            run_over(
                self._assistant, chosen, folder, sample=MOST_ASKED, show=lambda *n: done.append(n)
            )
            return (folder / "report.html").read_text("utf-8")

        try:
            with ThreadPoolExecutor(1) as pool:
                future = pool.submit(asked)
                while not wait([future], timeout=0.5).done:
                    number, of = done[-1]
                    told = f"{number} of {count(of, 'question')} asked …" if of else "Beginning …"
                    yield gr.skip(), render.notice(told), gr.skip()
                page = future.result()
            told = f"{count(done[-1][0], 'question')} asked. The report is in {folder}."
            yield gr.skip(), render.notice(told), render.report(page)
        except Exception as error:
            yield gr.skip(), render.notice(_told(error), bad=True), ""

    # -- documents -------------------------------------------------------------------

    def shelf(self) -> str:
        try:
            return render.documents(
                self._assistant.documents(),
                self._assistant.last_sync.skipped,
                str(self._assistant.settings.documents),
            )
        except Exception as error:
            return render.notice(_told(error), bad=True)

    def add(self, files: list[str] | None) -> Iterator[Any]:
        """Take files in; what became of them is told in the same words as by the index."""
        paths = [Path(file) for file in files or ()]
        if not paths:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        yield None, render.notice(f"Reading {count(len(paths), 'file')} …"), gr.skip()
        try:
            report = self._assistant.add(paths)
            names = {file.path for file in report.refused}
            added = [path.name for path in paths if path.name not in names]
            message = f"Added {', '.join(added)}." if added else ""
            told = render.notice(message) + render.notice("", report.refused)
        except Exception as error:
            told = render.notice(_told(error), bad=True)
        finally:
            for path in paths:
                path.unlink(missing_ok=True)  # the browser's copy; the index has its own
        yield gr.skip(), told, self.shelf()

    def remove(self, event: gr.EventData) -> Any:
        path = str(event._data.get("dropped", ""))
        try:
            self._assistant.remove(path)
            told = render.notice(f"Removed {place(path)}.")
        except Exception as error:
            told = render.notice(_told(error), bad=True)
        return told, self.shelf()


def _others(answer: Answer | None, citation: Citation) -> list[Citation]:
    """The answer's other citations of the same document."""
    return [
        other
        for other in (answer.citations if answer else ())
        if other.document_id == citation.document_id and other.marker != citation.marker
    ]


def _short(answer: Answer, citation: Citation) -> list[tuple[int, int]]:
    """The short answers inside a citation's quote; none where it has words of its own."""
    return [
        span
        for claim in answer.claims
        if citation in claim.citations and citation.quote == claim.text and claim.answer_span
        for span in (claim.answer_span, *claim.more_spans)
    ]


def _told(error: Exception) -> str:
    """What a person is told of an error."""
    if isinstance(error, SaysoError):
        return str(error)
    LOG.error("unforeseen error", exc_info=error)
    return UNFORESEEN
