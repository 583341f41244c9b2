"""Who is told of an application's secrets: its developers, and the addresses that it names as contacts."""

from varco.accounts.models import User
from varco.mail.notifications import Contact
from varco.registry import access
from varco.registry.lifecycle import Role
from varco.registry.models import Application


def developers_and_contacts(application: Application) -> list[User | Contact]:
    """Everybody to tell, each address once; contacts read the language of the developer, since theirs is not known."""
    developers = access.whom_to_tell(application, Role.DEVELOPER)
    told = {developer.email.casefold() for developer in developers}
    language = access.developer_of(application).language
    contacts: list[User | Contact] = []
    for address in application.contacts:
        if address.casefold() not in told:
            told.add(address.casefold())
            contacts.append(Contact(address, language))
    return [*developers, *contacts]
