"""Everything that writes at the desk. ``move`` is the one way from stage to stage."""

from enishi.desk.services.flow import move, needs_reason, possible_moves, withdraw
from enishi.desk.services.intake import (
    ask_for_proof,
    discard_draft,
    receive,
    receive_verified,
    save_draft,
    start_draft,
    submit,
)
from enishi.desk.services.letters import tell_desk, tell_proposer
from enishi.desk.services.times import record_time

__all__ = [
    "ask_for_proof",
    "discard_draft",
    "move",
    "needs_reason",
    "possible_moves",
    "receive",
    "receive_verified",
    "record_time",
    "save_draft",
    "start_draft",
    "submit",
    "tell_desk",
    "tell_proposer",
    "withdraw",
]
