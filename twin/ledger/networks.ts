import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud#networks';
const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#network-actions';
const FAQ = 'https://docs.hetzner.com/cloud/networks/faq/';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud';
const CCM = 'https://github.com/hetznercloud/hcloud-cloud-controller-manager';
const GO = 'https://github.com/hetznercloud/hcloud-go (v2.49 to v2.53)';
const PYTHON = 'https://github.com/hetznercloud/hcloud-python (v2.27)';

export const NETWORKS: readonly Behaviour[] = [
  {
    behaviour: 'a new network is there at once, without an action: empty, unprotected, hiding its routes',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created empty, unprotected and without exposing routes',
    routes: ['POST /networks', 'GET /networks/:id'],
  },
  {
    behaviour: 'subnets and routes of the body are made with the network; one that does not fit refuses all',
    source: `${REFERENCE}; that nothing is left is assumed`,
    certainty: 'documented',
    test: 'are created whole, with subnets and routes, or not at all',
  },
  {
    behaviour: 'the range is a private one of RFC 1918, /24 or larger, without host bits, IPv4 only',
    source: REFERENCE,
    certainty: 'documented',
    test: 'do not take %s as their range',
  },
  {
    behaviour:
      'uniqueness_error for a name that another network has, resource_limit_exceeded for one too many',
    source: `${REFERENCE}; https://docs.hetzner.cloud/reference/cloud#errors`,
    certainty: 'documented',
    test: 'have names of their own, and no more of them than the project may have',
  },
  {
    behaviour: 'networks are renamed, relabelled, told to expose routes, and listed by name and labels',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are renamed, relabelled, and told to expose routes; found by name and label',
    routes: ['GET /networks', 'PUT /networks/:id'],
  },
  {
    behaviour: 'a network keeps its name when a change repeats it, as Terraform does',
    source: `${TERRAFORM} (internal/network/resource.go)`,
    certainty: 'assumed',
    test: 'are not renamed to what another one is called, and may keep their name',
  },
  {
    behaviour: 'a write while another change of the network runs is 409 conflict, never locked',
    source: `${REFERENCE}; ${TERRAFORM} (internal/network/resource_route.go)`,
    certainty: 'documented',
    test: 'do one thing at a time: another write is a conflict',
  },
  {
    behaviour: 'deleting a network detaches its servers and load balancers by itself',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are deleted unless protected, and let go of servers and load balancers',
    routes: ['DELETE /networks/:id', 'POST /networks/:id/actions/change_protection'],
  },
  {
    behaviour: 'a protected network is 423 protected, "network is delete protected"',
    source: 'https://github.com/ansible-collections/hetzner.hcloud/pull/536',
    certainty: 'measured',
    test: 'are deleted unless protected, and let go of servers and load balancers',
  },
  {
    behaviour: 'the range of a network is extended at its end, never shrunk or moved',
    source: ACTIONS,
    certainty: 'documented',
    test: 'grow at their end only',
    routes: ['POST /networks/:id/actions/change_ip_range'],
  },
  {
    behaviour: 'networks_overlap when the wider range meets another network of one of the servers',
    source: 'attach_to_network refuses the same; nobody tells what an extension does',
    certainty: 'assumed',
    test: 'do not grow into another network of one of their servers',
  },
  {
    behaviour: 'every operation on a network that does not exist is 404 not_found',
    source: 'https://docs.hetzner.cloud/reference/cloud#errors',
    certainty: 'documented',
    test: 'that do not exist cannot be read, changed or deleted',
  },
  {
    behaviour: 'the actions of a network name it alone, and are listed and read in four ways',
    source: ACTIONS,
    certainty: 'documented',
    test: 'have actions, listed for each and for all, and read one by one',
    routes: [
      'GET /networks/actions',
      'GET /networks/actions/:id',
      'GET /networks/:id/actions',
      'GET /networks/:id/actions/:action',
    ],
  },
  {
    behaviour: 'members are servers and load balancers, with address, alias addresses, subnet and status',
    source: `${GO}; ${PYTHON}`,
    certainty: 'documented',
    test: 'are servers and load balancers, each with its addresses and subnet',
    routes: ['GET /networks/:id/members'],
  },
  {
    behaviour: 'members are selected by type, status and subnet, and sorted by id, type, status and ip',
    source: `${GO}; ${PYTHON}`,
    certainty: 'documented',
    test: 'are listed by type, status and subnet, sorted and in pages',
  },
  {
    behaviour:
      'a member is attaching while it is being attached, and updating while its alias addresses change',
    source: PYTHON,
    certainty: 'documented',
    test: 'are attaching until that action has ended, and updating while their alias addresses change',
  },
  {
    behaviour: 'a subnet without a range takes the first /24 that is free; no_subnet_available when none is',
    source: `${ACTIONS}; the refusal is assumed`,
    certainty: 'documented',
    test: 'take the first /24 that is free when they name no range',
    routes: ['POST /networks/:id/actions/add_subnet'],
  },
  {
    behaviour: 'a subnet is within the network, /30 or larger, and apart from other subnets and from routes',
    source: ACTIONS,
    certainty: 'documented',
    test: 'are refused when one %s',
  },
  {
    behaviour: 'all subnets of a network are in one network zone',
    source: FAQ,
    certainty: 'documented',
    test: 'are all in one zone that exists',
  },
  {
    behaviour:
      "a subnet's gateway is the first address of the network, and of a vSwitch's that of the subnet",
    source: `${TERRAFORM}/issues/675; the gateway of a vSwitch is assumed`,
    certainty: 'measured',
    test: 'of type vswitch have a vSwitch and a gateway of their own',
  },
  {
    behaviour: 'subnets of type vswitch need a vswitch_id and are in eu-central, other types have none',
    source: `${ACTIONS}; ${FAQ}`,
    certainty: 'documented',
    test: 'couple each vSwitch once, only in eu-central, and only one that there is',
  },
  {
    behaviour: 'vswitch_id_already_used, "vswitch id already used by another network"',
    source: `${TERRAFORM}/issues/1202`,
    certainty: 'measured',
    test: 'couple each vSwitch once, only in eu-central, and only one that there is',
  },
  {
    behaviour: 'a vSwitch of nobody is 422 service_error, "vswitch not found"',
    source: 'the code is that of the reference for what another service refuses',
    certainty: 'assumed',
    test: 'couple each vSwitch once, only in eu-central, and only one that there is',
  },
  {
    behaviour: 'servers of the cloud get no address from the subnet of a vSwitch: no_subnet_available',
    source: `${TERRAFORM}/issues/792, where the code of that time is service_error`,
    certainty: 'measured',
    test: 'that couple a vSwitch are not for servers of the cloud',
  },
  {
    behaviour: 'the first address of the network and 172.31.1.1 belong to nobody',
    source: REFERENCE,
    certainty: 'documented',
    test: 'never give away the first address of the network, nor 172.31.1.1',
  },
  {
    behaviour:
      'a subnet that somebody is in is service_error: "servers are attached", "network has attached resources"',
    source: `${TERRAFORM} (internal/network/resource_subnet.go)`,
    certainty: 'measured',
    test: 'stay as long as someone has an address of them, even an alias',
    routes: ['POST /networks/:id/actions/delete_subnet'],
  },
  {
    behaviour: 'resource_limit_exceeded for a subnet or route too many',
    source: `${FAQ}; https://docs.hetzner.cloud/reference/cloud#errors`,
    certainty: 'documented',
    test: 'are no more than a network may have',
  },
  {
    behaviour: 'routes are added and deleted by destination and gateway together; others are 404 not_found',
    source: `${ACTIONS}; ${TERRAFORM} (internal/network/resource_route.go)`,
    certainty: 'documented',
    test: 'are added and deleted by destination and gateway, and the engine hears of them',
    routes: ['POST /networks/:id/actions/add_route', 'POST /networks/:id/actions/delete_route'],
  },
  {
    behaviour:
      'a gateway is an address of the network, not its first one, not 172.31.1.1, not behind a vSwitch',
    source: ACTIONS,
    certainty: 'documented',
    test: 'do not lead by %s',
  },
  {
    behaviour: 'any other gateway is invalid_input, "invalid gateway"',
    source: `https://github.com/hetznercloud/cli/issues/826; ${CCM}/issues/301`,
    certainty: 'measured',
    test: 'do not lead by %s',
  },
  {
    behaviour:
      'a destination that meets a subnet or a route is invalid_input: "… overlaps with another subnetwork or network route"',
    source: `${CCM}/pull/577`,
    certainty: 'measured',
    test: 'do not have a destination %s',
  },
  {
    behaviour: 'a destination is private, without 172.31.1.1 and without host bits',
    source: ACTIONS,
    certainty: 'documented',
    test: 'do not lead to %s',
  },
  {
    behaviour: 'the destination 0.0.0.0/0 is possible once, and overlaps with nothing else',
    source: `${ACTIONS}; https://github.com/hetznercloud/cli/issues/826`,
    certainty: 'documented',
    test: 'to everywhere stand in nobody’s way, and there is one of them',
  },
];

export const NETWORKS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'members are never `detaching` nor `error`: who is being detached is gone from the list at once',
    why: 'a detachment is true as soon as it is asked for, and one that fails is taken back as a whole',
  },
  {
    what: 'a vSwitch can be coupled again as soon as its subnet is deleted',
    why: 'Hetzner needs some minutes, in which it is vswitch_id_already_used; tests would have to wait for them',
  },
  {
    what: 'any number is a vSwitch until `twin set robot.vswitches=…` says which there are',
    why: 'the twin has no Robot account; nothing is connected to such a subnet either',
  },
  {
    what: '`expose_routes_to_vswitch` is kept and told, and does nothing',
    why: 'there is no dedicated server that could see the routes',
  },
];
