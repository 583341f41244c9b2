"""Networks of clients: what counts as one place when requests are counted by their address."""

import ipaddress


def client_network(ip: str) -> str:
    """The address that requests of one place are counted by: of IPv6 the /64, which is one place (RFC 4291 §2.5.4)."""
    if ":" not in ip:
        return ip
    try:
        return str(ipaddress.IPv6Network((ip, 64), strict=False).network_address)
    except ValueError:
        return ip
