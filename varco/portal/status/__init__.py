"""The public status page: how the parts of the service stand, and how they stood in the last 90 days."""
