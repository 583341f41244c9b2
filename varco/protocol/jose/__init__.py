"""JSON object signing: base64url, keys, the tokens this server signs and those that clients sign."""
