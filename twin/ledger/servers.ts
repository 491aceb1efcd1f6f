import type { Behaviour, Difference } from './behaviour.ts';

const SERVERS = 'https://docs.hetzner.cloud/reference/cloud#servers';
const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#server-actions';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud (internal/server)';
const KEYS = 'https://docs.hetzner.cloud/reference/cloud#ssh-keys';
const GROUPS = 'https://docs.hetzner.cloud/reference/cloud#placement-groups';

export const SERVERS_KEYS_AND_GROUPS: readonly Behaviour[] = [
  {
    behaviour: 'POST answers create_server and next_actions, of which the last is start_server',
    source: SERVERS,
    certainty: 'documented',
    test: 'are initialising, and started by an action of its own',
    routes: ['POST /servers', 'GET /servers/:id'],
  },
  {
    behaviour: 'start_after_create false leaves a server off',
    source: SERVERS,
    certainty: 'documented',
    test: 'stay off when they are not to be started',
  },
  {
    behaviour: 'root_password is null where SSH keys were given',
    source: SERVERS,
    certainty: 'documented',
    test: 'have a root password only where no key was given',
  },
  {
    behaviour: 'invalid_input names the field of what does not exist or does not fit',
    source: SERVERS,
    certainty: 'documented',
    test: 'are refused with %s',
  },
  {
    behaviour: 'resource_unavailable is 412, and resource_limit_exceeded names the limit',
    source: SERVERS,
    certainty: 'documented',
    test: 'are refused where stock or a limit has ended, with the name of the limit',
  },
  {
    behaviour: 'name and labels change without an action, while others run, too',
    source: SERVERS,
    certainty: 'documented',
    test: 'are renamed, relabelled, and found by name, label and status',
    routes: ['GET /servers', 'PUT /servers/:id'],
  },
  {
    behaviour: 'while one action of a server runs, every other one answers 423 locked',
    source: TERRAFORM,
    certainty: 'measured',
    test: 'locks a server while an action runs, and the action ends after its answer',
  },
  {
    behaviour: 'reboot and reset of a server that is off are service_error',
    source: 'by what else could be done',
    certainty: 'assumed',
    test: 'are switched off and on, gracefully and hard, and only what runs is started again',
    routes: ['poweron', 'poweroff', 'shutdown', 'reboot', 'reset'].map(
      (action) => `POST /servers/:id/actions/${action}`,
    ),
  },
  {
    behaviour: 'a server without primary IP and network does not start',
    source: 'https://docs.hetzner.com/cloud/servers/primary-ips/overview/',
    certainty: 'documented',
    test: 'do not start without any interface',
  },
  {
    behaviour: 'change_type needs a server that is off; invalid_server_type for what does not fit',
    source: ACTIONS,
    certainty: 'documented',
    test: 'change their type while they are off, to one of the same architecture with room for the disk',
    routes: ['POST /servers/:id/actions/change_type'],
  },
  {
    behaviour: 'delete and rebuild protection are set to the same',
    source: ACTIONS,
    certainty: 'documented',
    test: 'are protected against deletion and rebuilding together',
    routes: ['POST /servers/:id/actions/change_protection'],
  },
  {
    behaviour: 'rebuild answers a root password unless the server has keys, and starts the server',
    source: ACTIONS,
    certainty: 'documented',
    test: 'are rebuilt with a new disk, from an image that fits, and run then',
    routes: ['POST /servers/:id/actions/rebuild'],
  },
  {
    behaviour: 'the rescue system is for the next boot only',
    source: ACTIONS,
    certainty: 'documented',
    test: 'have a rescue system for one boot, with a password and keys',
    routes: ['POST /servers/:id/actions/enable_rescue', 'POST /servers/:id/actions/disable_rescue'],
  },
  {
    behaviour: 'reset_password and request_console need a running server',
    source: ACTIONS,
    certainty: 'documented',
    test: 'tell a new root password and a console while they run',
    routes: ['POST /servers/:id/actions/reset_password', 'POST /servers/:id/actions/request_console'],
  },
  {
    behaviour: 'ISOs are attached by name or id; backups have a window of four hours',
    source: ACTIONS,
    certainty: 'documented',
    test: 'take an ISO that exists, and have backups in a window of hours',
    routes: ['attach_iso', 'detach_iso', 'enable_backup', 'disable_backup'].map(
      (action) => `POST /servers/:id/actions/${action}`,
    ),
  },
  {
    behaviour: 'already_in_placement_group; a server joins only while it is off',
    source: ACTIONS,
    certainty: 'documented',
    test: 'join a placement group while they are off, one at most, and leave it',
    routes: [
      'POST /servers/:id/actions/add_to_placement_group',
      'POST /servers/:id/actions/remove_from_placement_group',
    ],
  },
  {
    behaviour: 'server_already_attached, networks_overlap, no_subnet_available and ip_not_available',
    source: ACTIONS,
    certainty: 'documented',
    test: 'are in three networks at most that do not overlap, each once, with aliases of their own',
    routes: ['attach_to_network', 'detach_from_network', 'change_alias_ips'].map(
      (action) => `POST /servers/:id/actions/${action}`,
    ),
  },
  {
    behaviour: 'a server’s pointers are those of its primary IPs',
    source: ACTIONS,
    certainty: 'documented',
    test: 'have pointers for their own addresses only',
    routes: ['POST /servers/:id/actions/change_dns_ptr'],
  },
  {
    behaviour: 'metrics have series by type',
    source: SERVERS,
    certainty: 'documented',
    test: 'have series of metrics, all of them zero',
    routes: ['GET /servers/:id/metrics'],
  },
  {
    behaviour: 'DELETE answers an action, and takes automatic primary IPs along',
    source: SERVERS,
    certainty: 'documented',
    test: 'take their automatic addresses with them, and leave everything else behind',
    routes: ['DELETE /servers/:id'],
  },
  {
    behaviour: 'create_image answers an image that is creating, and available after its action',
    source: ACTIONS,
    certainty: 'documented',
    test: 'of servers are being created first, then available with their size, and name their server',
    routes: ['POST /servers/:id/actions/create_image'],
  },
  {
    behaviour: 'the fingerprint is that of MD5, and keys are found by it',
    source: KEYS,
    certainty: 'documented',
    test: 'have the fingerprint of their public key, by which they are found',
    routes: ['GET /ssh_keys'],
  },
  {
    behaviour: 'uniqueness_error for the name or the key itself',
    source: KEYS,
    certainty: 'documented',
    test: 'are taken once, by name and by what they are, and no more of them than the project may have',
    routes: ['POST /ssh_keys'],
  },
  {
    behaviour: 'keys change and go, whatever servers were made with them',
    source: KEYS,
    certainty: 'documented',
    test: 'are renamed, relabelled and deleted',
    routes: ['GET /ssh_keys/:id', 'PUT /ssh_keys/:id', 'DELETE /ssh_keys/:id'],
  },
  {
    behaviour: 'groups are of type spread; their creation answers no action',
    source: GROUPS,
    certainty: 'documented',
    test: 'are created empty, of type spread only, with an action that is null',
    routes: ['POST /placement_groups', 'GET /placement_groups/:id'],
  },
  {
    behaviour: 'a group with servers is resource_in_use on deletion',
    source: GROUPS,
    certainty: 'assumed',
    test: 'are renamed and found by type, and deleted once no server is in them',
    routes: ['GET /placement_groups', 'PUT /placement_groups/:id', 'DELETE /placement_groups/:id'],
  },
  {
    behaviour: 'ten servers to a group; the eleventh is placement_error',
    source: 'https://docs.hetzner.com/cloud/placement-groups/faq/',
    certainty: 'documented',
    test: 'puts ten servers into a placement group and no more; nothing is left of the eleventh',
  },
];

export const SERVERS_KEYS_AND_GROUPS_DIFFERENCES: readonly Difference[] = [
  { what: 'metrics of servers are zero', why: 'nothing here measures machines' },
  { what: 'the console’s address leads nowhere', why: '`twin exec` is the console' },
  { what: 'an attached ISO is not booted', why: 'machines here have no firmware' },
  { what: 'backups are made when they are asked for, not daily', why: 'nobody keeps a sandbox for a day' },
];
