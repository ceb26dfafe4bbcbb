"""First reply, decision, letter of result, onward offers, and what others may learn."""
