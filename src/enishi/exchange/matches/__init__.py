"""Matches (縁): which resource fits which challenge, why, and what came of talking."""
