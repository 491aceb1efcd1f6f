"""Every method of every client of hcloud-python, against the endpoint in HCLOUD_ENDPOINT.

Runs with old and new versions: what a version does not have is not asked of it, and what it has must be called.
"""

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import hcloud
from checks import Checks, Coverage
from hcloud import APIException, Client
from hcloud.core.client import BoundModelBase
from hcloud.datacenters.domain import Datacenter
from hcloud.firewalls.domain import Firewall, FirewallResource, FirewallResourceLabelSelector, FirewallRule
from hcloud.images.domain import Image
from hcloud.load_balancer_types.domain import LoadBalancerType
from hcloud.load_balancers.domain import (
    LoadBalancerAlgorithm,
    LoadBalancerHealthCheck,
    LoadBalancerService,
    LoadBalancerTarget,
)
from hcloud.locations.domain import Location
from hcloud.networks.domain import NetworkRoute, NetworkSubnet
from hcloud.placement_groups.domain import PlacementGroup
from hcloud.server_types.domain import ServerType
from hcloud.servers.domain import Server, ServerCreatePublicNetwork

checks = Checks()
coverage = Coverage()
LABELS = {"made-by": "conformance"}
FSN = Location(name="fsn1")
TYPE = ServerType(name="cpx22")
DEBIAN = Image(name="debian-12")


def watch_everything() -> None:
    for module in pkgutil.walk_packages(hcloud.__path__, "hcloud."):
        if not module.name.endswith(".client") or ".storage_box" in module.name:
            continue
        for name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ != module.name or not (issubclass(cls, BoundModelBase) or name.endswith("Client")):
                continue
            coverage.watch(cls, ignored=("has_id_or_name", "to_payload", "get_actions_page_result"))


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


def catalogue() -> None:
    for resource in ("locations", "server_types", "load_balancer_types", "isos"):
        with checks.check(f"{resource}: something is offered"):
            reads(resource, getattr(client, resource).get_all()[0])
    with checks.check("images: system images"):
        image = client.images.get_by_name("debian-12")
        assert image.type == "system" and image.os_flavor == "debian"
        reads("images", image)
        if has("images", "get_by_name_and_architecture"):
            assert client.images.get_by_name_and_architecture("debian-12", "x86").id == image.id
    with checks.check("images: by type"):
        assert {image.type for image in client.images.get_all(type=["system"])} == {"system"}


def ssh_keys() -> Any:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"], check=True)
    with open("key.pub") as file:
        text = file.read()
    key = client.ssh_keys.create("conformance", text, labels=LABELS)
    reads("ssh_keys", key)
    with checks.check("ssh_keys: get_by_fingerprint"):
        assert client.ssh_keys.get_by_fingerprint(key.fingerprint).id == key.id
    with checks.check("ssh_keys: update"):
        assert key.update(name="conformance-2", labels={}).labels == {}
    with checks.refused("ssh_keys: the same key twice", "uniqueness_error", APIException):
        client.ssh_keys.create("other", text)
    with checks.refused("ssh_keys: no key", "invalid_input", APIException):
        client.ssh_keys.create("other", "nonsense")
    return key


def networks() -> Any:
    subnet = NetworkSubnet(ip_range="10.0.1.0/24", type="cloud", network_zone="eu-central")
    network = client.networks.create("net", "10.0.0.0/16", subnets=[subnet], labels=LABELS)
    reads("networks", network)
    second = NetworkSubnet(ip_range="10.0.2.0/24", type="cloud", network_zone="eu-central")
    with checks.check("networks: add_subnet"):
        done(network.add_subnet(second))
    with checks.check("networks: delete_subnet"):
        done(network.delete_subnet(second))
    route = NetworkRoute(destination="10.100.1.0/24", gateway="10.0.1.5")
    with checks.check("networks: add_route"):
        done(network.add_route(route))
        network.reload()
        assert network.routes[0].destination == "10.100.1.0/24"
    with checks.check("networks: delete_route"):
        done(network.delete_route(route))
    with checks.check("networks: change_ip_range"):
        done(network.change_ip_range("10.0.0.0/12"))
    with checks.check("networks: update"):
        assert network.update(name="net-2", labels={"a": "b"}).name == "net-2"
    with checks.check("networks: change_protection"):
        done(network.change_protection(delete=True))
    with checks.refused("networks: deleting what is protected", "protected", APIException):
        network.delete()
    done(network.change_protection(delete=False))
    with checks.refused("networks: a public range", "invalid_input", APIException):
        client.networks.create("other", "8.8.8.0/24")
    return network


def firewalls() -> Any:
    rule = FirewallRule(direction="in", protocol="tcp", port="443", source_ips=["0.0.0.0/0", "::/0"], description="web")
    made = client.firewalls.create("fw", rules=[rule], labels=LABELS)
    for action in made.actions or []:
        action.wait_until_finished()
    firewall = made.firewall
    reads("firewalls", firewall)
    with checks.check("firewalls: set_rules"):
        done(firewall.set_rules([rule, FirewallRule("in", "icmp", ["10.0.0.0/8"])]))
        firewall.reload()
        assert len(firewall.rules) == 2
    with checks.check("firewalls: update"):
        assert firewall.update(name="fw-2", labels={}).name == "fw-2"
    with checks.refused("firewalls: a rule without port", "invalid_input", APIException):
        firewall.set_rules([FirewallRule("in", "tcp", ["0.0.0.0/0"])])
    return firewall


def primary_ips() -> Any:
    place = {"location": FSN}
    parameters = inspect.signature(client.primary_ips.create).parameters
    if "location" not in parameters:
        place = {"datacenter": Datacenter(name="fsn1-dc14")}
    server = done(client.servers.create("ip-holder", TYPE, DEBIAN, location=FSN, start_after_create=False)).server
    for number in (server.public_net.primary_ipv4, server.public_net.primary_ipv6):
        with checks.check("primary_ips: unassign"):
            done(number.unassign())
    made = client.primary_ips.create(type="ipv4", name="pip", assignee_type="server", labels=LABELS, **place)
    address = made.primary_ip
    reads("primary_ips", address)
    with checks.check("primary_ips: assign"):
        done(address.assign(assignee_id=server.id, assignee_type="server"))
    with checks.refused("primary_ips: deleting an assigned one", "must_be_unassigned", APIException):
        address.delete()
    done(address.unassign())
    with checks.check("primary_ips: change_dns_ptr"):
        done(address.change_dns_ptr(address.ip, "mail.example.com"))
        address.reload()
        assert address.dns_ptr[0]["dns_ptr"] == "mail.example.com"
    with checks.check("primary_ips: change_protection"):
        done(address.change_protection(delete=True))
        done(address.change_protection(delete=False))
    with checks.check("primary_ips: update"):
        assert address.update(name="pip-2", auto_delete=False, labels={}).name == "pip-2"
    with checks.check("primary_ips: delete"):
        assert address.delete()
    done(server.delete())


def servers(key: Any, network: Any, firewall: Any) -> Any:
    made = client.servers.create(
        "server", TYPE, DEBIAN, location=FSN, ssh_keys=[key], labels=LABELS, user_data="#cloud-config\n{}\n",
        firewalls=[firewall],
    )
    with checks.check("servers: creation gives a password only without keys"):
        assert made.root_password is None
    done(made)
    server = made.server
    server.reload()
    reads("servers", server)
    with checks.check("servers: running after creation"):
        assert server.status == Server.STATUS_RUNNING
    for name in ("power_off", "power_on", "reboot", "reset", "shutdown"):
        with checks.check(f"servers: {name}"):
            done(getattr(server, name)())
    with checks.check("servers: off after shutdown"):
        server.reload()
        assert server.status == Server.STATUS_OFF
    group = done(client.placement_groups.create("group", "spread", labels=LABELS)).placement_group
    reads("placement_groups", group)
    with checks.check("servers: add_to_placement_group"):
        done(server.add_to_placement_group(group))
    with checks.refused("placement_groups: deleting one in use", "resource_in_use", APIException):
        group.delete()
    with checks.check("servers: remove_from_placement_group"):
        done(server.remove_from_placement_group())
    with checks.check("placement_groups: update"):
        assert group.update(name="group-2", labels={}).name == "group-2"
    with checks.check("placement_groups: delete"):
        assert group.delete()
    with checks.check("servers: change_type"):
        done(server.change_type(ServerType(name="cpx32"), upgrade_disk=False))
        server.reload()
        assert server.server_type.name == "cpx32"
    done(server.power_on())
    with checks.refused("servers: change_type while it runs", "server_not_stopped", APIException):
        server.change_type(TYPE, upgrade_disk=False)
    with checks.check("servers: attach_to_network"):
        done(server.attach_to_network(network, ip="10.0.1.7", alias_ips=["10.0.1.8"]))
        server.reload()
        assert [net.ip for net in server.private_net] == ["10.0.1.7"]
        if hasattr(server, "private_net_for"):
            assert server.private_net_for(network).ip == "10.0.1.7"
    with checks.refused("servers: attach twice", "server_already_attached", APIException):
        server.attach_to_network(network)
    with checks.check("servers: change_alias_ips"):
        done(server.change_alias_ips(network, ["10.0.1.9"]))
    if has("networks", "get_member_list"):
        with checks.check("networks: members"):
            assert [member.id for member in network.get_member_all()] == [server.id]
            assert network.get_member_list(type=["load_balancer"]).members == []
    with checks.refused("networks: deleting a subnet in use", "service_error", APIException):
        network.delete_subnet(NetworkSubnet(ip_range="10.0.1.0/24", type="cloud", network_zone="eu-central"))
    with checks.check("servers: enable_rescue"):
        assert done(server.enable_rescue(type="linux64", ssh_keys=[str(key.id)])).root_password
    with checks.check("servers: disable_rescue"):
        done(server.disable_rescue())
    with checks.check("servers: reset_password"):
        assert done(server.reset_password()).root_password
    with checks.check("servers: request_console"):
        assert done(server.request_console()).wss_url.startswith("wss://")
    iso = client.isos.get_all()[0]
    with checks.check("servers: attach_iso"):
        done(server.attach_iso(iso))
        server.reload()
        assert server.iso.id == iso.id
    with checks.check("servers: detach_iso"):
        done(server.detach_iso())
    with checks.check("servers: enable_backup"):
        done(server.enable_backup())
        server.reload()
        assert server.backup_window
    for kind in ("backup", "snapshot"):
        with checks.check(f"servers: create_image of type {kind}"):
            made_image = done(server.create_image(description=kind, type=kind, labels=LABELS))
            made_image.image.reload()
            assert made_image.image.status == "available"
    image = made_image.image
    with checks.check("servers: disable_backup"):
        done(server.disable_backup())
        assert client.images.get_all(bound_to=[str(server.id)]) == []
    with checks.check("images: update"):
        assert image.update(description="kept", labels={"x": "y"}).description == "kept"
    with checks.check("images: change_protection"):
        done(image.change_protection(delete=True))
    with checks.refused("images: deleting what is protected", "protected", APIException):
        image.delete()
    done(image.change_protection(delete=False))
    with checks.check("servers: rebuild from a snapshot"):
        done(server.rebuild(image))
    with checks.check("images: delete"):
        assert image.delete()
    with checks.check("servers: rebuild"):
        answer = server.rebuild(DEBIAN)
        done(answer)
    with checks.check("servers: change_dns_ptr"):
        done(server.change_dns_ptr(server.public_net.ipv4.ip, "a.example.com"))
        server.reload()
        assert server.public_net.ipv4.dns_ptr == "a.example.com"
    if has("servers", "get_metrics"):
        server_metrics(server)
    with checks.check("servers: update"):
        assert server.update(name="server-2", labels={"tier": "web"}).name == "server-2"
    with checks.check("servers: change_protection"):
        done(server.change_protection(delete=True, rebuild=True))
    for what, attempt in (("deleting", server.delete), ("rebuilding", lambda: server.rebuild(DEBIAN))):
        with checks.refused(f"servers: {what} what is protected", "protected", APIException):
            attempt()
    done(server.change_protection(delete=False, rebuild=False))
    with checks.refused("servers: the same name twice", "uniqueness_error", APIException):
        client.servers.create("server-2", TYPE, DEBIAN)
    with checks.refused("servers: an unknown image", "invalid_input", APIException):
        client.servers.create("other", TYPE, Image(name="no-such-image"))
    with checks.check("servers: private only, with a password"):
        net = ServerCreatePublicNetwork(enable_ipv4=False, enable_ipv6=False)
        private = done(client.servers.create("private", TYPE, DEBIAN, location=FSN, networks=[network], public_net=net))
        assert private.root_password and private.server.public_net.ipv4 is None
        with checks.refused("firewalls: a server without public interface", "private_net_only_server", APIException):
            firewall.apply_to_resources([FirewallResource(type="server", server=private.server)])
        done(private.server.delete())
    return server


def server_metrics(server: Any) -> None:
    with checks.check("servers: get_metrics"):
        end = datetime.now(timezone.utc)
        answer = server.get_metrics(["cpu", "network"], end - timedelta(hours=1), end, step=60)
        assert "cpu" in answer.metrics.time_series


def firewall_targets(firewall: Any, server: Any) -> None:
    selected = FirewallResource(
        type="label_selector", label_selector=FirewallResourceLabelSelector(selector="tier=web")
    )
    direct = FirewallResource(type="server", server=server)
    with checks.refused("firewalls: applied twice", "firewall_already_applied", APIException):
        firewall.apply_to_resources([direct])
    with checks.check("firewalls: remove_from_resources"):
        done(firewall.remove_from_resources([direct]))
    with checks.check("firewalls: apply_to_resources by labels"):
        done(firewall.apply_to_resources([selected]))
        firewall.reload()
        [applied] = firewall.applied_to
        assert applied.label_selector.selector == "tier=web"
        if hasattr(applied, "applied_to_resources"):
            assert applied.applied_to_resources[0].server.id == server.id
    with checks.refused("firewalls: one by labels is not removed", "firewall_managed_by_label_selector", APIException):
        firewall.remove_from_resources([direct])
    with checks.refused("firewalls: deleting one in use", "resource_in_use", APIException):
        firewall.delete()
    done(firewall.remove_from_resources([selected]))
    with checks.check("firewalls: delete"):
        assert firewall.delete()


def volumes(server: Any) -> None:
    made = client.volumes.create(10, "vol", location=FSN, format="ext4", labels=LABELS)
    done(made)
    volume = made.volume
    reads("volumes", volume)
    with checks.check("volumes: attach"):
        done(volume.attach(server, automount=False))
        volume.reload()
        assert volume.server.id == server.id and volume.linux_device.endswith(str(volume.id))
    with checks.refused("volumes: attached twice", "volume_already_attached", APIException):
        volume.attach(server)
    with checks.check("volumes: resize"):
        done(volume.resize(20))
    with checks.refused("volumes: smaller", "invalid_input", APIException):
        volume.resize(10)
    with checks.refused("volumes: deleting an attached one", "service_error", APIException):
        volume.delete()
    with checks.check("volumes: detach"):
        done(volume.detach())
    with checks.check("volumes: update"):
        assert volume.update(name="vol-2", labels={}).name == "vol-2"
    with checks.check("volumes: change_protection"):
        done(volume.change_protection(delete=True))
        done(volume.change_protection(delete=False))
    with checks.check("volumes: attached at creation"):
        second = client.volumes.create(10, "vol-3", server=server)
        done(second)
        done(second.volume.detach())
        assert second.volume.delete()
    with checks.check("volumes: delete"):
        assert volume.delete()


def floating_ips(server: Any) -> None:
    made = client.floating_ips.create("ipv4", description="front", home_location=FSN, name="fip", labels=LABELS)
    address = made.floating_ip
    reads("floating_ips", address)
    with checks.check("floating_ips: assign"):
        done(address.assign(server))
        address.reload()
        assert address.server.id == server.id
    with checks.refused("floating_ips: deleting an assigned one", "must_be_unassigned", APIException):
        address.delete()
    with checks.check("floating_ips: unassign"):
        done(address.unassign())
    with checks.check("floating_ips: change_dns_ptr"):
        done(address.change_dns_ptr(address.ip, "front.example.com"))
    with checks.check("floating_ips: change_protection"):
        done(address.change_protection(delete=True))
        done(address.change_protection(delete=False))
    with checks.check("floating_ips: update"):
        assert address.update(description="back", name="fip-2", labels={}).description == "back"
    with checks.check("floating_ips: delete"):
        assert address.delete()
    with checks.check("floating_ips: IPv6 with a server"):
        second = done(client.floating_ips.create("ipv6", server=server))
        assert second.floating_ip.ip.endswith("/64")
        done(second.floating_ip.unassign())
        second.floating_ip.delete()


def certificates() -> Any:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=example.com",
         "-addext", "subjectAltName=DNS:example.com", "-keyout", "tls.key", "-out", "tls.crt"],
        check=True, capture_output=True,
    )
    with open("tls.crt") as certificate, open("tls.key") as private:
        made = client.certificates.create("cert", certificate.read(), private.read(), labels=LABELS)
    reads("certificates", made)
    with checks.check("certificates: what is in them"):
        assert made.domain_names == ["example.com"] and made.not_valid_after > datetime.now(timezone.utc)
    with checks.check("certificates: update"):
        assert made.update(name="cert-2", labels={}).name == "cert-2"
    with checks.refused("certificates: managed ones are refused", "unsupported_error", APIException):
        client.certificates.create_managed("managed", ["example.com"])
    with checks.refused("certificates: an uploaded one is not retried", "unsupported_error", APIException):
        made.retry_issuance()
    return made


def load_balancers(network: Any, server: Any, certificate: Any) -> None:
    made = client.load_balancers.create("lb", LoadBalancerType(name="lb11"), location=FSN, labels=LABELS)
    done(made)
    balancer = made.load_balancer
    reads("load_balancers", balancer)
    with checks.check("load_balancers: attach_to_network"):
        done(balancer.attach_to_network(network, ip="10.0.1.50"))
        balancer.reload()
        assert [net.ip for net in balancer.private_net] == ["10.0.1.50"]
        if hasattr(balancer, "private_net_for"):
            assert balancer.private_net_for(network).ip == "10.0.1.50"
    health = LoadBalancerHealthCheck(protocol="tcp", port=80, interval=15, timeout=10, retries=3)
    service = LoadBalancerService(
        protocol="tcp", listen_port=80, destination_port=80, proxyprotocol=False, health_check=health
    )
    with checks.check("load_balancers: add_service"):
        done(balancer.add_service(service))
    with checks.refused("load_balancers: the same port twice", "source_port_already_used", APIException):
        balancer.add_service(service)
    service.destination_port = 8080
    with checks.check("load_balancers: update_service"):
        done(balancer.update_service(service))
    target = LoadBalancerTarget(type="server", server=server, use_private_ip=True)
    with checks.check("load_balancers: add_target"):
        done(balancer.add_target(target))
        balancer.reload()
        assert balancer.targets[0].server.id == server.id
    with checks.refused("load_balancers: the same target twice", "target_already_defined", APIException):
        balancer.add_target(target)
    with checks.check("load_balancers: a server knows its balancers"):
        server.reload()
        assert [one.id for one in getattr(server, "load_balancers", None) or [balancer]] == [balancer.id]
    with checks.check("load_balancers: remove_target"):
        done(balancer.remove_target(target))
    with checks.check("load_balancers: delete_service"):
        done(balancer.delete_service(service))
    with checks.check("load_balancers: change_algorithm"):
        done(balancer.change_algorithm(LoadBalancerAlgorithm(type="least_connections")))
    with checks.check("load_balancers: change_type"):
        done(balancer.change_type(LoadBalancerType(name="lb21")))
    with checks.check("load_balancers: public interface off and on"):
        done(balancer.disable_public_interface())
        done(balancer.enable_public_interface())
    with checks.check("load_balancers: change_dns_ptr"):
        balancer.reload()
        done(balancer.change_dns_ptr(balancer.public_net.ipv4.ip, "lb.example.com"))
    if has("load_balancers", "get_metrics"):
        with checks.check("load_balancers: get_metrics"):
            end = datetime.now(timezone.utc)
            assert balancer.get_metrics("open_connections", end - timedelta(hours=1), end).metrics.time_series
    with checks.check("load_balancers: change_protection"):
        done(balancer.change_protection(delete=True))
        done(balancer.change_protection(delete=False))
    with checks.check("load_balancers: update"):
        assert balancer.update(name="lb-2", labels={}).name == "lb-2"
    with checks.check("load_balancers: detach_from_network"):
        done(balancer.detach_from_network(network))
    with checks.check("load_balancers: delete"):
        assert balancer.delete()
    with checks.check("certificates: delete"):
        assert certificate.delete()


def zones() -> None:
    from hcloud.zones import ZonePrimaryNameserver, ZoneRecord, ZoneRRSet

    made = done(client.zones.create(name="example.org", mode="primary", ttl=600, labels=LABELS))
    zone = made.zone
    with checks.check("zones: get by id and name"):
        assert client.zones.get("example.org").id == client.zones.get(zone.id).id == zone.id
    with checks.check("zones: lists"):
        assert [one.id for one in client.zones.get_list(mode="primary").zones] == [zone.id]
        assert [one.name for one in client.zones.get_all()] == ["example.org"]
        zone.get_actions_list()
        for action in zone.get_actions():
            client.zones.actions.get_by_id(action.id)
        client.zones.actions.get_list()
        client.zones.actions.get_all()
    with checks.check("zones: update"):
        assert zone.update(labels={"a": "b"}).labels == {"a": "b"}
    with checks.check("zones: change_ttl"):
        done(zone.change_ttl(1200))
    with checks.check("zones: change_protection"):
        done(zone.change_protection(delete=True))
    with checks.refused("zones: deleting what is protected", "protected", APIException):
        zone.delete()
    done(zone.change_protection(delete=False))
    with checks.refused("zones: name servers of a primary zone", "incorrect_zone_mode", APIException):
        zone.change_primary_nameservers([ZonePrimaryNameserver(address="192.0.2.1")])
    record = ZoneRecord(value="192.0.2.1", comment="web")
    rrset = done(zone.create_rrset(name="www", type="A", ttl=300, records=[record], labels=LABELS)).rrset
    with checks.check("zones: record sets"):
        assert zone.get_rrset("www", "A").records[0].value == "192.0.2.1"
        assert [one.id for one in zone.get_rrset_list(type=["A"]).rrsets] == ["www/A"]
        assert "@/SOA" in [one.id for one in zone.get_rrset_all()]
        rrset.reload()
    with checks.check("zones: update_rrset"):
        assert rrset.update_rrset(labels={}).labels == {}
        zone.update_rrset(rrset, labels={})
    other = ZoneRecord(value="192.0.2.2")
    with checks.check("zones: add, set, update and remove records"):
        done(rrset.add_rrset_records(records=[other], ttl=300))
        done(zone.add_rrset_records(ZoneRRSet(name="new", type="A", zone=zone), records=[other]))
        done(zone.remove_rrset_records(ZoneRRSet(name="new", type="A", zone=zone), records=[other]))
        done(rrset.update_rrset_records([ZoneRecord(value="192.0.2.2", comment="second")]))
        done(zone.update_rrset_records(rrset, [ZoneRecord(value="192.0.2.2", comment="2nd")]))
        done(rrset.remove_rrset_records([other]))
        done(rrset.set_rrset_records([record, other]))
        done(zone.set_rrset_records(rrset, [record]))
    with checks.check("zones: ttl and protection of a record set"):
        done(rrset.change_rrset_ttl(ttl=60))
        done(zone.change_rrset_ttl(rrset, ttl=None))
        done(rrset.change_rrset_protection(change=True))
    with checks.refused("zones: changing a protected record set", "protected", APIException):
        rrset.delete_rrset()
    done(zone.change_rrset_protection(rrset, change=False))
    with checks.check("zones: export and import give the same"):
        text = zone.export_zonefile().zonefile
        before = {one.id: [record.value for record in one.records] for one in zone.get_rrset_all() if one.type != "SOA"}
        done(zone.import_zonefile(text))
        after = {one.id: [record.value for record in one.records] for one in zone.get_rrset_all() if one.type != "SOA"}
        assert before == after, f"{before} became {after}"
    with checks.check("zones: delete_rrset"):
        done(zone.create_rrset(name="gone", type="TXT", records=[ZoneRecord(value='"text"')]))
        done(zone.get_rrset("gone", "TXT").delete_rrset())
        done(zone.delete_rrset(ZoneRRSet(name="www", type="A", zone=zone)))
    with checks.check("zones: a secondary one"):
        server = ZonePrimaryNameserver(address="192.0.2.1")
        second = done(client.zones.create(name="example.net", mode="secondary", primary_nameservers=[server])).zone
        done(second.change_primary_nameservers([server]))
        done(second.delete())
    with checks.refused("zones: the same name twice", "uniqueness_error", APIException):
        client.zones.create(name="example.org", mode="primary")
    with checks.check("zones: delete"):
        done(zone.delete())


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
