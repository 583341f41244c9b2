"""The review desk of the demo: something that nobody has answered in time, something with a thread, something approved once."""

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.ops.demo.past import DAY, HOUR, ago
from varco.registry import desk, services
from varco.registry.models import Application, Revision


def talk(application: Application, developer: User, operator: User) -> None:
    """Taken by an operator, who has asked something and has an answer."""
    revision = _waiting(application)
    if revision is None or desk.thread(application).exists():
        return
    with ago(26 * HOUR):
        services.assign(revision, Origin(operator), to=operator)
        services.note(revision, Origin(operator), text="The first application of theirs that runs on telephones.")
        question = "Who answers a patient whose prescription the doctor refuses: the application, or the clinic?"
        services.send_question(revision, Origin(operator), text=question)
    with ago(22 * HOUR):
        services.send_answer(
            application, Origin(developer), text="The clinic. The application only says that it was refused."
        )


def forget(application: Application, operator: User) -> None:
    """Taken long ago by somebody who has not come back to it."""
    revision = _waiting(application)
    if revision is not None:
        with ago(8 * DAY):
            services.assign(revision, Origin(operator), to=operator)


def approve_once(application: Application, operator: User) -> None:
    """The first of two approvals."""
    revision = _waiting(application)
    review = desk.review_of(revision) if revision else None
    if revision is not None and review is not None and review.first_approver is None:
        with ago(4 * HOUR):
            services.approve(revision, Origin(operator), text="Fine with me.")


def _waiting(application: Application) -> Revision | None:
    revision = desk.reviewed(application)
    return revision if revision and revision.state == Revision.State.SUBMITTED else None
