"""Icons as lines on a 24-pixel field, drawn for Enishi; always beside a word, so hidden from screen readers."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS: dict[str, str] = {
    "check": "M4 12.5l5 5L20 6.5",
    "clock": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3.5 2",
    "pencil": "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3",
    "people": "M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M15.5 4.5a3.5 3.5 0 010 6.5M17.5 14.5c2.5.8 4 2.8 4 5.5",
    "eye": "M2 12c2.5-4.5 6-6.5 10-6.5s7.5 2 10 6.5c-2.5 4.5-6 6.5-10 6.5S4.5 16.5 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
    "pause": "M8 5v14M16 5v14",
    "stop": "M12 3a9 9 0 100 18 9 9 0 000-18zM5.7 5.7l12.6 12.6",
    "warning": "M12 4L2.5 20h19L12 4zM12 10v5M12 17.2v.6",
    "error": "M12 3a9 9 0 100 18 9 9 0 000-18zM8.5 8.5l7 7M15.5 8.5l-7 7",
    "info": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v6M12 7.2v.6",
    "dot": "M12 8a4 4 0 100 8 4 4 0 000-8z",
    "search": "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM15.5 15.5L21 21",
    "bell": "M6 17V11a6 6 0 0112 0v6l1.5 1.5h-15L6 17zM10 21h4",
    "user": "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4.5 3.5-7 8-7s8 2.5 8 7",
    "menu": "M4 6h16M4 12h16M4 18h16",
    "download": "M12 4v11M7 10.5l5 5 5-5M4 20h16",
    "upload": "M12 16V5M7 9.5l5-5 5 5M4 20h16",
    "print": "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
    "bookmark": "M6 4h12v16l-6-4.5L6 20V4z",
    "plus": "M12 5v14M5 12h14",
    "arrow-right": "M5 12h14M13 6l6 6-6 6",
    "arrow-left": "M19 12H5M11 6l-6 6 6 6",
    "external": "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
    "file": "M6 3h8l4 4v14H6V3zM14 3v4h4",
    "thread": "M3 12c3-5 6-5 9 0s6 5 9 0",
    "home": "M4 11l8-7 8 7v9h-5v-6H9v6H4v-9z",
    "list": "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
    "gift": "M4 9h16v4H4zM5.5 13v8h13v-8M12 9v12M12 9c-5 0-5-5-2.5-5S12 9 12 9s0-5 2.5-5S17 9 12 9z",
    "handshake": "M3 8l4-2 5 2 5-2 4 2v7l-3 1-6 4-6-4-3-1V8zM8 12l4-4 5 5",
    "chat": "M4 5h16v11H10l-5 4v-4H4V5z",
    "settings": "M12 9a3 3 0 100 6 3 3 0 000-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1",
    "building": "M4 21h16M6 21V4h12v17M10 8h.01M14 8h.01M10 12h.01M14 12h.01M10.5 21v-4h3v4",
}


def icon(name: str) -> SafeString:
    """The icon as inline SVG in the colour of the text around it; an unknown name gives the dot."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        mark_safe(PATHS.get(name, PATHS["dot"])),  # noqa: S308 - our own table above
    )
