"""People's own tickets: what they asked the vendor, and the tickets of the clinic that they manage.

`views` lists them, opens one of a kind, shows one with its thread, answers, closes, and asks a manager whether somebody who lost a second
factor is who they say. A ticket of somebody else does not exist here (404), whatever its number.

Words: *support* is the vendor's people at the desk; a *kind* is what a ticket asks for (`varco.tickets.kinds`).
"""
