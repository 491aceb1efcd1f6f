import type { Behaviour } from './behaviour.ts';

const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#server-actions';
const BACKUPS = 'https://docs.hetzner.com/cloud/servers/backups-snapshots/overview/';
const NETWORKS = 'https://docs.hetzner.com/cloud/networks/faq/';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';
const PROVIDER = 'https://github.com/hetznercloud/terraform-provider-hcloud';
const NOBODY = 'nobody tells';

const POWER: readonly Behaviour[] = [
  {
    behaviour: 'poweroff cuts the power, shutdown asks the system, poweron starts',
    source: ACTIONS,
    certainty: 'documented',
    test: 'is cut by poweroff, taken away gently by shutdown, and given again by poweron',
    routes: [
      'POST /servers/:id/actions/poweroff',
      'POST /servers/:id/actions/shutdown',
      'POST /servers/:id/actions/poweron',
    ],
  },
  {
    behaviour: 'reboot asks the system, reset cuts the power; the server runs again after both',
    source: ACTIONS,
    certainty: 'documented',
    test: 'is given again at once by reboot, gently, and by reset',
    routes: ['POST /servers/:id/actions/reboot', 'POST /servers/:id/actions/reset'],
  },
  {
    behaviour:
      'poweron and poweroff of a server that is on or off already succeed; reboot and reset of one that is off are service_error',
    source: NOBODY,
    certainty: 'assumed',
    test: 'is on or off: poweron and poweroff may be repeated, reboot and reset need a server that runs',
  },
  {
    behaviour: 'reset_password needs a running server and answers the new password; so does request_console',
    source: `${ACTIONS}; the code service_error, and that a console needs a running server, are assumed`,
    certainty: 'documented',
    test: 'is on for a new root password and for a console',
    routes: ['POST /servers/:id/actions/reset_password', 'POST /servers/:id/actions/request_console'],
  },
  {
    behaviour: 'while an action of a server runs every other one is 423 locked, and the server shows locked',
    source: 'https://docs.hetzner.cloud/reference/cloud#errors',
    certainty: 'documented',
    test: 'and everything else of a server is locked while an action runs',
  },
  {
    behaviour: 'a server whose power action failed has the status of before',
    source: NOBODY,
    certainty: 'assumed',
    test: 'is as before when the action fails',
  },
];

const DISK: readonly Behaviour[] = [
  {
    behaviour: 'rebuild powers off, writes the image anew and starts the server, whatever it did before',
    source: `${ACTIONS}-rebuild-a-server-from-an-image; that a stopped one is started is assumed`,
    certainty: 'documented',
    test: 'is a new one from the image, and the server runs, whatever it did before',
    routes: ['POST /servers/:id/actions/rebuild'],
  },
  {
    behaviour: 'rebuild takes the user data of before unless it is given others',
    source: `${ACTIONS}-rebuild-a-server-from-an-image`,
    certainty: 'documented',
    test: 'has the user data of before, unless others are given',
  },
  {
    behaviour: 'rebuild answers a root password only where the server has no SSH keys',
    source: `${ACTIONS}-rebuild-a-server-from-an-image`,
    certainty: 'documented',
    test: 'lets in the keys of its creation, and tells no password then',
  },
  {
    behaviour: 'rebuild refuses images that do not fit or are not ready, and protected servers (423)',
    source: `${ANSIBLE}/server; the codes of the first two are assumed`,
    certainty: 'measured',
    test: 'needs an image that exists, is ready, and fits, and a server that is not protected',
  },
  {
    behaviour: 'enable_rescue is for the next boot, answers a root password, and takes ids of SSH keys',
    source: `${ACTIONS}-enable-rescue-mode-for-a-server`,
    certainty: 'documented',
    test: 'is reached after the next boot, by a password and the keys that were asked for, once',
    routes: ['POST /servers/:id/actions/enable_rescue'],
  },
  {
    behaviour: 'disable_rescue before the next boot lets the server start from its disk',
    source: `${ACTIONS}-disable-rescue-mode-for-a-server`,
    certainty: 'documented',
    test: 'is not after all when that is disabled before',
    routes: ['POST /servers/:id/actions/disable_rescue'],
  },
  {
    behaviour: 'linux64 is the only rescue system',
    source: `${ACTIONS}-enable-rescue-mode-for-a-server`,
    certainty: 'documented',
    test: 'needs a known kind of it, and keys that exist',
  },
  {
    behaviour: 'an ISO takes the place of the one that is attached',
    source: `${ACTIONS}-attach-an-iso-to-a-server`,
    certainty: 'documented',
    test: 'comes after an ISO that is attached, by name or id, in place of the one before',
    routes: ['POST /servers/:id/actions/attach_iso', 'POST /servers/:id/actions/detach_iso'],
  },
  {
    behaviour: 'detach_iso without an ISO is a success at once',
    source: `${ACTIONS}-detach-an-iso-from-a-server`,
    certainty: 'documented',
    test: 'without an ISO has none to detach: the action is a success at once',
  },
  {
    behaviour: 'backups have seven slots, the oldest goes first, and all go when they are disabled',
    source: `${BACKUPS}; ${ACTIONS}`,
    certainty: 'documented',
    test: 'is backed up in a window, seven times, when that is enabled',
    routes: ['POST /servers/:id/actions/enable_backup', 'POST /servers/:id/actions/disable_backup'],
  },
  {
    behaviour: 'create_image answers image and action; the image is creating until the action has ended',
    source: `${ACTIONS}-create-image-from-a-server`,
    certainty: 'documented',
    test: 'is saved as a snapshot that belongs to nobody',
    routes: ['POST /servers/:id/actions/create_image'],
  },
  {
    behaviour: 'create_image knows snapshot and backup, and answers resource_limit_exceeded for snapshots',
    source: `${ACTIONS}-create-image-from-a-server; the name of the limit is assumed`,
    certainty: 'documented',
    test: 'is saved only as an image of a known type, and not more often than the project may',
  },
];

const CHANGES: readonly Behaviour[] = [
  {
    behaviour: 'change_type copies the disk and starts the server again, though it must be stopped before',
    source: `${ACTIONS}-change-the-type-of-a-server; ${PROVIDER} (internal/server) relies on it`,
    certainty: 'documented',
    test: 'is migrated with its disk, which may grow, and started again',
    routes: ['POST /servers/:id/actions/change_type'],
  },
  {
    behaviour: 'change_type leaves a server off that has no interface',
    source: 'such a server cannot be started',
    certainty: 'assumed',
    test: 'stays off when it has no interface to be started with',
  },
  {
    behaviour: 'a disk that has grown rules out smaller types; upgrade_disk: false keeps the way back',
    source: `${ACTIONS}-change-the-type-of-a-server`,
    certainty: 'documented',
    test: 'can go back only as long as its disk has not grown',
  },
  {
    behaviour: 'change_type: server_not_stopped; invalid_server_type for what does not fit or is not sold',
    source: `${ACTIONS}-change-the-type-of-a-server`,
    certainty: 'documented',
    test: 'is stopped, and its new type another one that fits, is sold, in stock and allowed',
  },
  {
    behaviour: 'change_protection needs delete and rebuild to be the same',
    source: `${ACTIONS}-change-server-protection; ${ANSIBLE}/server`,
    certainty: 'measured',
    test: 'is protected against deletion and rebuilding at once, or not at all',
    routes: ['POST /servers/:id/actions/change_protection'],
  },
  {
    behaviour: 'change_dns_ptr of a server names its primary IPs; null puts the standard name back, or none',
    source: `${ACTIONS}-change-reverse-dns-entry-for-this-server`,
    certainty: 'documented',
    test: 'names its public addresses: IPv4 goes back to the standard name, IPv6 to none',
    routes: ['POST /servers/:id/actions/change_dns_ptr'],
  },
  {
    behaviour: 'change_dns_ptr of a server does not reach its floating IPs',
    source: `${ACTIONS}-change-reverse-dns-entry-for-this-server`,
    certainty: 'documented',
    test: 'names no addresses but its own: not those of floating IPs, nor such as it does not have',
  },
  {
    behaviour: 'without ip the address is of the subnet that was added last, or of ip_range',
    source: `${PROVIDER}/issues/672; ${ACTIONS}-attach-a-server-to-a-network`,
    certainty: 'measured',
    test: 'give it the next address of the subnet that was added last, or of the one that is asked for',
    routes: ['POST /servers/:id/actions/attach_to_network'],
  },
  {
    behaviour:
      'server_already_attached, ip_not_available, no_subnet_available; an ip outside of ip_range is refused',
    source: `${ACTIONS}-attach-a-server-to-a-network`,
    certainty: 'documented',
    test: 'are attached once each, to addresses that are free and in a subnet near it',
  },
  {
    behaviour: 'a subnet without a free address is no_subnet_available',
    source: `${ACTIONS}-attach-a-server-to-a-network`,
    certainty: 'documented',
    test: 'have no place when no address is free',
  },
  {
    behaviour: 'networks_overlap; 3 networks of a server, 100 members of a network',
    source: `${ACTIONS}-attach-a-server-to-a-network; ${NETWORKS}; the 3 are assumed`,
    certainty: 'documented',
    test: 'do not overlap, and are three at most, each with a hundred members',
  },
  {
    behaviour: 'change_alias_ips replaces all of them; they are free, in a subnet, and 5 at most',
    source: `${ACTIONS}-change-alias-ips-of-a-network; the 5 are assumed`,
    certainty: 'documented',
    test: 'let it have other addresses as well, replaced as a whole',
    routes: ['POST /servers/:id/actions/change_alias_ips'],
  },
  {
    behaviour: 'addresses of a server that left a network are free for others',
    source: `${ACTIONS}-detach-a-server-from-a-network`,
    certainty: 'documented',
    test: 'are left again, with every address in them',
    routes: ['POST /servers/:id/actions/detach_from_network'],
  },
];

export const SERVER_ACTIONS: readonly Behaviour[] = [...POWER, ...DISK, ...CHANGES];
