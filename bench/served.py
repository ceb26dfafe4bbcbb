"""A measurement in a process of its own that answers like the served application."""

import gc


def as_served() -> None:
    """What the served application does once it is loaded (``config.wsgi``): the collector leaves alone what stays."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
