"""Web pages: their text by trafilatura, or all that is visible; what they state of themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from rag.errors import DocumentError
from rag.format_text import decode
from rag.raw import Raw, day_of, quiet, real_title, refuse_other_kinds, stated_only

HIDDEN = frozenset(
    {"head", "script", "style", "template", "noscript", "svg", "iframe", "title"}
    | {"del", "s", "strike"}  # taken back
)
FURNITURE = frozenset({"nav", "header", "footer", "aside", "form", "button", "dialog"})
BLOCKS = frozenset(
    """address article aside blockquote body caption center details dialog div dl fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend main nav ol p pre section
    summary table tbody tfoot thead ul""".split()
)
LINES = frozenset({"br", "dd", "dt", "li", "option", "tr"})
_SUPERSCRIPT = re.compile(r"[−–+-]?\d{1,3}")
_POWERS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?:^|[;\s])(?:font-size|opacity|max-height)\s*:\s*0?\.?0{1,3}(?:[a-z]{1,4}|%)?\s?(?:[;!]|$)",
    re.IGNORECASE,
)
"""A style with which an element takes no place or no colour."""
APART = frozenset({"button", "label", "option", "select"})
"""Stand beside each other without a blank."""
_FURNITURE = re.compile(
    r"(?!(?:has|no|with|is|hide)[_-])(?:[^\W_]+[_-]+)*"
    r"(?:(?:cookie|consent)s?[_-]?(?:banner|consent|notice|bar|manager)|breadcrumbs?"
    r"|shar(?:e|ing)[_-](?:bar|buttons?|links?|tools?|icons?)|social|newsletter|most[_-]?(?:read|popular)"
    r"|related[_-](?:links?|stories|articles|content|news|posts)|comments|advert(?:isement)?|noprint"
    r"|mw-editsection|printfooter|catlinks|mw-jump-link|mw-navigation|skip-link|visually-hidden|sr-only)"
    r"(?:[_-]+(?!open|closed|enabled|on\b|off\b)[^\W_]+)*",
    re.IGNORECASE,
)
"""A class or id of what is around a text, and no part of it."""
_LONGEST_NAME = 60
SMALL_PAGE = 1000
"""Of a page of fewer characters all is taken that it shows: none of it can be spared."""
LARGE_PAGE = 1_000_000
"""Of a page of more, too: it is a book, and trafilatura would take many seconds over it."""
LARGE_TREE = 10_000
"""The same of elements: trafilatura's time grows with the square of the paragraphs."""
DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "dc.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "publish-date",
    "date",
)


def read_html(data: bytes) -> Raw:
    """A web page: its main text, or all that it shows where that would lose much."""
    refuse_other_kinds(data, "an HTML page", allowed="an HTML page")
    from lxml import html

    head = data[:4096]
    label = re.search(
        rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", head, re.IGNORECASE
    ) or (re.match(rb"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""", head))
    page = decode(data, label[1].decode("ascii") if label else None)
    # huge_tree, as libxml2 else drops what is deeply nested, and says nothing
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(page.encode("utf-8"), parser=parser)
    except Exception as error:  # for an empty page lxml raises any of several
        raise DocumentError("The page holds no text: save it again from the browser.") from error
    if parser.error_log.filter_from_fatals():  # then the parser stopped, and kept quiet
        raise DocumentError("The page is nested too deeply to be read: save it as plain text.")
    stated = _page_facts(root)
    _drop_unseen(root)
    _tabulate(root)
    title = stated.get("og:title") or stated.get("headline") or root.findtext(".//title")
    headings = {" ".join(node.text_content().split()) for node in root.iter("h1")} - {""}
    if len(headings) == 1 and (bare := headings.pop()) in " ".join((title or "").split()):
        title = bare  # without the name of the site
    days = (day_of(stated.get(name)) for name in DATE_NAMES)
    return Raw(
        _page_text(root).replace("\xad", ""),  # by a soft hyphen no word is found
        title=real_title(title),
        published=next(filter(None, days), None) or _time_element(root),
        metadata=stated_only(author=stated.get("author")),
    )


def _drop_unseen(root: Any) -> None:
    """Remove what the page itself keeps from the eye, or sets around its text, and the marks of
    notes: they are no part of what it says.

    Not what most of the page is in, which then is shown by a script.
    """
    most = _letters(root.text_content()) / 2
    for node in list(root.iter()):
        names = f"{node.get('class') or ''} {node.get('id') or ''}".split()
        around = node.get("role") == "navigation" or any(
            _FURNITURE.fullmatch(name) for name in names if len(name) < _LONGEST_NAME
        )
        noted = node.tag == "sup" and node.find(".//a[@href]") is not None
        styled = _UNSEEN.search(node.get("style") or "") or around or noted
        hidden = node.get("hidden", "until-found").strip().lower() != "until-found"
        if (styled or hidden) and _letters(node.text_content()) < most:
            node.drop_tree()  # the text behind it stays
        elif node.tag == "sup" and _SUPERSCRIPT.fullmatch(node.text_content()):
            node.text = node.text_content().translate(_POWERS)  # 10⁶ is not 106
            del node[:]
        elif node.tag == "q":
            node.text = f"“{node.text or ''}"
            node.tail = f"”{node.tail or ''}"


def _tabulate(root: Any) -> None:
    """Make a table of each list of terms: alone in its line, "Good" does not say what is."""
    for terms in list(root.iter("dl")):
        rows: list[list[Any]] = []
        for node in terms.iter("dt", "dd"):
            if node.tag == "dt" or not rows:
                rows.append([])
            rows[-1].append(node)
        table = terms.makeelement("table")
        for row in rows:
            line = table.makeelement("tr")
            for cell in row:
                cell.tag, cell.tail = "td", None
                line.append(cell)
            table.append(line)
        table.tail = terms.tail
        terms.getparent().replace(terms, table)


def _page_text(root: Any) -> str:
    body = root.find("body")
    body = root if body is None else body
    everything = _visible_text(body, HIDDEN)
    shown = everything
    if body.find(".//nav") is not None:
        without_menus = _visible_text(body, HIDDEN | {"nav"})
        if _letters(without_menus) > _letters(everything) / 2:
            shown = without_menus
    large = sum(1 for _ in islice(body.iter(), LARGE_TREE + 1)) > LARGE_TREE
    if large or not SMALL_PAGE <= len(everything) <= LARGE_PAGE:
        return shown
    import trafilatura

    try:
        with quiet("trafilatura"):
            main = trafilatura.extract(
                root, favor_recall=True, include_comments=False, include_tables=True
            )
    except Exception:  # a bug there must not cost the page: what it shows is text
        return shown
    # What trafilatura leaves out is menus and the like, or a page that it misunderstood.
    # Hardly anything left out is not worth the risk; most of the content is the latter.
    kept = _letters(main or "")
    content = _letters(_visible_text(body, HIDDEN | FURNITURE))
    is_main = kept > content / 2 and kept < 0.9 * _letters(everything)
    return main if main and is_main else shown


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _visible_text(body: Any, skipped: frozenset[str]) -> str:
    """All text below ``body``: a blank line between blocks, " | " between a row's cells, and
    a mark before an item of a list."""
    from lxml import etree

    pieces: list[str] = []
    preformatted = cells = 0
    numbers: dict[Any, int] = {}
    walk = etree.iterwalk(body, events=("start", "end"))  # recursion would end in deep pages
    for event, node in walk:
        starts = event == "start"
        if node.tag in ("td", "th"):
            cells += 1 if starts else -1
        if cells and node.tag in BLOCKS | LINES:
            pieces.append(" ")
        elif node.tag in BLOCKS:
            pieces.append("\n\n")
        elif node.tag in APART:
            pieces.append(" ")
        elif starts and node.tag in LINES:
            pieces.append("\n")
            if node.tag == "li":
                parent = node.getparent()
                numbers[parent] = numbers.get(parent, 0) + 1
                pieces.append(f"{numbers[parent]}. " if parent.tag == "ol" else "- ")
        if node.tag == "pre":
            preformatted += 1 if starts else -1
        if starts and node.tag in skipped:
            walk.skip_subtree()
            continue
        if starts and node.tag in ("td", "th") and node.getprevious() is not None:
            pieces.append(" | ")
        text = node.text if starts else node.tail if node is not body else None
        if text:
            pieces.append(text if preformatted else re.sub(r"\s+", " ", text))
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return re.sub(r"^(-|\d+\.)\n+(?=\S)", r"\1 ", text, flags=re.MULTILINE)


def _page_facts(root: Any) -> dict[str, str]:
    """What the page's ``meta`` elements and JSON-LD state, by name in lower case."""
    stated: dict[str, str] = {}

    def note(name: object, value: object) -> None:
        if isinstance(name, str) and isinstance(value, str) and value.strip():
            stated.setdefault(name.strip().lower(), value)

    for meta in root.iter("meta"):
        for key in ("property", "name", "itemprop"):
            note(meta.get(key), meta.get("content"))
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):  # not JSON after all
            continue
        for item in _objects(found):
            note("headline", item.get("headline"))
            note("datePublished", item.get("datePublished"))
            for author in _objects(item.get("author")):
                note("author", author.get("name"))
    return stated


def _objects(found: object) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD that are about the page: those at the top, or in a graph."""
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            parts = graph if isinstance(graph, list) else []
            yield from (part for part in parts if isinstance(part, dict))


def _time_element(root: Any) -> date | None:
    """The day that the page marks as its own, or the only one that it mentions."""
    days = []
    for node in root.iter("time"):
        day = day_of(node.get("datetime"))
        if day and (node.get("pubdate") is not None or node.get("itemprop") == "datePublished"):
            return day
        if day and not any(
            outer.tag in ("nav", "aside", "footer") for outer in node.iterancestors()
        ):
            days.append(day)
    return days[0] if len(set(days)) == 1 else None
