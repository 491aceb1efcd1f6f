import type { Behaviour, Difference } from './behaviour.ts';

const PRIMARY = 'https://docs.hetzner.cloud/reference/cloud#primary-ips';
const PRIMARY_ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#primary-ip-actions';
const FLOATING = 'https://docs.hetzner.cloud/reference/cloud#floating-ips';
const FLOATING_ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#floating-ip-actions';
const CHANGELOG = 'https://docs.hetzner.cloud/changelog';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';
const PROVIDER = 'https://github.com/hetznercloud/terraform-provider-hcloud';
const NOBODY = 'nobody tells';

const PRIMARY_IPS: readonly Behaviour[] = [
  {
    behaviour: 'a new primary IP is unassigned; IPv4 has a standard name, IPv6 is a /64 without any',
    source: `${PRIMARY}; ${CHANGELOG}#2026-04-27-primary-ips-will-return-unassigned`,
    certainty: 'documented',
    test: 'are created unassigned in a location, IPv4 with its standard name, IPv6 as a /64 without',
    routes: ['POST /primary_ips', 'GET /primary_ips/:id'],
  },
  {
    behaviour: 'assignee_type of a new primary IP is optional: server or unassigned',
    source: `${CHANGELOG}#2026-04-27-primary-ips-make-assignee_type-optional; unassigned is assumed`,
    certainty: 'documented',
    test: 'are told to be unassigned, or named by the type of what they are to be assigned to',
  },
  {
    behaviour: 'a primary IP is created with a location or with an assignee, in the location of which it is',
    source: PRIMARY,
    certainty: 'documented',
    test: 'need a place: a location that exists, or a server',
  },
  {
    behaviour: 'POST /primary_ips for a server: server_not_stopped, server_has_ipv4, server_has_ipv6',
    source: PRIMARY,
    certainty: 'documented',
    test: 'are created for a server that is stopped and has room for them',
  },
  {
    behaviour: 'names of primary IPs are unique; more than the account may have are primary_ip_limit',
    source: `${PRIMARY}; https://github.com/OpenRouterLabs/spawn/issues/2902`,
    certainty: 'measured',
    test: 'have names of their own, and are no more than the project may have',
  },
  {
    behaviour: 'primary IPs are listed by name, ip and labels, sorted by id and creation; by type is more',
    source: `${PRIMARY}; the type is assumed`,
    certainty: 'documented',
    test: 'are found by name, address and label',
    routes: ['GET /primary_ips'],
  },
  {
    behaviour: 'a primary IP changes its name, labels and auto_delete, by which it goes with its assignee',
    source: PRIMARY,
    certainty: 'documented',
    test: 'are renamed, relabelled, and go with what they are assigned to when that is told',
    routes: ['PUT /primary_ips/:id'],
  },
  {
    behaviour:
      'assign and unassign need a stopped server (server_not_stopped); writes to the address are a conflict meanwhile, and the server is locked',
    source: `${PRIMARY_ACTIONS}; ${PRIMARY}-update-a-primary-ip; that the server is locked is assumed`,
    certainty: 'documented',
    test: 'are assigned to a server and taken from it while it is stopped; both are locked meanwhile',
    routes: ['POST /primary_ips/:id/actions/assign', 'POST /primary_ips/:id/actions/unassign'],
  },
  {
    behaviour:
      'primary_ip_already_assigned, server_has_ipv4, server_has_ipv6; the server is in the same location',
    source: `${PRIMARY_ACTIONS}; ${PROVIDER}/pull/1353; the code for another location is assumed`,
    certainty: 'measured',
    test: 'are at one server only, in its own location, one of each version',
  },
  {
    behaviour: 'a server whose last interface was unassigned is not started',
    source: PRIMARY_ACTIONS,
    certainty: 'documented',
    test: 'leave a server that cannot be started without any',
  },
  {
    behaviour: 'a primary IP is deleted only when it is unassigned (must_be_unassigned) and not protected',
    source: `${PRIMARY}; ${ANSIBLE}/primary_ip`,
    certainty: 'measured',
    test: 'are deleted when they are unassigned and not protected',
    routes: ['DELETE /primary_ips/:id'],
  },
  {
    behaviour: 'a primary IP with auto_delete is not protected, nor the other way round',
    source: `${PRIMARY_ACTIONS}; the code invalid_input is assumed`,
    certainty: 'documented',
    test: 'are protected, or deleted with what they are assigned to, but not both',
    routes: ['POST /primary_ips/:id/actions/change_protection'],
  },
  {
    behaviour: 'change_dns_ptr of a primary IP takes its own address, or any of its /64, as RFC 5952 has it',
    source: `${PRIMARY_ACTIONS}; the form is assumed`,
    certainty: 'documented',
    test: 'are named: IPv4 by its own address, IPv6 by any in the /64; null puts back what was',
    routes: ['POST /primary_ips/:id/actions/change_dns_ptr'],
  },
  {
    behaviour: 'a primary IP with a running action is not deleted: conflict',
    source: `${PRIMARY}-update-a-primary-ip says so of updates`,
    certainty: 'assumed',
    test: 'are not deleted while an action of theirs runs',
  },
  {
    behaviour: 'an address that was given back is not given away next',
    source: NOBODY,
    certainty: 'assumed',
    test: 'are not given away again at once',
  },
];

const FLOATING_IPS: readonly Behaviour[] = [
  {
    behaviour: 'a floating IP has a home location and, if none is given, a name of its own',
    source: `${FLOATING}; the form of the name is assumed`,
    certainty: 'documented',
    test: 'are created in a home location, with a name of their own if none is given',
    routes: ['POST /floating_ips', 'GET /floating_ips/:id'],
  },
  {
    behaviour: 'a floating IP that is created for a server has its location as its home',
    source: FLOATING,
    certainty: 'documented',
    test: 'are created at a server, whose location is their home then',
  },
  {
    behaviour: 'without home_location and server a floating IP is refused, both fields named',
    source: `${FLOATING}; ${ANSIBLE}/floating_ip`,
    certainty: 'measured',
    test: 'need a type, and a home or server that exists',
  },
  {
    behaviour: 'names of floating IPs are unique, and their number is limited',
    source: `${FLOATING}; the name of the limit is assumed`,
    certainty: 'documented',
    test: 'have names of their own, and are no more than the project may have',
  },
  {
    behaviour: 'floating IPs are listed by name and labels, and changed in name, labels and description',
    source: `${FLOATING}; that they are found by ip and type as well is assumed`,
    certainty: 'documented',
    test: 'are found by name, address and label; renamed, relabelled and described',
    routes: ['GET /floating_ips', 'PUT /floating_ips/:id'],
  },
  {
    behaviour: 'a floating IP is assigned again while it is assigned, to a server in any location',
    source: FLOATING,
    certainty: 'documented',
    test: 'move from server to server, in whatever location and whether they run or not',
    routes: ['POST /floating_ips/:id/actions/assign', 'POST /floating_ips/:id/actions/unassign'],
  },
  {
    behaviour: 'floating_ip_assigned: to the server that has the floating IP already',
    source: `${FLOATING_ACTIONS} names the code; that another server does not get it is assumed`,
    certainty: 'documented',
    test: 'move from server to server, in whatever location and whether they run or not',
  },
  {
    behaviour: 'unassign of what is not assigned is service_error, "cannot unassign Floating IP because …"',
    source: `${PROVIDER}/issues/279`,
    certainty: 'measured',
    test: 'move from server to server, in whatever location and whether they run or not',
  },
  {
    behaviour:
      'a floating IP with a running action refuses every write with conflict; its server is not locked',
    source: 'https://docs.hetzner.cloud/reference/cloud#errors; that the server is not is assumed',
    certainty: 'documented',
    test: 'do one thing at a time: another write is a conflict',
  },
  {
    behaviour: 'a floating IP is deleted only when it is unassigned (must_be_unassigned) and not protected',
    source: `${FLOATING}; ${ANSIBLE}/floating_ip`,
    certainty: 'measured',
    test: 'are deleted when they are unassigned and not protected',
    routes: ['DELETE /floating_ips/:id', 'POST /floating_ips/:id/actions/change_protection'],
  },
  {
    behaviour: 'change_dns_ptr of a floating IP is that of a primary IP',
    source: FLOATING_ACTIONS,
    certainty: 'documented',
    test: 'are named as primary IPs are',
    routes: ['POST /floating_ips/:id/actions/change_dns_ptr'],
  },
];

export const ADDRESSES: readonly Behaviour[] = [...PRIMARY_IPS, ...FLOATING_IPS];

export const ADDRESSES_DIFFERENCES: readonly Difference[] = [
  {
    what: 'addresses are of 198.18.0.0/15 and 2001:db8::/32, which nobody on the Internet has',
    why: 'they exist on this computer only, and must not hide what is elsewhere',
  },
  {
    what: 'names of addresses are told and served by no name server',
    why: 'nobody asks one for addresses that exist here only',
  },
  {
    what: 'no address is ever blocked',
    why: 'there is nothing here to be abused',
  },
  {
    what: '`"server": null` in assign of a floating IP is refused, though the reference has it nullable',
    why: 'it does not say what that would mean; unassign takes an address away',
  },
];
