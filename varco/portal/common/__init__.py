"""What the areas of the portal share."""
