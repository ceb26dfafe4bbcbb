class TooManyTokensError(Exception):
    """A person keeps at most a few keys: forgotten ones are open doors."""
