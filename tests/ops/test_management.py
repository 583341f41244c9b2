"""A developer's own program lists his applications through `varco serve`, gate and portal in one process."""

import hashlib
import secrets
from pathlib import Path

import httpx
import pytest

from tests.gate.conftest import CHALLENGE, VERIFIER
from tests.support import people
from tests.support.commands import MASTER_KEY, Server
from tests.support.managing import NEW
from varco import clock
from varco.grants.models import Grant
from varco.keys import services as keys
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_the_story_of_a_token_that_lists_applications(database_urls: dict[str, str], tmp_path: Path) -> None:
    davide, other = people.davide(), people.person("Delia", "Developer", developer_since=1)
    Membership.objects.create(user=davide, tenant=people.tenant("Sandbox", "sandbox"), role="integrator")
    names = ("openid", "varco.registrations")
    tool = people.application(davide, name="Console", scopes=[people.scope(name) for name in names])
    people.application(other, name="Somebody else's")
    code = f"vac.{secrets.token_urlsafe(32)}"
    Grant.objects.create(
        user=davide,
        application=tool.application,
        tenant=davide.membership.tenant,
        scopes=" ".join(names),
        code_hash=hashlib.sha256(code.encode()).hexdigest(),
        code_expires_at=clock.now() + 60,
        expires_at=clock.now() + 60,
        redirect_uri=people.CALLBACK,
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        auth_time=clock.now() - 3600,
    )
    keys.ensure()
    settings = {f"{alias}_database": url for alias, url in database_urls.items()}
    settings |= {"data_dir": str(tmp_path), "master_keys": MASTER_KEY}
    with Server("serve", log=tmp_path / "log", **settings) as server:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": people.CALLBACK}
        granted = httpx.post(
            f"{server.url}/oauth2/token",
            data=form | {"code_verifier": VERIFIER},
            auth=(tool.client_id, tool.secret),
        )
        assert granted.status_code == 200, granted.text
        address = f"{server.url}/manage/v1/applications"
        bearer = {"Authorization": f"Bearer {granted.json()['access_token']}"}
        answer = httpx.get(address, headers=bearer)
        assert answer.status_code == 200, answer.text
        assert [item["name"] for item in answer.json()["items"]] == ["Console"]
        assert "set-cookie" not in answer.headers

        assert httpx.get(address, headers={"varco.caller": davide.public_id}).json()["error"] == "token_required"
        unknown = httpx.get(f"{server.url}/manage/v1/nothing", headers=bearer)
        assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")
        assert unknown.json()["requestId"] == unknown.headers["x-request-id"]
        wrong = httpx.delete(address, headers=bearer)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
        registers(server.url, address, bearer, tool.application.pk)

        Grant.objects.update(state="ended")
        assert httpx.get(address, headers=bearer).status_code == 401
        assert server.stop() == 0


def registers(base: str, address: str, bearer: dict[str, str], itself: int) -> None:
    """The program registers an application and submits it, and gets no secret without a fresh sign-in."""
    described = httpx.get(f"{base}/manage/v1/openapi.json").json()
    assert described["paths"]["/manage/v1/applications"]["post"]["operationId"] == "createApplication"
    made = httpx.post(address, headers=bearer, json=NEW)
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    assert one.endswith(f"/manage/v1/applications/{made.json()['id']}")
    sent = httpx.post(f"{one}/submit", headers=bearer | {"If-Match": made.headers["etag"]})
    assert (sent.status_code, sent.json()["latestRevision"]["state"]) == (200, "submitted")
    stale = httpx.patch(one, headers=bearer | {"If-Match": made.headers["etag"]}, json={"product": "Facile"})
    assert (stale.status_code, stale.json()["error"]) == (412, "precondition_failed")
    secret = httpx.post(f"{one}/secrets", headers=bearer, json={"label": "server"})
    assert (secret.status_code, secret.json()["error"]) == (401, "insufficient_user_authentication")
    assert 'acr_values="urn:varco:acr:1", max_age="900"' in secret.headers["www-authenticate"]
    own = httpx.patch(f"{address}/{itself}", headers=bearer | {"If-Match": "*"}, json={})
    assert (own.status_code, own.json()["layer"]) == (403, "application")
