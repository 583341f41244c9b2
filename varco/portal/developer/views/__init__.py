"""The developer's pages: the list, the client page, the forms, the acts."""
