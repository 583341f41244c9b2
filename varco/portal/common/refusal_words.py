"""What a developer does about a refused request, by its code; what each code means stands in docs/errors.md."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADVICE: Mapping[str, Promise] = {
    "invalid_request": _("Compare what was received with what was expected, and correct the request."),
    "invalid_client": _("Check client_id and secret, whether the secret has expired, and that the application authenticates by the registered method."),
    "invalid_grant": _("Start a new sign-in. If it happens again, see that each code and refresh token is used once, by one process, with the redirect URI and verifier of its request."),
    "invalid_scope": _("Ask only for what is in force. If you need more, ask for a change of the registration."),
    "invalid_target": _("Leave the parameter resource out, or send the address of this API."),
    "unauthorized_client": _("Ask for the grant type by a change of the registration; if the application is suspended, its page says why."),
    "unsupported_grant_type": _("Use the authorization code or the device code: every token here belongs to a person."),
    "unsupported_response_type": _("Ask for response_type=code."),
    "authorization_pending": _("Nothing: the person has not answered yet. Ask again after the interval."),
    "slow_down": _("Wait five seconds longer between two questions from now on."),
    "expired_token": _("Ask for a new device code and show it."),
    "access_denied": _("Nothing, if the person refused. If their centre has blocked the application, its manager can lift that."),
    "login_required": _("Send the person through the same request without prompt=none."),
    "consent_required": _("Send the person through the same request without prompt=none."),
    "unmet_authentication_requirements": _("Tell the person to sign in with a second factor, or do not ask for that acr as essential."),
    "request_not_supported": _("Send the parameters themselves, or push them first (PAR)."),
    "request_uri_not_supported": _("Send the parameters themselves, or push them first (PAR)."),
    "registration_not_supported": _("Register the application here; nothing can register itself."),
    "invalid_request_uri": _("Push the request again, and use its address once, within its lifetime."),
    "invalid_dpop_proof": _("Make a new proof for each request, with its own method, address, time and key."),
    "use_dpop_nonce": _("Repeat the request with the nonce of the answer's DPoP-Nonce in the proof. Libraries do this by themselves."),
    "token_required": _("Send the access token in the header Authorization."),
    "invalid_token": _("Refresh the token, and repeat the request. If that is refused too, start a new sign-in."),
    "insufficient_scope": _("Ask the person for the scope in a new sign-in; if it is not in force, ask for a change of the registration first."),
    "forbidden": _("See in layer what refused: a permission the person lacks is given by their centre's manager, a scope by a change of the registration, a block is lifted by the centre."),
    "rate_limit_exceeded": _("Wait for the seconds of Retry-After. Spread requests, and keep what does not change."),
    "invalid_fields": _("Correct the fields that the answer names."),
    "idempotency_key_reused": _("Use a new Idempotency-Key for each different body."),
    "version_conflict": _("Read the object again, and repeat the change on what it is now."),
    "already_exists": _("Look for the object that is there, and use it."),
    "possible_duplicate": _("Show the candidates to whoever adds the patient, or send allowDuplicate."),
    "merged": _("Go on with the patient of mergedInto."),
    "wrong_state": _("Read the object again: in the state that it is in now, this cannot be done."),
    "slot_taken": _("Ask for what is free, and offer another slot."),
    "patient_clash": _("Offer another time, or send allowClash where the person may overbook."),
    "not_bookable": _("Offer a time that availabilities tell; rule says what stands against this one."),
    "not_allowed_now": _("See in rule why the appointment cannot become that now."),
    "precondition_required": _("Send If-Match with the ETag of the version that was read."),
    "unsupported_media_type": _("Send the body as application/json."),
    "not_found": _("Check the address and its ids: of another centre nothing is found."),
    "method_not_allowed": _("Use one of the methods of the header Allow."),
    "request_too_large": _("Send less at once."),
    "request_timeout": _("Repeat the request; if it happens again, look at the network between."),
    "server_error": _("Repeat the request later. If it stays so, open a ticket with the request id."),
    "read_timeout": _("Ask for less, such as more letters of a name, or try again after Retry-After."),
    "temporarily_unavailable": _("Try again after the seconds of Retry-After."),
    "not_possible": _("Read the application again: reason says what its state forbids."),
    "precondition_failed": _("Read the application again, and repeat the change with its new ETag."),
    "insufficient_user_authentication": _("Send the person to sign in again, with the acr_values and max_age of the answer."),
    "stream_exists": _("Change the stream of signals that is there, or delete it first."),
    "signal_undelivered": _("See that the address of the stream answers from the internet, with 202, in time."),
    "logout_undelivered": _("See that the back-channel logout URI answers from the internet, with 200 or 204, in time."),
    "rolled_back": _("Nothing: the token was accepted. Go on with the one of the answer."),
    "trace_incomplete": _("Find out why so many requests are refused: a loop without a pause, most likely."),
}  # fmt: skip
"""One sentence each. A test looks for every code of docs/errors.md."""


def advice(codes: Iterable[str]) -> list[tuple[str, Promise]]:
    """What to do about each of some codes, each once, in their order; without those of nobody's list."""
    return [(code, ADVICE[code]) for code in dict.fromkeys(codes) if code in ADVICE]
