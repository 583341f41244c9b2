"""The HTML face of Varco: sign-in, consent, developer, clinic and staff pages."""
