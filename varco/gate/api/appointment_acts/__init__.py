"""What becomes of appointments: cancelled, moved, and from one state to the next."""
