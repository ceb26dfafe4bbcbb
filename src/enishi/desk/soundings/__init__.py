"""Soundings (サウンディング): hearing companies one by one, and telling what was heard without anybody's know-how."""
