"""What lists of applications are narrowed by follows each act on a revision."""

import pytest

from tests.conftest import FrozenClock
from tests.support import people
from varco.audit.services import Origin
from varco.registry import lists, placing, services
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, ScopeRequest
from varco.registry.services import sweeping

pytestmark = pytest.mark.django_db
DETAILS = Details(
    name="Agenda Facile", description="Keeps the agenda.", publisher="Facile Srl", contacts=("dev@facile.example",)
)


def asked(environment: str, uri: str = "https://app.facile.example/callback") -> Registration:
    scopes = (ScopeRequest("openid", "To sign people in."),)
    return Registration(type="web", environment=environment, redirect_uris=(uri,), scopes=scopes)


def placed(application: Application) -> tuple[str, bool]:
    application.refresh_from_db()
    assert placing.misplaced() == []
    of_environment = lists.search(environment=application.environment).filter(pk=application.pk)
    assert of_environment.exists()
    assert lists.search(high_risk=True).filter(pk=application.pk).exists() == application.high_risk
    return application.environment, application.high_risk


def test_it_follows_from_the_first_draft_to_the_end(frozen: FrozenClock) -> None:
    davide, olga = Origin(people.davide()), Origin(people.olga())
    made = services.create_application(details=DETAILS, registration=asked("staging"), origin=davide)
    assert placed(made) == ("staging", False)
    services.save_draft(made, asked("production"), davide)
    assert placed(made) == ("production", False)
    services.approve(services.submit(made, davide), olga)
    assert placed(made) == ("production", False)
    # What is in force counts, not what is asked for beside it; its risk does, as long as it waits.
    services.save_draft(made, asked("staging", "http://localhost/callback"), davide)
    waiting = services.submit(made, davide)
    Revision.objects.filter(pk=waiting.pk).update(high_risks=2)
    placing.place(Application.objects.filter(pk=made.pk))
    assert placed(made) == ("production", True)
    services.withdraw(made, davide)
    assert placed(made) == ("production", False)


def test_the_sweep_puts_right_what_an_old_release_wrote() -> None:
    app = people.application(people.davide(), environment="staging")
    other = people.application(people.person("Bea", "Boxes"), name="Another")
    Application.objects.filter(pk=app.application.pk).update(environment="", high_risk=True)
    assert placing.misplaced() == [app.application.pk]
    sweeping.sweep()
    assert placed(app.application) == ("staging", False)
    assert placed(other.application) == ("production", False)
