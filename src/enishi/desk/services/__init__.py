"""Everything that writes at the desk. ``move`` is the one way from stage to stage."""

from enishi.desk.services.assigning import assign, set_start
from enishi.desk.services.consultations import (
    answer,
    answer_by_link,
    cancel,
    consult,
    remind,
    transfer,
    transfer_by_link,
)
from enishi.desk.services.files import attach, remove_file
from enishi.desk.services.flow import move, needs_reason, possible_moves, withdraw
from enishi.desk.services.intake import (
    ask_for_proof,
    discard_draft,
    leave_call,
    receive,
    receive_verified,
    save_draft,
    start_draft,
    submit,
)
from enishi.desk.services.letters import tell_desk, tell_proposer
from enishi.desk.services.messages import reply, write_to_desk
from enishi.desk.services.times import record_time

__all__ = [
    "answer",
    "answer_by_link",
    "ask_for_proof",
    "assign",
    "attach",
    "cancel",
    "consult",
    "discard_draft",
    "leave_call",
    "move",
    "needs_reason",
    "possible_moves",
    "receive",
    "receive_verified",
    "record_time",
    "remind",
    "remove_file",
    "reply",
    "save_draft",
    "set_start",
    "start_draft",
    "submit",
    "tell_desk",
    "tell_proposer",
    "transfer",
    "transfer_by_link",
    "withdraw",
    "write_to_desk",
]
