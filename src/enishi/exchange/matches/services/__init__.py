"""Everything that writes what matching keeps."""

from enishi.exchange.matches.services.conflicts import end_conflict, mark_conflict
from enishi.exchange.matches.services.contacts import (
    contact,
    first_words,
    move,
    note_candidate,
    note_outcome,
    record_past_contact,
    remind_silent,
    write_note,
)
from enishi.exchange.matches.services.indexing import (
    check_index,
    embed_waiting,
    index_now,
    keep_index,
    rebuild,
    touch,
    waiting_for_meaning,
)
from enishi.exchange.matches.services.joint import answer_call, call_together
from enishi.exchange.matches.services.learning import learn, use_weights
from enishi.exchange.matches.services.reach import choose_floor
from enishi.exchange.matches.services.suggestions import (
    note_visit,
    suggest,
    suggest_all,
    suggest_changed,
    suggest_first,
    suggest_for,
)

__all__ = [
    "answer_call",
    "call_together",
    "check_index",
    "choose_floor",
    "contact",
    "embed_waiting",
    "end_conflict",
    "first_words",
    "index_now",
    "keep_index",
    "learn",
    "mark_conflict",
    "move",
    "note_candidate",
    "note_outcome",
    "note_visit",
    "rebuild",
    "record_past_contact",
    "remind_silent",
    "suggest",
    "suggest_all",
    "suggest_changed",
    "suggest_first",
    "suggest_for",
    "touch",
    "use_weights",
    "waiting_for_meaning",
    "write_note",
]
