"""What others are made with: the catalogue, keys, networks, firewalls, addresses."""

import inspect
import subprocess
from typing import Any

from hcloud import APIException
from hcloud.datacenters.domain import Datacenter
from hcloud.firewalls.domain import FirewallRule
from hcloud.networks.domain import NetworkRoute, NetworkSubnet

from common import DEBIAN, FSN, LABELS, TYPE, checks, client, done, has, reads


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
