"""Who speaks for patients: parents of minors, and whom a court has named."""
