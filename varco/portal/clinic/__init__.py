"""Portal pages: what a clinic's manager decides for the clinic."""
