import { ADDRESSES, ADDRESSES_DIFFERENCES } from './addresses.ts';
import { ANSIBLE_EXCUSES } from './ansible-excuses.ts';
import type { Area, Excuse } from './behaviour.ts';
import { CATALOGUE, CATALOGUE_DIFFERENCES } from './catalogue.ts';
import { FIREWALLS, FIREWALLS_DIFFERENCES } from './firewalls.ts';
import { HTTP, HTTP_DIFFERENCES } from './http.ts';
import { IMAGES_AND_VOLUMES, IMAGES_AND_VOLUMES_DIFFERENCES } from './images-and-volumes.ts';
import { KEYS_AND_GROUPS, KEYS_AND_GROUPS_DIFFERENCES } from './keys-and-groups.ts';
import { LOAD_BALANCERS, LOAD_BALANCERS_DIFFERENCES } from './load-balancers.ts';
import { MACHINES, MACHINES_DIFFERENCES } from './machines.ts';
import { NETWORKS, NETWORKS_DIFFERENCES } from './networks.ts';
import { RRSETS } from './rrsets.ts';
import { SERVER_ACTIONS } from './server-actions.ts';
import { SERVERS, SERVERS_DIFFERENCES } from './servers.ts';
import { ZONES, ZONES_DIFFERENCES } from './zones.ts';

export type { Area, Behaviour, Difference, Excuse } from './behaviour.ts';

/** In the order of `LEDGER.md`. */
export const AREAS: readonly Area[] = [
  { title: 'Every request', resources: ['actions'], behaviours: HTTP, differences: HTTP_DIFFERENCES },
  {
    title: 'Catalogue',
    resources: [
      'locations',
      'server_types',
      'isos',
      'pricing',
      'datacenters',
      'storage_boxes',
      'storage_box_types',
    ],
    behaviours: CATALOGUE,
    differences: CATALOGUE_DIFFERENCES,
  },
  {
    title: 'Servers',
    resources: ['servers'],
    behaviours: [...SERVERS, ...SERVER_ACTIONS],
    differences: SERVERS_DIFFERENCES,
  },
  {
    title: 'SSH keys and placement groups',
    resources: ['ssh_keys', 'placement_groups'],
    behaviours: KEYS_AND_GROUPS,
    differences: KEYS_AND_GROUPS_DIFFERENCES,
  },
  {
    title: 'Images and volumes',
    resources: ['images', 'volumes'],
    behaviours: IMAGES_AND_VOLUMES,
    differences: IMAGES_AND_VOLUMES_DIFFERENCES,
  },
  {
    title: 'Networks',
    resources: ['networks'],
    behaviours: NETWORKS,
    differences: NETWORKS_DIFFERENCES,
  },
  {
    title: 'Firewalls',
    resources: ['firewalls'],
    behaviours: FIREWALLS,
    differences: FIREWALLS_DIFFERENCES,
  },
  {
    title: 'Floating and primary IPs',
    resources: ['floating_ips', 'primary_ips'],
    behaviours: ADDRESSES,
    differences: ADDRESSES_DIFFERENCES,
  },
  {
    title: 'Load balancers and certificates',
    resources: ['load_balancers', 'load_balancer_types', 'certificates'],
    behaviours: LOAD_BALANCERS,
    differences: LOAD_BALANCERS_DIFFERENCES,
  },
  {
    title: 'DNS zones and record sets',
    resources: ['zones'],
    behaviours: [...ZONES, ...RRSETS],
    differences: ZONES_DIFFERENCES,
  },
  {
    title: 'Machines, networks and their faults',
    resources: [],
    behaviours: MACHINES,
    differences: MACHINES_DIFFERENCES,
  },
];

const CLI = 'hcloud-cli of Debian';
const CLI_LOOKS_FOR =
  'version 1.30.3 looks for `placement group`, with a space, in an answer that has `placement_group`';

export const EXCUSES: readonly Excuse[] = [
  { suite: CLI, check: 'placement-group describe by id', why: CLI_LOOKS_FOR },
  { suite: CLI, check: 'placement-group describe by name', why: CLI_LOOKS_FOR },
  {
    suite: CLI,
    check: 'firewall list as JSON',
    why: "version 1.30.3 writes `ip+net`, the name of Go's kind of address, for every range of a rule",
  },
  {
    suite: CLI,
    check: 'load-balancer metrics as a picture',
    why: 'the library that draws for version 1.30.3 panics when all values are the same, here zero',
  },
  ...ANSIBLE_EXCUSES,
];
