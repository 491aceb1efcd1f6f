"""Servers, and what they have."""

from datetime import datetime, timedelta, timezone
from typing import Any

from hcloud import APIException
from hcloud.firewalls.domain import FirewallResource, FirewallResourceLabelSelector
from hcloud.images.domain import Image
from hcloud.networks.domain import NetworkSubnet
from hcloud.server_types.domain import ServerType
from hcloud.servers.domain import Server, ServerCreatePublicNetwork

from common import DEBIAN, FSN, LABELS, TYPE, checks, client, done, has, reads


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
