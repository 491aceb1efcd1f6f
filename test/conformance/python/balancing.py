"""Load balancers and their certificates."""

import subprocess
from datetime import datetime, timedelta, timezone
from typing import Any

from hcloud import APIException
from hcloud.load_balancer_types.domain import LoadBalancerType
from hcloud.load_balancers.domain import (
    LoadBalancerAlgorithm,
    LoadBalancerHealthCheck,
    LoadBalancerService,
    LoadBalancerTarget,
)

from common import FSN, LABELS, checks, client, done, has, reads


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
