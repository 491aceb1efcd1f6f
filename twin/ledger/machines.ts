import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud';
const DOCS = 'https://docs.hetzner.com/cloud';
const OURS = 'ours: what a fault of that name is for';

/** What is behind the API with the engine `nspawn`, and the faults that strike there. */
export const MACHINES: readonly Behaviour[] = [
  {
    behaviour: 'a server boots with the hostname, keys, user data and networks that it was created with',
    source: `${REFERENCE}#servers-create-a-server`,
    certainty: 'documented',
    test: 'boot together, with the network, keys and user data that they were created with',
  },
  {
    behaviour: 'the metadata service answers each server about itself, at 169.254.169.254',
    source: `${DOCS}/servers/server-metadata/`,
    certainty: 'documented',
    test: 'learn about themselves from the metadata service',
  },
  {
    behaviour:
      'a private network is routed: a /32 for each server, one gateway, packets of 1450 bytes, no layer 2',
    source: `${DOCS}/networks/faq/`,
    certainty: 'documented',
    test: 'reach each other by the router of the private network, with packets of its size',
  },
  {
    behaviour: 'firewalls filter public interfaces only, and without rules for it nothing comes in',
    source: `${DOCS}/firewalls/faq/`,
    certainty: 'documented',
    test: 'have a cloud firewall on their public side only',
  },
  {
    behaviour: 'rules are replaced as one: at no moment is a packet judged by half of them',
    source: 'assumed: the documentation says nothing of an interruption',
    certainty: 'assumed',
    test: 'let in what the firewall allows and nothing else, while its rules are replaced; inside nothing is filtered',
  },
  {
    behaviour: 'a server without public interface reaches the outside by the route of its network alone',
    source: `${DOCS}/networks/faq/`,
    certainty: 'documented',
    test: 'lead a machine without public interface outside only by the route of its network',
  },
  {
    behaviour: 'a network is attached to, and detached from, a server that runs',
    source: `${REFERENCE}#server-actions-attach-a-server-to-a-network`,
    certainty: 'documented',
    test: 'take a second network while they run',
  },
  {
    behaviour: 'a floating IP is a route to its server, which has to configure it, and moves at once',
    source: `${DOCS}/floating-ips/overview/`,
    certainty: 'documented',
    test: 'hold a floating IP that moves between them',
  },
  {
    behaviour: 'a volume is a disk by its id, found while the server runs',
    source: `${DOCS}/volumes/overview/`,
    certainty: 'documented',
    test: 'take volumes while they run, where the API says; the data moves along',
  },
  {
    behaviour: 'a volume outlives its server, and grows without losing what is on it',
    source: `${DOCS}/volumes/overview/`,
    certainty: 'documented',
    test: 'a volume and the file on it survive their server, and a resize of either',
  },
  {
    behaviour:
      'reboot, reset, shutdown and power keep disk, volumes and networks; user data is for the first boot',
    source: `${REFERENCE}#server-actions`,
    certainty: 'documented',
    test: 'come back from reboot, reset, shutdown and power loss with disk, volume and network',
  },
  {
    behaviour: 'a snapshot holds the disk of a server that runs, as if its power had been cut, and no volume',
    source: `${DOCS}/servers/backups-snapshots/overview/`,
    certainty: 'documented',
    test: 'a snapshot of a machine that runs holds its disk, and nothing of its volume',
  },
  {
    behaviour: 'a server made of a snapshot is a new instance for cloud-init: name and host keys are its own',
    source: 'https://docs.cloud-init.io/en/latest/explanation/first_boot.html',
    certainty: 'documented',
    test: 'a machine made of a snapshot is another one: its own name, its own host keys',
  },
  {
    behaviour: 'a snapshot can be deleted while servers that were made of it run',
    source: 'assumed: images are copied to disks',
    certainty: 'assumed',
    test: 'a snapshot outlives a kill of the twin, and goes when it is deleted',
  },
  {
    behaviour: 'a rebuild takes everything but addresses, user data and volumes',
    source: `${REFERENCE}#server-actions-rebuild-a-server-from-an-image`,
    certainty: 'documented',
    test: 'a rebuild takes everything but the address, the user data and the volume',
  },
  {
    behaviour: 'the rescue system is for one boot, with its own password and keys, and has the disk',
    source: `${REFERENCE}#server-actions-enable-rescue-mode-for-a-server`,
    certainty: 'documented',
    test: 'the rescue system comes once, lets in its own keys and password, and has the disk at /mnt',
  },
  {
    behaviour: 'a server without SSH keys gets a root password, and another one by reset_password',
    source: `${REFERENCE}#server-actions-reset-root-password-of-a-server`,
    certainty: 'documented',
    test: 'root has the password of its creation where no key was given, and another one after a reset',
  },
  {
    behaviour: 'machines outlive the twin; one that died meanwhile is off',
    source: 'ours: Hetzner has no such moment',
    certainty: 'assumed',
    test: 'are found again after a kill of the twin; one that died meanwhile is reported lost',
  },
  {
    behaviour: 'two locations are as far from each other as the rules say, by private and public addresses',
    source: `${DOCS}/general/locations/`,
    certainty: 'assumed',
    test: 'are as long as they are set to be, between locations only, and carry whole packets then',
  },
  {
    behaviour: 'every fault of the catalogue strikes',
    source: OURS,
    certainty: 'assumed',
    test: 'sees each fault of the catalogue strike on real machines',
  },
  {
    behaviour:
      'a server in a location that is down is `unknown`, refuses actions with 503, and comes back with it',
    source: OURS,
    certainty: 'assumed',
    test: 'location_down: nobody knows of its servers, nothing is done there, and they run again when it is back',
  },
  {
    behaviour: 'distances and partitions hold over a kill of the twin, and for servers that come later',
    source: OURS,
    certainty: 'assumed',
    test: 'keep their delays and partitions over a kill of the twin, and for machines that come later',
  },
];

export const MACHINES_DIFFERENCES: readonly Difference[] = [
  {
    what: 'Machines share one kernel, that of the computer: no kernel modules of their own, no own clock.',
    why: 'They are containers with an init; virtual machines need KVM, which many CI runners do not have.',
  },
  {
    what: 'A clock that is wrong is wrong for what asks the C library, and right for statically linked programs.',
    why: 'Linux has no namespace for the time of day; libfaketime stands in.',
  },
  {
    what: 'In the rescue system the disk lies at /mnt, mounted.',
    why: 'A disk here is a directory, and there is no device to mount.',
  },
  {
    what: 'cloud-init finds its data beside it on the disk, not by the data source for Hetzner.',
    why: 'That source asks the firmware who made the machine. Its code is run in `make conformance`, with that answered.',
  },
  {
    what: 'A root password need not be changed at the first login.',
    why: 'Nobody reads it from an e-mail here.',
  },
  {
    what: 'A server with `no_network` has links that carry nothing, and no addresses.',
    why: 'It is what such servers look like from within; how it came to that is not played.',
  },
];
