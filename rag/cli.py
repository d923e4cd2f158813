"""The ``sayso`` command.

Exit codes: 0 answered or done, 1 not answered, 2 an error (with what to do next).
Nothing heavy is imported before a command needs it, so ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from rag.assistant import Assistant
    from rag.ingest import Progress
    from rag.types import Answer, Claim, Sentence, Skipped

_EPILOG = """\
Settings come from SAYSO_* in the environment and from sayso.toml in the current folder;
README.md lists them. Exit codes: 0 answered or done, 1 not answered, 2 error.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["eval"]:  # it has a command line of its own
        from eval.__main__ import main as evaluate

        return evaluate(given[1:], "sayso eval")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may have no “ or “é”
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(given)
    return guarded(options.run, options)


def guarded(run: Any, options: argparse.Namespace) -> int:
    """``run(options)``, with Sayso's own errors as one line and exit code 2."""
    from rag.errors import SaysoError

    try:
        return int(run(options))
    except SaysoError as error:
        print(f"sayso: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sayso: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, e.g. head, has gone
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sayso",
        description="Ask your documents, and see on whose say-so each answer stands.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    ask = commands.add_parser("ask", help="answer one question")
    ask.add_argument("question", help='the question, e.g. "Who is the ambassador?"')
    _add_documents(ask)
    ask.add_argument("--speaker", default="", metavar="NAME", help="only what somebody says")
    ask.add_argument(
        "--follow",
        nargs="?",
        const="",
        metavar="ID",
        help="go on with a kept conversation, by default the last one, and keep the answer in it",
    )
    ask.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    ask.add_argument(
        "--removed",
        action="store_true",
        help="list what a language model wrote and no passage carries, each with the reason",
    )
    ask.set_defaults(run=_ask)

    speakers = commands.add_parser("speakers", help="list who says something, and how often")
    _add_documents(speakers)
    speakers.set_defaults(run=_speakers)

    conversations = commands.add_parser(
        "conversations", help="list, export or delete conversations that are kept"
    )
    conversations.add_argument(
        "what", nargs="?", choices=("list", "export", "delete"), default="list"
    )
    conversations.add_argument("id", nargs="?", metavar="ID", help="as it is listed")
    _add_documents(conversations)
    conversations.set_defaults(run=_conversations)

    index = commands.add_parser("index", help="read a folder and bring its index up to date")
    index.add_argument("documents", nargs="?", metavar="DIR", help="default: seeds, or as set")
    index.add_argument("--rebuild", action="store_true", help="make the index anew")
    index.set_defaults(run=_index)

    chat = commands.add_parser("chat", help="serve the chat in a browser")
    _add_documents(chat)
    chat.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    chat.add_argument("--port", type=int, help="port to listen on (default: 7860; 0: a free one)")
    chat.set_defaults(run=_chat)

    commands.add_parser("eval", help="run evaluation sets; see: sayso eval --help", add_help=False)
    return parser


class _Version(argparse.Action):
    """Looks the version up only when asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(nargs=0, help="print the version", **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"sayso {version('sayso')}")
        parser.exit()


def _add_documents(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", metavar="DIR", help="the folder (default: seeds, or as set)")


def _ask(options: argparse.Namespace) -> int:
    from rag.errors import SaysoError
    from rag.question import is_question

    if not is_question(options.question):
        raise SaysoError('That is no question. Ask one: sayso ask "Who is the ambassador?"')
    with _opened(options.documents) as assistant:
        _warn(assistant.last_sync.skipped)
        follow, history = options.follow, []
        if follow is not None:
            kept = assistant.conversations
            follow = follow or next((one.id for one in kept.list()), None)
            history = [turn.answer for turn in kept.get(follow)] if follow else []
        answer = assistant.ask(options.question, history, speaker=options.speaker)
        if options.follow is not None:
            follow = assistant.conversations.append(answer, follow, options.speaker)
            print(f"kept in conversation {follow}", file=sys.stderr)
    if options.json:
        print(answer.to_json(indent=2))
    elif sys.stdout.isatty():
        _show(answer, removed=options.removed)
    else:
        print(answer)
        if options.removed:
            for sentence in answer.removed:
                print(f"removed: {harmless(sentence.text)} ({harmless(sentence.reason)})")
    return 0 if answer.outcome == "answered" else 1


def _speakers(options: argparse.Namespace) -> int:
    with _opened(options.documents, writes=False) as assistant:
        _warn(assistant.last_sync.skipped)
        for name, count in assistant.speakers():
            print(f"{count:6}  {harmless(name)}")
    return 0


def _conversations(options: argparse.Namespace) -> int:
    from pathlib import Path

    from rag.conversations import NAME, Conversations
    from rag.errors import ConversationNotFound
    from rag.settings import Settings

    given = {} if options.documents is None else {"documents": Path(options.documents)}
    folder = Settings.load(**given).store_path()
    if options.what != "list" and not options.id:
        raise ConversationNotFound(
            f"Say which one: sayso conversations {options.what} ID. List them with: "
            "sayso conversations"
        )
    if not (folder / NAME).exists():
        if options.id:
            raise ConversationNotFound(f"No conversations are kept in {folder}.")
        return 0
    kept = Conversations(folder)
    try:
        if options.what == "export":
            print(kept.export(options.id), end="")
        elif options.what == "delete":
            kept.delete(options.id)
        else:
            for one in kept.list():
                when = f"{one.changed.astimezone():%Y-%m-%d %H:%M}"
                print(f"{one.id}  {when}  {one.turns:4}  {harmless(one.title)}")
    finally:
        kept.close()
    return 0


def _index(options: argparse.Namespace) -> int:
    with _opened(options.documents, writes=False, rebuild=options.rebuild) as assistant:
        report = assistant.last_sync
        _warn(report.skipped)
        print(report)
        print(f"The index is in {assistant.store_folder}")
    return 0


def _chat(options: argparse.Namespace) -> int:
    from rag.settings import Settings
    from ui.app import serve

    given = {name: getattr(options, name) for name in ("host", "port")}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    with _opened(options.documents, settings=settings) as assistant:
        _warn(assistant.last_sync.skipped)
        print(assistant.last_sync)
        serve(assistant, assistant.settings.host, assistant.settings.port)
    return 0


@contextmanager
def _opened(documents: str | None, *, writes: bool = True, **options: Any) -> Iterator[Assistant]:
    """Not ``writes``: without the language model that is set, which may take long to load."""
    from rag.assistant import Assistant
    from rag.settings import Settings

    if not writes:
        silent = {"llm_url": "", "llm_gguf": None}
        options["settings"] = Settings.load().model_copy(update=silent)
    with _progress() as progress, Assistant.open(documents, progress=progress, **options) as found:
        yield found


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A progress bar on the terminal, from the moment there is something to index."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[path]}", markup=False),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None, path="")

    def advance(done: int, total: int, path: str) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total, path=harmless(path))
        if done == total:
            bar.stop()

    try:
        yield advance
    finally:
        bar.stop()


def _warn(skipped: Sequence[Skipped]) -> None:
    for file in skipped:
        print(f"skipped {harmless(file.path)}: {harmless(file.reason)}", file=sys.stderr)


def _show(answer: Answer, *, removed: bool = False) -> None:
    """The answer on a terminal; what competes with it, or only comes nearest, stands back.

    ``removed`` lists what a language model wrote and no passage carries.
    """
    from rich.console import Console
    from rich.text import Text

    from rag.compose import ITSELF, ONE_SIDE, by, is_one_sided, quoted, stands
    from rag.question import wants_several

    prose = any(claim.written for claim in answer.claims)
    compete = answer.asked != "whether" and not prose and not wants_several(answer.searched)
    console = Console(highlight=False)
    colour = {"answered": "green", "closest": "yellow", "declined": "bright_black"}[answer.outcome]
    console.print(Text(f"{answer.outcome}, confidence {answer.confidence:.0%}", f"bold {colour}"))
    if not answer.claims:
        console.print(Text(answer.text))
    for number, claim in enumerate(answer.claims):
        markers = "".join(f"[{citation.marker}]" for citation in claim.citations)
        if claim.written is not None:
            console.print()
            _show_written(console, claim, claim.written, markers)
            continue
        alternative = compete and number > 0
        lead = f"or, {claim.probability:.0%}: " if alternative else ""
        if answer.outcome == "closest" and not alternative:
            lead = "comes nearest: "
        short = ", ".join(" ".join(harmless(said).split()) for said in claim.answers)
        style = "dim" if alternative else ""
        console.print()
        if claim.answer_span is not None or claim.names_speaker:
            bold = "" if lead else "bold"
            console.print(Text.assemble((lead, "dim"), (short, bold)), style=style)
        elif alternative:
            console.print(Text(lead, "dim"))
        if claim.speaker is not None:
            who = (
                stands(claim.speaker, claim.position)
                if answer.asked == "whether"
                else f"according to {by(claim.speaker)}"
            )
            console.print(Text(f"{harmless(who)}:", "italic"), style=style)
        elif answer.asked == "whether":
            console.print(Text(f"{ITSELF}:", "italic"), style=style)
        console.print(
            Text.assemble(f"{quoted(harmless(claim.text))} ", (markers, "bold cyan")), style=style
        )
    if is_one_sided(answer.asked, answer.claims):
        console.print(Text(ONE_SIDE, "italic"))
    if answer.claims:
        console.print()
    for citation in answer.citations:
        when = f", {citation.published.isoformat()}" if citation.published else ""
        place = f"({harmless(citation.path)}, {citation.start}-{citation.end})"
        console.print(
            Text.assemble(
                (f"[{citation.marker}] ", "bold cyan"),
                f"{harmless(citation.title)}{when} ",
                (place, "bright_black"),
            )
        )
    if prose:
        console.print(Text(f"written by {harmless(answer.written_by)}, from these words", "dim"))
    if answer.note:
        console.print(Text(harmless(answer.note), "italic"))
    if answer.removed:
        several = "s" if len(answer.removed) > 1 else ""
        more = ":" if removed else "; --removed lists what"
        told = f"{len(answer.removed)} sentence{several} removed, which no passage carries{more}"
        console.print(Text(told, "dim"))
    for sentence in answer.removed if removed else ():
        why = (f"({harmless(sentence.reason)})", "bright_black")
        console.print(Text.assemble((f"  {harmless(sentence.text)} ", "dim strike"), why))


def _show_written(console: Console, claim: Claim, sentence: Sentence, markers: str) -> None:
    """A sentence that a language model wrote, and the words that it stands on."""
    from rich.padding import Padding
    from rich.text import Text

    from rag.compose import by

    who = harmless(by(claim.speaker)) if claim.speaker else ""
    lead = f"According to {who}: " if who and not sentence.told else ""
    text = harmless(sentence.text)
    console.print(Text.assemble((lead, "italic"), (text, "bold"), " ", (markers, "bold cyan")))
    quote = f"“{harmless(claim.text)}”"
    said = Text(f"{who}: {quote}" if who else quote, "dim")
    console.print(Padding(said, (0, 0, 0, 4), expand=False))


def harmless(text: str) -> str:
    """Without the control characters that would let a document drive the terminal."""
    return "".join(
        char if char in "\n\t" or (ord(char) >= 32 and not 127 <= ord(char) < 160) else "\ufffd"
        for char in text.encode("utf-8", "replace").decode("utf-8")
    )
