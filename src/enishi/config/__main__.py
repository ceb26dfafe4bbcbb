"""``python -m enishi.config`` is ``enishi``."""

from enishi.config.cli import main

main()
