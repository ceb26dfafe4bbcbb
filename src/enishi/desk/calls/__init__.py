"""Calls (課題提示): a challenge shown with a deadline, criteria and answers to everybody's questions."""
