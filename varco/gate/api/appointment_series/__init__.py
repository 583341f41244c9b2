"""Series: appointments at the same hour of several days, booked as one, all or none."""
