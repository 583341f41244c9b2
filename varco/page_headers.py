"""The headers that confine whatever a browser is answered, by the portal or in its place."""

HSTS = "max-age=31536000"
PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


def content_security_policy(*, form_may_leave: bool = False) -> str:
    """The policy of a page. `form_may_leave`: its form may be answered by a redirect to an application.

    Then it has no `form-action`. Browsers hold every later redirect against that rule, too (CSP 3 §6.4.1), and where a
    client sends the person on to from its callback nobody knows here: a scheme of its own, an address in a clinic's
    network, [::1], for which CSP has no words at all. The browser would stop there, with the code used up.
    """
    policy = ["default-src 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"]
    return "; ".join(policy if form_may_leave else [*policy, "form-action 'self'"])


CONFINING = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": PERMISSIONS,
}
"""Of every page.

Referrer-Policy is `same-origin`, not `no-referrer`: nothing leaves this server either way, and with the latter browsers send
`Origin: null`, which the CSRF check over https rightly refuses. No Cross-Origin-Opener-Policy: single-page applications that
sign in through a popup need its opener, and no page of ours gives anything to one.
"""

UNLESS_SAID = {
    "X-Frame-Options": "DENY",  # for browsers too old for frame-ancestors (RFC 9700 §4.16)
    "Cache-Control": "no-store",
}
"""Of every page that does not say otherwise."""
