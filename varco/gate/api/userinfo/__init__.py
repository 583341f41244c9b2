"""Who is behind a token, and for which medical centre: `GET /v2/userinfo`."""
