"""The documentation, below `/docs`: its pages in the look of the portal, a search, a page for each error code, samples with the reader's own values."""
