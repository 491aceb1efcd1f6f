import type { Behaviour, Difference } from './behaviour.ts';

const NETWORKS = 'https://docs.hetzner.cloud/reference/cloud#networks';
const NETWORK_FAQ = 'https://docs.hetzner.com/cloud/networks/faq/';
const FIREWALLS = 'https://docs.hetzner.cloud/reference/cloud#firewalls';
const FIREWALL_FAQ = 'https://docs.hetzner.com/cloud/firewalls/faq/';
const TERRAFORM =
  'https://github.com/hetznercloud/terraform-provider-hcloud (internal/firewall, internal/network)';

export const NETWORKS_AND_FIREWALLS: readonly Behaviour[] = [
  {
    behaviour: 'a new network is unprotected, empty, and does not expose routes to a vSwitch',
    source: NETWORKS,
    certainty: 'documented',
    test: 'are created empty, unprotected and without exposing routes',
  },
  {
    behaviour: 'creation takes subnets and routes as a whole or fails as a whole',
    source: NETWORKS,
    certainty: 'documented',
    test: 'are created whole, with subnets and routes, or not at all',
    routes: ['POST /networks', 'GET /networks/:id'],
  },
  {
    behaviour: 'uniqueness_error for a name; resource_limit_exceeded for one network too many',
    source: NETWORKS,
    certainty: 'documented',
    test: 'have names of their own, and no more of them than the project may have',
  },
  {
    behaviour: 'name, labels and expose_routes_to_vswitch change without an action',
    source: NETWORKS,
    certainty: 'documented',
    test: 'are renamed, relabelled, and told to expose routes; found by name and label',
    routes: ['GET /networks', 'PUT /networks/:id'],
  },
  {
    behaviour: 'while one action of a network runs, every other write to it answers 409 conflict',
    source: TERRAFORM,
    certainty: 'measured',
    test: 'do one thing at a time: another write is a conflict',
  },
  {
    behaviour: 'DELETE answers 204 although servers and load balancers are in it, and takes them out',
    source: NETWORKS,
    certainty: 'documented',
    test: 'are deleted unless protected, and let go of servers and load balancers',
    routes: ['DELETE /networks/:id', 'POST /networks/:id/actions/change_protection'],
  },
  {
    behaviour: 'members tell address, aliases, subnet and whether an action runs',
    source: NETWORKS,
    certainty: 'documented',
    test: 'list who is in them, with the subnet and whether an action runs',
    routes: ['GET /networks/:id/members'],
  },
  {
    behaviour: 'change_ip_range grows a range at its end; a smaller or another one is invalid_input',
    source: NETWORKS,
    certainty: 'documented',
    test: 'grow at their end only',
    routes: ['POST /networks/:id/actions/change_ip_range'],
  },
  {
    behaviour: 'networks_overlap when a range would grow into another network of a member',
    source: NETWORKS,
    certainty: 'documented',
    test: 'do not grow into another network of one of their servers',
  },
  {
    behaviour: 'a subnet without range takes the first free /24',
    source: NETWORKS,
    certainty: 'documented',
    test: 'take the first /24 that is free when they name no range',
    routes: ['POST /networks/:id/actions/add_subnet'],
  },
  {
    behaviour: 'all subnets of a network are in one zone',
    source: NETWORK_FAQ,
    certainty: 'documented',
    test: 'are all in one zone that exists',
  },
  {
    behaviour: 'subnets of type vswitch need the id of a vSwitch, and have a gateway of their own',
    source: NETWORKS,
    certainty: 'documented',
    test: 'of type vswitch have a vSwitch and a gateway of their own',
  },
  {
    behaviour: 'vswitch_id_already_used, and coupling in eu-central only',
    source: NETWORK_FAQ,
    certainty: 'documented',
    test: 'couple each vSwitch once, only in eu-central, and only one that there is',
  },
  {
    behaviour: 'cloud servers get no address of a vSwitch subnet',
    source: NETWORK_FAQ,
    certainty: 'documented',
    test: 'that couple a vSwitch are not for servers of the cloud',
  },
  {
    behaviour: 'the first address of a network, those at the ends of subnets, and 172.31.1.1 are nobody’s',
    source: NETWORK_FAQ,
    certainty: 'documented',
    test: 'never give away the first address of the network, nor 172.31.1.1',
  },
  {
    behaviour: 'a subnet stays while someone has an address of it, and the refusal is service_error',
    source: NETWORKS,
    certainty: 'documented',
    test: 'stay as long as someone has an address of them, even an alias',
    routes: ['POST /networks/:id/actions/delete_subnet'],
  },
  {
    behaviour: 'routes are added and deleted by destination and gateway',
    source: NETWORKS,
    certainty: 'documented',
    test: 'are added and deleted by destination and gateway, and the engine hears of them',
    routes: ['POST /networks/:id/actions/add_route', 'POST /networks/:id/actions/delete_route'],
  },
  {
    behaviour: 'a default route overlaps with nothing',
    source: NETWORK_FAQ,
    certainty: 'documented',
    test: 'to everywhere stand in nobody’s way, and there is one of them',
  },
  {
    behaviour: 'creation of a firewall begins set_firewall_rules, and apply_firewall for each server',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'are created with rules and targets by a setting action and an applying one for each server',
    routes: ['POST /firewalls', 'GET /firewalls/:id'],
  },
  {
    behaviour:
      'rules need ports with tcp and udp only, sources when they let in, destinations when they let out',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'refuse %s',
  },
  {
    behaviour: 'ranges with host bits are refused',
    source: TERRAFORM,
    certainty: 'measured',
    test: 'refuse %s',
  },
  {
    behaviour: 'ranges of IPv6 come back in their shortest spelling',
    source: TERRAFORM,
    certainty: 'measured',
    test: 'tell ranges of IPv6 as RFC 5952 writes them',
  },
  {
    behaviour: '50 rules, 100 ranges in each, 500 effective rules',
    source: FIREWALL_FAQ,
    certainty: 'documented',
    test: 'hold no more rules, ranges and effective rules than a firewall can have',
  },
  {
    behaviour: 'set_rules replaces all rules, and applies them to each server by an action',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'change their rules as a whole, which is applied to every server',
    routes: ['POST /firewalls/:id/actions/set_rules'],
  },
  {
    behaviour: 'firewall_already_applied, firewall_resource_not_found, and resource_in_use on deletion',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'are applied to servers and removed from them, once each',
    routes: [
      'POST /firewalls/:id/actions/apply_to_resources',
      'POST /firewalls/:id/actions/remove_from_resources',
      'DELETE /firewalls/:id',
    ],
  },
  {
    behaviour:
      'private_net_only_server on applying is incompatible_network_type on creation, and 404 there is 422',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'need a server that exists, with a public interface, and with fewer than five of them',
  },
  {
    behaviour: 'a label selector follows labels; firewall_managed_by_label_selector for whom it guards',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'by labels guard whoever has them, as labels come and go',
  },
  {
    behaviour: 'name and labels of a firewall change without an action',
    source: FIREWALLS,
    certainty: 'documented',
    test: 'are renamed, relabelled and found by name',
    routes: ['GET /firewalls', 'PUT /firewalls/:id'],
  },
];

export const NETWORKS_AND_FIREWALLS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'a server’s own labels decide at once which firewalls guard it',
    why: 'Hetzner looks at labels now and then; how often is not documented',
  },
];
