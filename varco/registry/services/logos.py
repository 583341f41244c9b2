"""Acts on the logo of an application: it changes at once, without a review, as name and contacts do."""

import hashlib

from django.db import transaction

from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.logo import drawn_anew
from varco.registry.models import Application, Logo
from varco.registry.notifications import ApplicationLogoChanged
from varco.registry.services.limits import check_often
from varco.registry.services.locking import Locked, lock
from varco.registry.services.telling import tell_operators


def set_logo(application: Application, content: bytes, origin: Origin) -> Application:
    """Draw an image anew and show it from now on. Operators are told where the application is in force. Raises `Invalid` and `Conflict`."""
    check_often(Tag.APPLICATION_LOGO_CHANGED, origin)
    png = drawn_anew(content)  # before anything is locked
    with transaction.atomic():
        locked = lock(application, origin, side=Role.DEVELOPER)
        locked.move(ApplicationAct.EDIT)
        digest = hashlib.sha256(png).hexdigest()
        if locked.application.logo != digest:
            Logo.objects.update_or_create(application=locked.application, defaults={"digest": digest, "png": png})
            _changed(locked, digest, origin)
    return locked.application


@transaction.atomic
def remove_logo(application: Application, origin: Origin) -> Application:
    """Show the first letters of the name again."""
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.EDIT)
    if locked.application.logo:
        Logo.objects.filter(application=locked.application).delete()
        _changed(locked, "", origin)
    return locked.application


def _changed(locked: Locked, digest: str, origin: Origin) -> None:
    before, locked.application.logo = locked.application.logo, digest
    locked.save("logo", gate=False)
    record(Tag.APPLICATION_LOGO_CHANGED, origin, application=locked.application, before=before, after=digest)
    if locked.application.client_id and digest:
        tell_operators(locked.application, ApplicationLogoChanged(locked.application, locked.actor), "logo_told_at")
