import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud#load-balancers';
const CERTIFICATES = 'https://docs.hetzner.cloud/reference/cloud#certificates';
const CHANGELOG =
  'https://docs.hetzner.cloud/changelog#2026-10-05-load-balancers-can-use-existing-primary-ips';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';
const TERRAFORM =
  'https://github.com/hetznercloud/terraform-provider-hcloud (internal/loadbalancer, docs/resources)';
const PYTHON = 'https://github.com/hetznercloud/hcloud-python (tests/unit/load_balancer_types)';
const GO = 'https://github.com/hetznercloud/hcloud-go (v2.50 to v2.53)';
const FAQ = 'https://docs.hetzner.com/cloud/load-balancers/faq/';

export const LOAD_BALANCERS: readonly Behaviour[] = [
  {
    behaviour: 'lb11, lb21 and lb31 with their services, targets, connections, certificates and prices',
    source: PYTHON,
    certainty: 'measured',
    test: 'come in three types, with limits and prices',
    routes: ['GET /load_balancer_types', 'GET /load_balancer_types/:id'],
  },
  {
    behaviour:
      'a new load balancer is round_robin, unprotected, public, and in the location or zone asked for',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created with public addresses of their own, round robin and without protection',
    routes: ['POST /load_balancers', 'GET /load_balancers/:id'],
  },
  {
    behaviour:
      'the location of a new load balancer is its name or its id, which hcloud-python sends as a number',
    source: 'https://github.com/hetznercloud/hcloud-python (hcloud/load_balancers/client.py)',
    certainty: 'measured',
    test: 'are placed by the id of a location as well as by its name',
  },
  {
    behaviour:
      "its addresses are primary IPs: given ones, which stay after it, or new ones, which go with it; each is its assignee's for life",
    source: CHANGELOG,
    certainty: 'documented',
    test: 'hold primary IPs for life: new ones that go with them, or those that were asked for',
  },
  {
    behaviour:
      'a primary IP of a load balancer has assignee_type load_balancer and refuses unassign with unsupported_error',
    source: CHANGELOG,
    certainty: 'assumed',
    test: 'hold primary IPs for life: new ones that go with them, or those that were asked for',
  },
  {
    behaviour:
      'creation takes services, targets and a network as a whole or fails as a whole, with 412 for a port used twice',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created whole, with services, targets and a network, or not at all',
  },
  {
    behaviour: 'a load balancer without public interface needs a network at creation',
    source: 'by what disable_public_interface demands',
    certainty: 'assumed',
    test: 'without a public interface need a network from the first moment',
  },
  {
    behaviour: 'DELETE answers 201 with an action; a protected one answers 423',
    source: 'https://docs.hetzner.cloud/changelog#2026-10-05-delete-load-balancer-returns-action',
    certainty: 'documented',
    test: 'are renamed, relabelled, found by name and label, and deleted unless protected',
    routes: [
      'GET /load_balancers',
      'PUT /load_balancers/:id',
      'DELETE /load_balancers/:id',
      'POST /load_balancers/:id/actions/change_protection',
    ],
  },
  {
    behaviour: 'while one action of a load balancer runs, every other write to it answers 409 conflict',
    source: 'https://github.com/hetznercloud/terraform-provider-hcloud/issues/182',
    certainty: 'measured',
    test: 'do one thing at a time: another write is a conflict',
  },
  {
    behaviour: 'the algorithm is round_robin or least_connections, and may change',
    source: REFERENCE,
    certainty: 'documented',
    test: 'do one thing at a time: another write is a conflict',
    routes: ['POST /load_balancers/:id/actions/change_algorithm'],
  },
  {
    behaviour: 'change_type answers invalid_load_balancer_type when the type does not hold what there is',
    source: REFERENCE,
    certainty: 'documented',
    test: 'change their type only to one that holds what they have',
    routes: ['POST /load_balancers/:id/actions/change_type'],
  },
  {
    behaviour: 'change_dns_ptr sets and resets the pointer of either address',
    source: REFERENCE,
    certainty: 'documented',
    test: 'have a pointer for each of their addresses, set and taken back',
    routes: ['POST /load_balancers/:id/actions/change_dns_ptr'],
  },
  {
    behaviour: 'attach_to_network takes ip or ip_range; without either the last subnet gives the address',
    source: `${REFERENCE}; ${ANSIBLE}`,
    certainty: 'documented',
    test: 'take an address of the last subnet, of the one that was asked for, or the very address',
    routes: ['POST /load_balancers/:id/actions/attach_to_network'],
  },
  {
    behaviour: 'load_balancer_already_attached, no_subnet_available and ip_not_available on attaching',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are in one only, and not in one that has no place for them',
  },
  {
    behaviour: 'deleting a network detaches its load balancers, and removes targets that they reached by it',
    source: `${TERRAFORM}, comment in removeLoadBalancerTarget`,
    certainty: 'measured',
    test: 'leave it when it is deleted, and the network forgets them when they are',
  },
  {
    behaviour: 'detaching a server or a load balancer from the network removes private targets, too',
    source: 'by what deleting the network does',
    certainty: 'assumed',
    test: 'go with the server, and with the network by which they were reached',
    routes: ['POST /load_balancers/:id/actions/detach_from_network'],
  },
  {
    behaviour: 'disable_public_interface needs a network and no target by its public address',
    source: REFERENCE,
    certainty: 'documented',
    test: 'may close their public interface, and open it again',
    routes: [
      'POST /load_balancers/:id/actions/disable_public_interface',
      'POST /load_balancers/:id/actions/enable_public_interface',
    ],
  },
  {
    behaviour:
      'services of HTTP have ports 80 to 80, of HTTPS 443 to 80; health checks every 15 s, 10 s, 3 times',
    source: `${ANSIBLE}; ${TERRAFORM}`,
    certainty: 'measured',
    test: 'of HTTP and HTTPS have standard ports, a page that is asked for, and a cookie',
  },
  {
    behaviour: 'services of TCP need both ports and have no http settings',
    source: `${ANSIBLE}; ${TERRAFORM}`,
    certainty: 'measured',
    test: 'of TCP need both ports, and are checked by a connection to the one that they lead to',
    routes: ['POST /load_balancers/:id/actions/add_service'],
  },
  {
    behaviour: 'update_service changes what it names; a TCP service that becomes HTTP keeps its health check',
    source: ANSIBLE,
    certainty: 'measured',
    test: 'change in single settings; the others stay',
    routes: ['POST /load_balancers/:id/actions/update_service'],
  },
  {
    behaviour: 'delete_service goes by the port; one that no service has is not_found',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are deleted by their port',
    routes: ['POST /load_balancers/:id/actions/delete_service'],
  },
  {
    behaviour:
      'source_port_already_used is 412 for add_service and 422 for update_service; redirect_http takes port 80',
    source: `${REFERENCE}; https://github.com/hetznercloud/hcloud-cloud-controller-manager/issues/916`,
    certainty: 'measured',
    test: 'share no port: 412 for a new one, 422 for a change; a redirection takes port 80',
  },
  {
    behaviour: 'more services, targets or certificates than the type allows answer resource_limit_exceeded',
    source: 'https://github.com/hetznercloud/hcloud-cloud-controller-manager (internal/hcops)',
    certainty: 'measured',
    test: 'are no more than their type allows, and neither are their certificates',
  },
  {
    behaviour:
      'target_already_defined, load_balancer_public_interface_disabled, and "cloud target was not found"',
    source: `${REFERENCE}; https://github.com/hetznercloud/terraform-provider-hcloud/issues/1156`,
    certainty: 'documented',
    test: 'are not added twice, not without the public interface, and only when they exist',
    routes: ['POST /load_balancers/:id/actions/add_target', 'POST /load_balancers/:id/actions/remove_target'],
  },
  {
    behaviour:
      'resolve_cloud_private_targets_error and resolve_cloud_public_targets_error, load_balancer_not_attached_to_network',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are servers by their private address when both are in the same network',
  },
  {
    behaviour: 'a target that is not there answers load_balancer_target_not_found, "target not found"',
    source: TERRAFORM,
    certainty: 'measured',
    test: 'are not added twice, not without the public interface, and only when they exist',
  },
  {
    behaviour: 'a label selector follows labels, and lists the servers that it means',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are servers by their labels, which may come and go',
  },
  {
    behaviour: 'a label selector means only servers that have the address it needs',
    source: 'nothing else could be balanced to',
    certainty: 'assumed',
    test: 'selected by labels are only those that the load balancer reaches',
  },
  {
    behaviour: 'a server lists the load balancers that send to it',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers',
    certainty: 'documented',
    test: 'are told at the server too',
  },
  {
    behaviour: 'server_is_load_balancer_target: a public target keeps its IPv4 address',
    source: 'https://docs.hetzner.cloud/reference/cloud#primary-ip-actions',
    certainty: 'documented',
    test: 'keep a server from losing the address that they need',
  },
  {
    behaviour: 'ip_not_owned, network_has_no_vswitch_subnet and ip_not_in_vswitch_subnet for IP targets',
    source: `${REFERENCE}; ${FAQ}`,
    certainty: 'documented',
    test: 'may be addresses of Robot servers only',
  },
  {
    behaviour: 'an unhealthy target tells detail and, for an unexpected status, http_status_code',
    source: GO,
    certainty: 'documented',
    test: 'are as healthy as the proxy finds them, where there is one, and say why they are not',
  },
  {
    behaviour: 'metrics by type, 200 samples unless a step is given, 500 at most',
    source: REFERENCE,
    certainty: 'documented',
    test: 'have about 200 samples when no step is asked for, and never more than 500',
    routes: ['GET /load_balancers/:id/metrics'],
  },
  {
    behaviour: 'HTTP targets hear X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port',
    source: `${FAQ}#do-load-balancers-forward-special-http-headers`,
    certainty: 'documented',
    test: 'balances HTTP over targets in two locations, and tells them who asks',
  },
  {
    behaviour: 'targets with proxyprotocol hear the PROXY header, version 1',
    source: 'Hetzner tells no version; every server that reads the header reads this one',
    certainty: 'assumed',
    test: 'balances TCP, and tells targets by the PROXY protocol who connects',
  },
  {
    behaviour: 'health checks speak the PROXY protocol on the port of the service, and not on another one',
    source: 'a target that expects the header would never be healthy otherwise',
    certainty: 'assumed',
    test: 'begins connections with the PROXY header, those of health checks too when they go to the same port',
  },
  {
    behaviour: 'a target that stops is left out after its retries, and taken back after as many',
    source: REFERENCE,
    certainty: 'documented',
    test: 'goes on without a target that has stopped, and takes it back',
  },
  {
    behaviour: 'sticky sessions by a cookie of the given name and lifetime',
    source: REFERENCE,
    certainty: 'documented',
    test: 'keeps a client at its target by a cookie, when asked to',
  },
  {
    behaviour: 'HTTPS ends at the load balancer with its certificates; redirect_http answers 301 on port 80',
    source: `${REFERENCE}; the status is assumed`,
    certainty: 'documented',
    test: 'ends TLS with an uploaded certificate, and sends HTTP to HTTPS',
  },
  {
    behaviour: 'an https service without certificates passes TLS through',
    source: REFERENCE,
    certainty: 'documented',
    test: 'passes TLS on when a service has no certificate',
  },
  {
    behaviour: 'a change of a load balancer cuts no connection',
    source: 'nobody reports that one does',
    certainty: 'assumed',
    test: 'changes without cutting a connection',
  },
  {
    behaviour: 'cloud firewalls do not guard load balancers, nor what they send by the private network',
    source: 'https://docs.hetzner.com/cloud/firewalls/faq/',
    certainty: 'documented',
    test: 'reaches targets by the private network alone, whatever their firewall says',
  },
  {
    behaviour:
      'an uploaded certificate tells its SHA-256 fingerprint, domains and validity; its key must fit and its chain be in order',
    source: CERTIFICATES,
    certainty: 'documented',
    test: 'are uploaded in PEM, and tell what they say of themselves',
    routes: ['POST /certificates', 'GET /certificates/:id'],
  },
  {
    behaviour: 'certificates are renamed, relabelled, and listed by name, type and labels',
    source: CERTIFICATES,
    certainty: 'documented',
    test: 'are renamed, relabelled, listed by type and deleted',
    routes: ['GET /certificates', 'PUT /certificates/:id'],
  },
  {
    behaviour: 'retry of an uploaded certificate answers unsupported_error',
    source: CERTIFICATES,
    certainty: 'assumed',
    test: 'are not issued again, as none of them is managed',
    routes: ['POST /certificates/:id/actions/retry'],
  },
  {
    behaviour: 'a certificate that is used tells by whom, and answers resource_in_use to DELETE',
    source: CERTIFICATES,
    certainty: 'documented',
    test: 'tell which load balancers use them, and cannot be deleted as long as one does',
    routes: ['DELETE /certificates/:id'],
  },
];

export const LOAD_BALANCERS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'managed certificates are refused with unsupported_error',
    why: "no certificate authority is reached from here; the message says to upload one, and Let's Encrypt would not sign for a local address",
  },
  {
    what: 'with the engine none a target is healthy as long as its server runs, and an IP target is unknown',
    why: 'there is nothing to ask; what runs is what the API says',
  },
  {
    what: 'public IP targets are owned only when `twin set robot.addresses=…` says so',
    why: 'the twin has no Robot account whose servers it could know',
  },
  {
    what: 'metrics and traffic count from the start of the twin, and say 0 for times before',
    why: 'the proxy keeps no history, and none is invented',
  },
  {
    what: 'connections by TCP that say nothing for an hour are closed; a connection to a target is given up after 5 s',
    why: 'Hetzner tells neither; both are assumed',
  },
  {
    what: 'a load balancer in a network zone is in its first location, or in that of the primary IP it was given',
    why: 'Hetzner chooses by its own capacity',
  },
  {
    what: 'lb11 has 10,000 connections, not the 20,000 of the example in the reference',
    why: "the example is older than the catalogue rows in hcloud-python's tests",
  },
  {
    what: '`hcloud load-balancer metrics` of hcloud-cli 1.30.3 panics while nothing goes through',
    why: 'its graph cannot draw a series whose values are all the same, wherever that comes from',
  },
];
