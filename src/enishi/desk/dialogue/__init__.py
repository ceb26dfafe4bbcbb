"""What proposer and desk settle with each other: meetings, minutes, homework; and notes for the office alone."""
