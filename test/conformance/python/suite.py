"""Every method of every client of hcloud-python, against the endpoint in HCLOUD_ENDPOINT.

Runs with old and new versions: what a version does not have is not asked of it, and what it has must be called.
"""

import importlib
import inspect
import os
import pkgutil
import sys

import hcloud
from hcloud import APIException, Client
from hcloud.core.client import BoundModelBase

from balancing import certificates, load_balancers
from basics import catalogue, firewalls, networks, primary_ips, ssh_keys
from common import DEBIAN, OLD, TYPE, checks, client, coverage, done, reads
from dns import zones
from machines import firewall_targets, floating_ips, servers, volumes


def watch_everything() -> None:
    for module in pkgutil.walk_packages(hcloud.__path__, "hcloud."):
        if not module.name.endswith(".client") or ".storage_box" in module.name:
            continue
        for name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ != module.name or not (issubclass(cls, BoundModelBase) or name.endswith("Client")):
                continue
            coverage.watch(cls, ignored=("has_id_or_name", "to_payload", "get_actions_page_result"))


def actions() -> None:
    made = client.placement_groups.create("for-actions", "spread").placement_group
    server = client.servers.create("for-actions", TYPE, DEBIAN)
    with checks.check("actions: waited for"):
        server.action.wait_until_finished()
        server.action.reload()
        assert server.action.status == "success" and server.action.progress == 100
    with checks.check("actions: get_by_id"):
        assert client.actions.get_by_id(server.action.id).command == "create_server"
    with checks.refused("actions: all of them is gone", "deprecated_api_endpoint", APIException):
        client.actions.get_list()
    with checks.refused("actions: all of them is gone, page by page", "deprecated_api_endpoint", APIException):
        client.actions.get_all()
    done(server)
    done(server.server.delete())
    made.delete()


def refusals() -> None:
    stranger = Client("x" * 64, api_endpoint=os.environ["HCLOUD_ENDPOINT"])
    with checks.refused("an unknown token", "unauthorized", APIException):
        stranger.servers.get_all()


def datacenters() -> None:
    if OLD:
        # A client of their time, and a Hetzner whose switch for that time is on.
        reads("datacenters", client.datacenters.get_by_name("fsn1-dc14"))
        return
    collection = client._datacenters
    for name, attempt in (
        ("get_by_id", lambda: collection.get_by_id(4)),
        ("get_by_name", lambda: collection.get_by_name("fsn1-dc14")),
        ("get_list", lambda: collection.get_list()),
        ("get_all", lambda: collection.get_all()),
    ):
        with checks.refused(f"datacenters: {name} is gone", "deprecated_api_endpoint", APIException):
            attempt()


def storage_boxes() -> None:
    for collection in (client.storage_boxes, client.storage_box_types):
        with checks.refused(f"{type(collection).__name__}: refused", "unsupported_error", APIException):
            collection.get_all()


def main() -> None:
    watch_everything()
    catalogue()
    key = ssh_keys()
    network = networks()
    firewall = firewalls()
    primary_ips()
    server = servers(key, network, firewall)
    firewall_targets(firewall, server)
    volumes(server)
    floating_ips(server)
    certificate = certificates()
    load_balancers(network, server, certificate)
    if hasattr(client, "zones"):
        zones()
    actions()
    refusals()
    datacenters()
    if hasattr(client, "storage_boxes"):
        storage_boxes()
    with checks.check("servers: detach_from_network"):
        done(server.detach_from_network(network))
    with checks.check("servers: delete"):
        done(server.delete())
    with checks.check("networks: delete"):
        assert network.delete()
    with checks.check("ssh_keys: delete"):
        assert key.delete()
    # Without the switch no data centre can be had, so nothing can be done with one.
    gone = () if OLD else ("BoundDatacenter.",)
    # hcloud-python asserts that the client of a bound object has get_by_id, and that of zones has none.
    gone = (*gone, "BoundZone.reload")
    forgotten = [name for name in coverage.forgotten() if not name.startswith(gone)]
    checks.report("every method was called", f"not called: {', '.join(forgotten)}" if forgotten else None)


sys.exit(main())
