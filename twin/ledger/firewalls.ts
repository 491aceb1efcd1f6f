import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud#firewalls';
const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#firewall-actions';
const OVERVIEW = 'https://docs.hetzner.com/cloud/firewalls/overview/';
const CHANGELOG =
  'https://docs.hetzner.cloud/changelog#2025-08-04-multiple-api-behavior-changes-for-firewalls';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud (internal/firewall)';

export const FIREWALLS: readonly Behaviour[] = [
  {
    behaviour: 'a new firewall has its rules, guards nobody, and is told with the action set_firewall_rules',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created with rules, applied to nothing, by one action',
    routes: ['POST /firewalls', 'GET /firewalls/:id'],
  },
  {
    behaviour: 'apply_to of a new firewall is an action for each server',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created and applied at once, with an action for each server, or not at all',
  },
  {
    behaviour:
      'at creation server_already_added, incompatible_network_type and firewall_resource_not_found are 422',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created and applied at once, with an action for each server, or not at all',
  },
  {
    behaviour:
      'names are unique, of 128 characters at most; resource_limit_exceeded for one firewall too many',
    source: `${REFERENCE}; ${OVERVIEW}`,
    certainty: 'documented',
    test: 'have names of up to 128 characters of their own, and are no more than the project may have',
  },
  {
    behaviour: 'firewalls are renamed and relabelled without losing rules, and listed by name and labels',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are renamed and relabelled, and found by name and labels',
    routes: ['GET /firewalls', 'PUT /firewalls/:id'],
  },
  {
    behaviour: 'a firewall that guards somebody is 422 resource_in_use, "firewall with ID … is still in use"',
    source: `${ANSIBLE}/issues/380`,
    certainty: 'measured',
    test: 'are deleted when they guard nobody any more',
    routes: ['DELETE /firewalls/:id'],
  },
  {
    behaviour: 'a label selector alone, which means no server right now, is a use too',
    source: 'the firewall is applied to something, which applied_to tells',
    certainty: 'assumed',
    test: 'by labels is one action without a server when they mean none',
  },
  {
    behaviour: 'a server that is deleted is guarded no more',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers-delete-a-server',
    certainty: 'documented',
    test: 'let go of a server that is deleted',
  },
  {
    behaviour: 'a write while another change of the firewall runs is 409 conflict',
    source: `${REFERENCE}; ${TERRAFORM}`,
    certainty: 'documented',
    test: 'do one thing at a time: another write is a conflict',
  },
  {
    behaviour: 'every operation on a firewall that does not exist is 404 not_found',
    source: 'https://docs.hetzner.cloud/reference/cloud#errors',
    certainty: 'documented',
    test: 'that do not exist cannot be read, changed or deleted',
  },
  {
    behaviour: 'actions on servers name server and firewall, and are listed at both',
    source: ACTIONS,
    certainty: 'documented',
    test: 'have actions, listed for each and for all, and read one by one',
    routes: [
      'GET /firewalls/actions',
      'GET /firewalls/actions/:id',
      'GET /firewalls/:id/actions',
      'GET /firewalls/:id/actions/:action',
    ],
  },
  {
    behaviour: 'set_rules replaces all rules: one action for the firewall, and one for each server it guards',
    source: ACTIONS,
    certainty: 'documented',
    test: 'are replaced as a whole, by actions for the firewall and each server that it guards',
    routes: ['POST /firewalls/:id/actions/set_rules'],
  },
  {
    behaviour: 'an empty list removes all rules, after which everything that comes in is dropped',
    source: `${ACTIONS}; ${REFERENCE}`,
    certainty: 'documented',
    test: 'are all gone after an empty list, and then nothing comes in',
  },
  {
    behaviour: 'ranges of IPv6 are told in the form of RFC 5952',
    source: REFERENCE,
    certainty: 'documented',
    test: 'take ranges of IPv6 in any form, and show them in the canonical one',
  },
  {
    behaviour: 'rules of tcp and udp have a port or a range of ports, those of icmp, esp and gre none',
    source: `${REFERENCE}; https://github.com/hetznercloud/cli/pull/329`,
    certainty: 'documented',
    test: 'may name %s',
  },
  {
    behaviour: 'the port `any` is all of them',
    source: `${TERRAFORM}: resource_test.go; https://github.com/syself/cluster-api-provider-hetzner/issues/1615`,
    certainty: 'measured',
    test: 'may name %s',
  },
  {
    behaviour: 'a rule that does not fit is invalid_input with its place, such as rules.0.port',
    source: `${REFERENCE}; the form of the place is assumed`,
    certainty: 'documented',
    test: 'are refused with %s',
  },
  {
    behaviour:
      'ranges have no host bits; what comes in has sources, what goes out destinations, at least one',
    source: `${REFERENCE}; that the other list is refused is assumed`,
    certainty: 'documented',
    test: 'are refused with %s',
  },
  {
    behaviour: '50 rules, 100 ranges of one and 500 of all at most; more are invalid_input',
    source: `${REFERENCE}; ${OVERVIEW}; the code is assumed`,
    certainty: 'documented',
    test: 'are 50 at most, with 100 ranges each, and 500 ranges in all',
  },
  {
    behaviour: 'a server with several firewalls lets in what any of them allows',
    source: OVERVIEW,
    certainty: 'documented',
    test: 'of several firewalls add up',
  },
  {
    behaviour: 'rules are those of before when the action that sets them fails',
    source: 'failed actions are taken back everywhere here',
    certainty: 'assumed',
    test: 'are as before when the action that sets them fails',
  },
  {
    behaviour: 'apply_to_resources and remove_from_resources are an action for each server, and add or take',
    source: `${ACTIONS}; ${ANSIBLE}/pull/324`,
    certainty: 'documented',
    test: 'is servers, which say so too, each by an action of its own',
    routes: [
      'POST /firewalls/:id/actions/apply_to_resources',
      'POST /firewalls/:id/actions/remove_from_resources',
    ],
  },
  {
    behaviour: 'a server tells its firewalls as pending until that action has ended, and as applied then',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers',
    certainty: 'documented',
    test: 'is pending at the server until the action has ended',
  },
  {
    behaviour: 'an empty list of resources is taken, and nothing is done',
    source: `${TERRAFORM}: attachment_resource.go sends such lists`,
    certainty: 'measured',
    test: 'may be an empty list, which does nothing',
  },
  {
    behaviour:
      'firewall_already_applied, private_net_only_server, and 404 firewall_resource_not_found when applying',
    source: ACTIONS,
    certainty: 'documented',
    test: 'is nothing twice, nothing that does not exist, and no server without a public interface',
  },
  {
    behaviour: 'a resource that is not a server or a selector that can be read is invalid_input',
    source: ACTIONS,
    certainty: 'documented',
    test: 'is not %s',
  },
  {
    behaviour:
      'five firewalls of a server at most, those by labels counted; those that were applied come first',
    source: `${ACTIONS}; ${REFERENCE}; ${OVERVIEW}`,
    certainty: 'documented',
    test: 'is no more of a server than five firewalls, of which those by labels come last',
  },
  {
    behaviour: 'one firewall too many for a server is resource_limit_exceeded',
    source: 'the code of the reference for every limit',
    certainty: 'assumed',
    test: 'is no more of a server than five firewalls, of which those by labels come last',
  },
  {
    behaviour: 'a resource that it is not applied to is 404 firewall_resource_not_found when removing',
    source: `${ACTIONS}; ${CHANGELOG}`,
    certainty: 'documented',
    test: 'is removed only where it is',
  },
  {
    behaviour:
      'a label selector follows labels, tells in applied_to_resources whom it means, and is an action each',
    source: `${REFERENCE}; that each change is an action is assumed`,
    certainty: 'documented',
    test: 'is servers by their labels, with those that they mean right now',
  },
  {
    behaviour:
      'firewall_managed_by_label_selector when it is to be removed from one server that labels select',
    source: `${ACTIONS}; https://github.com/hcloud-talos/terraform-hcloud-talos/pull/494`,
    certainty: 'documented',
    test: 'by labels cannot be removed from a single server',
  },
  {
    behaviour: 'a server that is selected and was applied to as well is guarded until neither holds',
    source: 'two reasons are two reasons',
    certainty: 'assumed',
    test: 'both ways guards a server until neither does',
  },
  {
    behaviour: 'firewalls of a new server guard it before it boots',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers-create-a-server',
    certainty: 'documented',
    test: 'is known when a server is created, and refused like any other',
  },
];

export const FIREWALLS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'a label selector follows at once, by an action; Hetzner takes up to some seconds',
    why: 'the latency of actions stands for it, which `twin set speed=…` gives',
  },
  {
    what: '`incompatible_network_type` is answered only at creation, for servers without a public interface',
    why: 'apply_to_resources has private_net_only_server for them, and there is no other kind of resource here',
  },
  {
    what: "of Hetzner's own services, which firewalls always let through, there is the metadata service alone",
    why: 'no other one is here; it answers at the gateway, before any firewall',
  },
];
