"""Networks of clients: what counts as one place when requests are counted by their address."""

import ipaddress


def plain(ip: str) -> str:
    """An address as one of IPv4 where it is one that came in through a socket of IPv6 (RFC 4291 §2.5.5.2)."""
    if not ip.startswith("::ffff:"):
        return ip
    try:
        mapped = ipaddress.IPv6Address(ip).ipv4_mapped
    except ValueError:
        return ip
    return str(mapped) if mapped else ip


def client_network(ip: str) -> str:
    """The address that requests of one place are counted by: of IPv6 the /64, which is one place (RFC 4291 §2.5.4)."""
    ip = plain(ip)
    if ":" not in ip:
        return ip
    try:
        return str(ipaddress.IPv6Network((ip, 64), strict=False).network_address)
    except ValueError:
        return ip


def place(ip: str) -> str:
    """The network of an address as people read it, `192.0.2.0/24` or `2001:db8::/64`; empty for what is no address."""
    ip = plain(ip)
    try:
        return str(ipaddress.ip_network((ip, 64 if ":" in ip else 24), strict=False))
    except ValueError:
        return ""


def neighbourhood(ip: str) -> str:
    """The addresses that somebody who moves among them has at hand: of IPv4 the /24, of IPv6 the /64."""
    network = client_network(ip)
    if ":" in network:
        return network
    try:
        return str(ipaddress.IPv4Network((network, 24), strict=False).network_address)
    except ValueError:
        return network
