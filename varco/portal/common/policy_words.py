"""Words for whether a policy decides about a registration, and why a person does (S44)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.registry.policy import Obstacle

WHY_A_PERSON: dict[Obstacle, Promise] = {
    Obstacle.SWITCHED_OFF: _("Here, a person reads every registration."),
    Obstacle.NOT_DEVELOPMENT: _(
        "A registration for production or staging can reach real medical centres. One for development is approved at once, "
        "for your own sandboxes."
    ),
    Obstacle.STOPPED: _("The application is suspended or retired."),
    Obstacle.APPROVED_BY_A_PERSON: _("What is in force was approved by a person, for medical centres too."),
    Obstacle.SENT_BACK: _("A reviewer sent the last revision back, and reads the next one."),
    Obstacle.FINDINGS: _(
        "Some of what is listed under “Before you submit” is a blocker. Without it, the registration is approved at once."
    ),
}  # fmt: skip
