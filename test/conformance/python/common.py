"""What every part of the suite uses: one client, one count of checks."""

import inspect
import os
from typing import Any

from hcloud import APIException, Client
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.server_types.domain import ServerType

from checks import Checks, Coverage

checks = Checks()
coverage = Coverage()
LABELS = {"made-by": "conformance"}
FSN = Location(name="fsn1")
TYPE = ServerType(name="cpx22")
DEBIAN = Image(name="debian-12")


def client_of() -> Client:
    endpoint = os.environ["HCLOUD_ENDPOINT"]
    options: dict[str, Any] = {"api_endpoint": endpoint, "poll_interval": 0.02}
    if "api_endpoint_hetzner" in inspect.signature(Client.__init__).parameters:
        options["api_endpoint_hetzner"] = endpoint
    return Client(os.environ["HCLOUD_TOKEN"], **options)


client = client_of()
# A client of the time of data centres; newer ones have what is left of them under a private name.
OLD = "_datacenters" not in vars(client)


def has(resource: str, method: str) -> bool:
    return hasattr(client, resource) and hasattr(getattr(client, resource), method)


def done(answer: Any) -> Any:
    """Waits for every action that an answer holds."""
    for action in [answer, getattr(answer, "action", None), *(getattr(answer, "next_actions", None) or [])]:
        if hasattr(action, "wait_until_finished"):
            action.wait_until_finished()
    for action in answer if isinstance(answer, list) else []:
        action.wait_until_finished()
    return answer


def reads(resource: str, one: Any, by_name: bool = True) -> None:
    """What every collection can do with what is in it."""
    collection = getattr(client, resource)
    with checks.check(f"{resource}: get_by_id"):
        assert collection.get_by_id(one.id).id == one.id
    with checks.check(f"{resource}: get_list"):
        page = collection.get_list(page=1, per_page=1)
        assert page.meta.pagination.per_page == 1
    with checks.check(f"{resource}: get_all"):
        assert one.id in [other.id for other in collection.get_all()]
    if by_name:
        with checks.check(f"{resource}: get_by_name"):
            assert collection.get_by_name(one.name).id == one.id
            assert collection.get_by_name("no-such-name") is None
    if hasattr(one, "reload"):
        with checks.check(f"{resource}: reload"):
            one.reload()
    with checks.refused(f"{resource}: what is not there", "not_found", APIException):
        collection.get_by_id(2**40)
    if hasattr(one, "get_actions"):
        with checks.check(f"{resource}: actions of one"):
            assert one.get_actions_list(sort=["id:desc"]).meta is not None
            for action in one.get_actions():
                if hasattr(collection, "actions"):
                    assert collection.actions.get_by_id(action.id).id == action.id
    if hasattr(collection, "actions"):
        with checks.check(f"{resource}: actions of all"):
            collection.actions.get_list(page=1)
            collection.actions.get_all()
