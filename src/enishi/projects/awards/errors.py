from enishi.projects.errors import RefusedError


class LinkRefusedError(RefusedError):
    """A voting link that cannot be used: too old, changed, or its time is over."""
