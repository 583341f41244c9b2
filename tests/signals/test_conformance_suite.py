"""What the OpenID Foundation's conformance suite expects of an SSF transmitter, condition by condition, under the suite's own names.

The suite itself is a server that runs elsewhere. Each test here stands for the condition (or the module) of
`net.openid.conformance.openid.ssf` that it is called by, and asks the gate as that does. Left out: subjects that are added and
removed, which are not announced, and what the CAEP Interoperability Profile asks beyond (access tokens by OAuth for the stream's own
addresses; decision 48), which `docs/conformance/openid-ssf.md` tells.
"""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from joserfc import jws
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import tokens
from tests.gate.test_signal_streams import ADDRESS, EVERY_EVENT, STATUS, STREAMS, VERIFY, call, made, pushing
from tests.support.people import Registered
from tests.support.signal_receiver import CAEP, ISSUER, POLL, PUSH, SSF, validated
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent
from varco.people import accounts
from varco.signals import services

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.one_engine,
]

Check = Callable[[dict[str, Any]], Any]


def https(address: str) -> bool:
    """As the suite asks it; the gate of these tests is on this machine, where its issuer is http."""
    return address.startswith(f"{ISSUER}/")


# --- openid-ssf-transmitter-metadata ------------------------------------------------------------------------------------

METADATA: dict[str, Check] = {
    "OIDSSFCheckTransmitterMetadataIssuer": lambda told: told["issuer"] == ISSUER,
    "OIDSSFEnsureHttpsUrlsTransmitterMetadataCheck": lambda told: all(
        https(value) for name, value in told.items() if name.endswith(("_endpoint", "_uri"))
    ),
    "OIDSSFRequiredFieldsTransmitterMetadataCheck": lambda told: {"issuer", "authorization_schemes"} <= told.keys(),
    "OIDSSFDefaultSubjectsTransmitterMetadataCheck": lambda told: told["default_subjects"] in {"ALL", "NONE"},
    "OIDSSFCheckSupportedDeliveryMethods": lambda told: set(told["delivery_methods_supported"]) == {PUSH, POLL},
    "OIDSSFAuthorizationSchemesTransmitterMetadataCheck": lambda told: all(
        scheme["spec_urn"].startswith("urn:") for scheme in told["authorization_schemes"]
    ),
    "OIDSSFEnsureNonEmptyArrayClaimsCheck": lambda told: [] not in told.values(),
    "OIDSSFSpecVersionTransmitterMetadataCheck": lambda told: float(told["spec_version"].replace("_", ".")) >= 1,
    "OIDSSFCheckRequiredFieldJwksUri": lambda told: told["jwks_uri"],
    "OIDSSFCheckRequiredFieldConfigurationEndpoint": lambda told: told["configuration_endpoint"],
    "OIDSSFCheckRequiredFieldStatusEndpoint": lambda told: told["status_endpoint"],
    "OIDSSFCheckRequiredFieldVerificationEndpoint": lambda told: told["verification_endpoint"],
}


def test_conditions_on_the_metadata(gate: TestClient) -> None:
    answer = gate.get("/.well-known/ssf-configuration")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "application/json")
    assert [name for name, holds in METADATA.items() if not holds(answer.json())] == []
    assert gate.get(answer.json()["jwks_uri"]).json()["keys"]  # FetchServerKeys, ValidateServerJWKs


# --- openid-ssf-stream-control-happy-path -------------------------------------------------------------------------------

CREATED: dict[str, Check] = {
    "OIDSSFStreamRequiredFieldsCheck": lambda stream: (
        {"stream_id", "iss", "aud", "events_delivered", "delivery"} <= stream.keys()
    ),
    "OIDSSFStreamOptionalFieldsCheck": lambda stream: (
        all(isinstance(uri, str) and uri for uri in stream["events_supported"] + stream.get("events_requested", []))
        and stream["min_verification_interval"] >= 0
        and isinstance(stream.get("description", ""), str)
    ),
    "OIDSSFCheckTransmitterMetadataIssuerMatchesIssuerInResponse": lambda stream: stream["iss"] == ISSUER,
    "OIDSSFCheckStreamDeliveryMethod": lambda stream: stream["delivery"]["method"] in {PUSH, POLL},
    "OIDSSFEnsureEventsDeliveredIsSubsetOfSupportedAndRequested": lambda stream: all(
        uri in stream["events_supported"] and uri in stream.get("events_requested", EVERY_EVENT)
        for uri in stream["events_delivered"]
    ),
    "OIDSSFEnsureAtLeastOneCaepInteropEventInStreamSupportedEvents": lambda stream: (
        f"{CAEP}session-revoked" in stream["events_supported"]
    ),
}

UNKNOWN = "https://conformance.example/event/nobody-knows"


def asked(gate: TestClient, app: Registered, method: str, path: str, status: int, **options: Any) -> Any:
    """What is answered, which has the status that the suite expects."""
    answer = call(gate, app, method, path, **options)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@pytest.mark.parametrize("delivery", [{"method": POLL}, pushing()])
def test_conditions_on_a_stream_that_was_made(gate: TestClient, app: Registered, delivery: dict[str, str]) -> None:
    wanted = {"delivery": delivery, "events_requested": [EVERY_EVENT[0], UNKNOWN], "description": "Suite"}
    stream = made(gate, app, **wanted)
    assert [name for name, holds in CREATED.items() if not holds(stream)] == []
    assert stream["aud"] == app.client_id  # OIDSSFCheckStreamAudience
    # OIDSSFEnsureUnknownRequestedEventTypeIgnored
    assert UNKNOWN not in {*stream["events_delivered"], *stream["events_supported"]}
    assert stream["delivery"]["method"] == delivery["method"]  # OIDSSFEnsureStreamDeliveryMatchesRequest
    assert asked(gate, app, "GET", f"{STREAMS}?stream_id={stream['stream_id']}", 200) == stream
    assert asked(gate, app, "GET", STREAMS, 200) == [stream]  # OIDSSFEnsureStreamListContainsStream


def test_a_stream_without_delivery_is_polled(gate: TestClient, app: Registered) -> None:
    """openid-ssf-stream-control-create-stream-without-delivery: OIDSSFEnsureStreamDeliveryDefaultsToPoll."""
    stream = made(gate, app)
    assert stream["delivery"]["method"] == POLL
    assert [name for name, holds in CREATED.items() if not holds(stream)] == []


def test_changing_and_replacing_reflect_what_the_receiver_supplied(gate: TestClient, app: Registered) -> None:
    """OIDSSFEnsureStreamConfigReflectsReceiverSuppliedProperties, of an update (PATCH) and a replacement (PUT), and read back."""
    stream = made(gate, app, events_requested=EVERY_EVENT, description="Suite", delivery=pushing())
    named = {"stream_id": stream["stream_id"]}
    read = f"{STREAMS}?stream_id={stream['stream_id']}"

    changed = asked(gate, app, "PATCH", STREAMS, 200, json=named | {"description": "Other"})
    assert changed == stream | {"description": "Other"} == asked(gate, app, "GET", read, 200)

    sent = named | {"events_requested": [f"{CAEP}session-revoked"], "delivery": pushing()}
    replaced = asked(gate, app, "PUT", STREAMS, 200, json=sent)
    assert "description" not in replaced
    assert replaced["events_requested"] == replaced["events_delivered"] == sent["events_requested"]
    assert replaced["delivery"] == {"method": PUSH, "endpoint_url": ADDRESS}
    assert asked(gate, app, "GET", read, 200) == replaced

    bare = asked(gate, app, "PUT", STREAMS, 200, json=named)
    assert "events_requested" not in bare, "omitted from the PUT, so it must be deleted"
    assert bare["delivery"]["method"] == POLL
    assert bare["events_delivered"] == EVERY_EVENT
    assert asked(gate, app, "GET", read, 200) == bare


def test_the_status_is_read_and_set_to_each_there_is(gate: TestClient, app: Registered) -> None:
    """OIDSSFReadStreamStatusCall, OIDSSFUpdateStreamStatusCall, OIDSSFCheckExpectedJsonResponseContents."""
    key = made(gate, app)["stream_id"]
    assert asked(gate, app, "GET", f"{STATUS}?stream_id={key}", 200)["status"] == "enabled"
    for status in ("enabled", "paused", "disabled"):
        told = asked(gate, app, "POST", STATUS, 200, json={"stream_id": key, "status": status})
        assert (told["stream_id"], told["status"]) == (key, status)
    call(gate, app, "DELETE", f"{STREAMS}?stream_id={key}").raise_for_status()
    asked(gate, app, "GET", f"{STATUS}?stream_id={key}", 404)  # …NegativeTestReadStatusOfUnknownStream


# --- openid-ssf-stream-control-error-path and the negative modules ------------------------------------------------------

BROKEN = b"{broken"
NOBODY = {"Authorization": "Bearer invalid"}


def test_streams_are_refused_as_the_error_modules_expect(gate: TestClient, app: Registered) -> None:
    """OIDSSFStreamControlErrorResponseTest and OIDSSFStreamControlNegativeTest…: broken bodies, unknown streams, a second one."""
    asked(gate, app, "POST", STREAMS, 400, content=BROKEN)
    stream = made(gate, app)
    asked(gate, app, "POST", STREAMS, 409, json={})
    for method in ("PATCH", "PUT"):
        asked(gate, app, method, STREAMS, 400, content=BROKEN)
        asked(gate, app, method, STREAMS, 404, json={"stream_id": "unknown_stream_id"})
    for method in ("GET", "DELETE"):
        asked(gate, app, method, f"{STREAMS}?stream_id=unknown_stream_id", 404)
    # OIDSSFTransmitterStreamVerificationNegativeTestInvalidBody, …UnknownStream
    asked(gate, app, "POST", VERIFY, 400, content=BROKEN)
    asked(gate, app, "POST", VERIFY, 404, json={"stream_id": "unknown_stream_id"})
    assert asked(gate, app, "GET", STREAMS, 200) == [stream]


def test_whoever_comes_without_a_good_token_gets_a_401(gate: TestClient, app: Registered) -> None:
    """OIDSSFInjectInvalidAccessTokenOverride, …WithoutAccessToken, …WithTokenInUriQuery, OIDSSFTransmitterPollEndpointAuthorizationTest."""
    stream = made(gate, app)
    key = stream["stream_id"]
    place = f"{STREAMS}?stream_id={key}"
    requests: list[tuple[str, str, Any]] = [
        ("POST", STREAMS, {}),
        ("GET", place, None),
        ("PATCH", STREAMS, {"stream_id": key}),
        ("PUT", STREAMS, {"stream_id": key}),
        ("DELETE", place, None),
        ("GET", f"{STATUS}?stream_id={key}", None),
        ("POST", VERIFY, {"stream_id": key}),
        ("POST", stream["delivery"]["endpoint_url"], {"returnImmediately": True}),
    ]
    for method, path, body in requests:
        for headers in (NOBODY, {}):
            answer = gate.request(method, path, json=body, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"]  # OIDSSFEnsureWwwAuthenticateHeaderPresent
    assert gate.get(f"{place}&access_token={app.secret}").status_code in {400, 401}
    assert asked(gate, app, "GET", place, 200) == stream


# --- openid-ssf-transmitter-events: what a security event token says ----------------------------------------------------

TOKEN: dict[str, Check] = {
    "OIDSSFEnsureSecurityEventTokenDoesNotContainSubClaim": lambda claims: "sub" not in claims,
    "OIDSSFEnsureSecurityEventTokenDoesNotContainExpClaim": lambda claims: "exp" not in claims,
    "OIDSSFEnsureSecurityEventTokenIssuerMatchesStreamConfigurationIssuer": lambda claims: claims["iss"] == ISSUER,
    "OIDSSFValidateSecurityEventTokenAudClaim": lambda claims: isinstance(claims["aud"], str) and claims["aud"],
    "OIDSSFValidateSecurityEventTokenTxnClaim": lambda claims: isinstance(claims["txn"], str) and claims["txn"],
    "OIDSSFValidateSecurityEventTokenJtiClaim": lambda claims: isinstance(claims["jti"], str) and claims["jti"],
    "OIDSSFEnsureSecurityEventTokenContainsSingleEvent": lambda claims: len(claims["events"]) == 1,
    "OIDSSFEnsureSecurityEventValuesAreJsonObjects": lambda claims: all(
        isinstance(event, dict) for event in claims["events"].values()
    ),
    "OIDSSFValidateSecurityEventTokenSubIdClaim": lambda claims: sound_subject(claims["sub_id"]),
    "OIDSSFValidateCaepCommonOptionalFields": lambda claims: all(map(sound_common, claims["events"].values())),
}
MEMBERS = {"iss_sub": {"iss", "sub"}, "opaque": {"id"}}


def sound_subject(subject: dict[str, Any]) -> bool:
    """SsfSubjectIdentifiers: the members that the format has and no others, and nothing complex within what is complex."""
    if subject["format"] == "complex":
        return all(
            member["format"] in MEMBERS and sound_subject(member)
            for name, member in subject.items()
            if name != "format"
        )
    members = MEMBERS[subject["format"]]
    return subject.keys() == members | {"format"} and all(isinstance(subject[name], str) for name in members)


def sound_common(event: dict[str, Any]) -> bool:
    stamp = event.get("event_timestamp", 0)
    return isinstance(stamp, int) and 0 <= stamp < 10**11 and event.get("initiating_entity", "user") in {
        "admin", "user", "policy", "system",
    }  # fmt: skip


def polled(gate: TestClient, app: Registered, stream: dict[str, Any], **body: Any) -> dict[str, str]:
    """The tokens of a poll, of which OIDSSFValidatePollResponse holds."""
    answer: Response = call(
        gate, app, "POST", stream["delivery"]["endpoint_url"], json={"returnImmediately": True} | body
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    told = answer.json()
    assert all(isinstance(token, str) and token for token in told["sets"].values())
    assert isinstance(told.get("moreAvailable", False), bool)
    assert len(told["sets"]) <= body.get("maxEvents", 100)
    sets: dict[str, str] = told["sets"]
    return sets


def test_conditions_on_every_kind_of_event(gate: TestClient, app: Registered, dario: User, frozen: FrozenClock) -> None:
    stream = made(gate, app)
    tokens(gate, dario, app)
    Consent.objects.create(user=dario, application=app.application, tenant=dario.membership.tenant)
    asked(gate, app, "POST", VERIFY, 204, json={"stream_id": stream["stream_id"], "state": "VGVzdA"})
    for status in ("paused", "enabled"):
        services.set_status(app.application, status, Origin(app.application.owner))
    accounts.deactivate(dario, Origin())
    accounts.activate(dario, Origin())
    jwks, seen = gate.get("/oauth2/jwks").json(), {}
    for jti, token in polled(gate, app, stream, maxEvents=50).items():
        header = jws.extract_compact(token.encode()).headers()
        # …UsesTypeSecEventJwt, OIDSSFEnsureEventSignedWithRsa256
        assert (header["typ"], header["alg"]) == ("secevent+jwt", "RS256")
        claims = validated(token, jwks, client_id=app.client_id, now=frozen.seconds)  # …VerifySignature…, …AudClaim
        assert [name for name, holds in TOKEN.items() if not holds(claims)] == []
        assert claims["jti"] == jti
        assert claims["iat"] <= frozen.seconds  # OIDSSFEnsureSecurityEventTokenIatIsNotInFuture
        ((kind, event),) = claims["events"].items()
        seen[kind] = event, claims["sub_id"]
    stream_itself = {"format": "opaque", "id": stream["stream_id"]}
    # OIDSSFCheckVerificationEventState, OIDSSFCheckVerificationEventSubjectId
    assert seen[f"{SSF}verification"] == ({"state": "VGVzdA"}, stream_itself)
    # OIDSSFValidateStreamUpdatedEvent, OIDSSFWarnStreamUpdatedEventUnknownMembers
    assert seen[f"{SSF}stream-updated"] == ({"status": "enabled"}, stream_itself)
    assert seen[f"{CAEP}token-claims-change"][0]["claims"]  # OIDSSFValidateCaepTokenClaimsChangeEvent
    assert seen.keys() == {f"{SSF}verification", f"{SSF}stream-updated", *EVERY_EVENT}


def test_the_ways_of_polling(gate: TestClient, app: Registered, frozen: FrozenClock) -> None:
    """OIDSSFCallPollEndpoint: POLL_ONLY, ACKNOWLEDGE_ONLY, POLL_AND_ACKNOWLEDGE, REPORT_ERRORS; …PollEndpointUrlUniquePerStream."""
    stream = made(gate, app)

    def verified() -> None:
        frozen.advance(stream["min_verification_interval"])  # OIDSSFWaitForMinVerificationInterval
        asked(gate, app, "POST", VERIFY, 204, json={"stream_id": stream["stream_id"], "state": "s"})

    verified()
    first = polled(gate, app, stream, maxEvents=10)
    assert list(polled(gate, app, stream, maxEvents=10)) == list(first), "nobody has acknowledged it"
    assert polled(gate, app, stream, maxEvents=0, ack=list(first)) == {}
    assert polled(gate, app, stream, maxEvents=10) == {}
    verified()
    second = polled(gate, app, stream, maxEvents=10)
    verified()
    third = polled(gate, app, stream, maxEvents=10, ack=list(second))
    assert not third.keys() & second.keys()
    faults = {jti: {"err": "invalid_request", "description": "of the suite"} for jti in third}
    assert polled(gate, app, stream, maxEvents=0, setErrs=faults) == {}
    asked(gate, app, "DELETE", f"{STREAMS}?stream_id={stream['stream_id']}", 204)
    assert made(gate, app)["delivery"]["endpoint_url"] != stream["delivery"]["endpoint_url"]


@pytest.mark.parametrize(("status", "held"), [("paused", 1), ("disabled", 0)])
def test_a_stopped_stream(gate: TestClient, app: Registered, status: str, held: int) -> None:
    """OIDSSFTransmitterPausedStreamHoldsEventsTest and …DisabledStreamDropsEventsTest."""
    stream = made(gate, app)
    key = stream["stream_id"]
    asked(gate, app, "POST", STATUS, 200, json={"stream_id": key, "status": status})
    call(gate, app, "POST", VERIFY, json={"stream_id": key, "state": "s"})
    assert polled(gate, app, stream) == {}  # OIDSSFEnsureNoSetsReturnedWhileStreamPaused
    asked(gate, app, "POST", STATUS, 200, json={"stream_id": key, "status": "enabled"})
    assert len(polled(gate, app, stream)) == held
