import type { Behaviour } from './behaviour.ts';

const FLOATING = 'https://docs.hetzner.cloud/reference/cloud#floating-ips';
const PRIMARY = 'https://docs.hetzner.cloud/reference/cloud#primary-ips';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';

export const ADDRESSES: readonly Behaviour[] = [
  {
    behaviour: 'a floating IP is an IPv4 address or a /64, and named after its number unless asked otherwise',
    source: FLOATING,
    certainty: 'documented',
    test: 'are an IPv4 address or a whole /64, each given once, named by their number unless asked otherwise',
    routes: ['GET /floating_ips/:id'],
  },
  {
    behaviour: 'home_location or server must be given, and a server gives its location',
    source: FLOATING,
    certainty: 'documented',
    test: 'need a home or a server that has one',
    routes: ['POST /floating_ips'],
  },
  {
    behaviour:
      'assigning takes a floating IP from whoever had it; floating_ip_assigned for who has it already',
    source: FLOATING,
    certainty: 'documented',
    test: 'move from one server to another, whatever its location, and are free in the end',
    routes: ['POST /floating_ips/:id/actions/assign', 'POST /floating_ips/:id/actions/unassign'],
  },
  {
    behaviour:
      'IPv4 has a standard pointer, which null puts back; IPv6 has one for each address that was named',
    source: ANSIBLE,
    certainty: 'measured',
    test: 'have a standard pointer for IPv4 and none for IPv6, and any address of the /64 can get one',
    routes: ['POST /floating_ips/:id/actions/change_dns_ptr'],
  },
  {
    behaviour: 'must_be_unassigned on deletion, and protected',
    source: FLOATING,
    certainty: 'documented',
    test: 'are changed, found by their address, and deleted once they are free and unprotected',
    routes: [
      'GET /floating_ips',
      'PUT /floating_ips/:id',
      'DELETE /floating_ips/:id',
      'POST /floating_ips/:id/actions/change_protection',
    ],
  },
  {
    behaviour: 'a floating IP outlives its server',
    source: FLOATING,
    certainty: 'documented',
    test: 'outlive their server, unassigned',
  },
  {
    behaviour: 'a primary IP that was asked for is free and has auto_delete off',
    source: PRIMARY,
    certainty: 'documented',
    test: 'are created free, and stay after their server unless they say otherwise',
    routes: ['GET /primary_ips/:id'],
  },
  {
    behaviour: 'location or assignee_id must be given, and both agree',
    source: PRIMARY,
    certainty: 'documented',
    test: 'need a location or a server, and the server is in the location',
    routes: ['POST /primary_ips'],
  },
  {
    behaviour: 'server_not_stopped, server_has_ipv4 and primary_ip_already_assigned',
    source: PRIMARY,
    certainty: 'documented',
    test: 'go to a server only while it is off and has none of their kind, in the same location',
    routes: ['POST /primary_ips/:id/actions/assign', 'POST /primary_ips/:id/actions/unassign'],
  },
  {
    behaviour:
      'primary_ip_version_mismatch, primary_ip_datacenter_mismatch and primary_ip_assigned on creating a server',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers',
    certainty: 'documented',
    test: 'are given to new servers only when kind, place and freedom fit',
  },
  {
    behaviour: 'addresses that a server made for itself go with it, others stay',
    source: PRIMARY,
    certainty: 'documented',
    test: 'of a deleted server stay, but for those that go with it',
  },
  {
    behaviour: 'protection and auto_delete exclude each other',
    source: 'by what each of them says',
    certainty: 'assumed',
    test: 'are either protected, or go with their server',
    routes: ['POST /primary_ips/:id/actions/change_protection', 'PUT /primary_ips/:id'],
  },
  {
    behaviour: 'must_be_unassigned on deletion, and protected, of primary IPs',
    source: PRIMARY,
    certainty: 'documented',
    test: 'are changed, found by their address, and deleted once they are free and unprotected',
    routes: ['GET /primary_ips', 'DELETE /primary_ips/:id', 'POST /primary_ips/:id/actions/change_dns_ptr'],
  },
];
