"""What patients, or who speaks for them, have agreed to."""
