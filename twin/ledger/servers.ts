import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud#servers';
const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#server-actions';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';

/** Creation, list and end of servers. */
export const SERVERS: readonly Behaviour[] = [
  {
    behaviour:
      'a new server is initializing; create_server makes it and start_server, among next_actions, starts it',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are made and then started, by two actions, and are locked until both have ended',
    routes: ['POST /servers'],
  },
  {
    behaviour: 'root_password is told once, and is null where an SSH key was given',
    source: REFERENCE,
    certainty: 'documented',
    test: 'tell a root password once, and none where a key was given by its name or id',
  },
  {
    behaviour: 'a server shows type, location, image, ISO and placement group written out, the rest by id',
    source: REFERENCE,
    certainty: 'documented',
    test: 'show everything that they refer to, written out',
    routes: ['GET /servers/:id'],
  },
  {
    behaviour:
      'servers and primary IPs have no datacenter since 2026-07-01; before it was never together with location',
    source: `${REFERENCE}; https://docs.hetzner.cloud/changelog#2026-07-01-removing-datacenters`,
    certainty: 'documented',
    test: 'have a data centre with the legacy switch only, and may be placed by it then, instead of by a location',
  },
  {
    behaviour: 'a server is created with everything that it names, or refused and nothing kept',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are created whole, with key, group, volume, network and firewall, or not at all',
  },
  {
    behaviour: 'a name is a host name by RFC 1123, user data has 32 KiB at most',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are refused with %s',
  },
  {
    behaviour: 'type, image and location are named, or meant by their ids, as text or as numbers',
    source: `${REFERENCE}; https://github.com/hetznercloud/hcloud-python (hcloud/servers/client.py)`,
    certainty: 'documented',
    test: 'are named by type, image and location, or by the ids of these',
  },
  {
    behaviour: 'a type that a location never has is invalid_input, "unsupported location for server type"',
    source: 'https://github.com/autobase-tech/autobase/issues/1403',
    certainty: 'measured',
    test: 'are of a type that is sold and in stock where they are wanted',
  },
  {
    behaviour: 'a type that is out of stock is 412 resource_unavailable without details',
    source:
      'https://github.com/jenkinsci/hetzner-cloud-plugin/issues/21; the message is that of https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues/1613',
    certainty: 'measured',
    test: 'are of a type that is sold and in stock where they are wanted',
  },
  {
    behaviour: 'without a location a server goes where its volumes and primary IPs are, or where its type is',
    source: `${REFERENCE} has the location optional; the choice is assumed`,
    certainty: 'assumed',
    test: 'are where their addresses and volumes are, or else where their type can be had, when nobody says where',
  },
  {
    behaviour: 'limits of servers, dedicated cores and primary IPs; refused with the name primary_ip_limit',
    source: 'https://github.com/OpenRouterLabs/spawn/issues/2902; the names of the others by its pattern',
    certainty: 'measured',
    test: 'are no more than the project may have, nor their addresses and dedicated cores',
  },
  {
    behaviour: 'primary_ip_version_mismatch is 412, primary_ip_datacenter_mismatch 422',
    source: REFERENCE,
    certainty: 'documented',
    test: 'take primary IPs that are free, of the right version, and where they are',
  },
  {
    behaviour: 'primary_ip_assigned: "primary ip already assigned to another server"',
    source: 'https://github.com/hetznercloud/cli/issues/1109',
    certainty: 'measured',
    test: 'take primary IPs that are free, of the right version, and where they are',
  },
  {
    behaviour: 'a server may have no public address, and needs one interface to be started',
    source:
      'https://docs.hetzner.cloud/reference/cloud#primary-ip-actions; the code invalid_input is assumed',
    certainty: 'documented',
    test: 'may have no public address, but start only with an interface',
  },
  {
    behaviour: 'volumes of a new server are free, and in its location',
    source: REFERENCE,
    certainty: 'documented',
    test: 'with volumes that are attached already, or lie elsewhere, are refused',
  },
  {
    behaviour: 'servers are listed by name, status and labels, sorted by id, name and creation',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are found by name, status and label, and sorted by id, name and time',
    routes: ['GET /servers'],
  },
  {
    behaviour: 'a change of a server replaces its name, its labels as a whole, or both',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are renamed, and their labels replaced as a whole',
    routes: ['PUT /servers/:id'],
  },
  {
    behaviour: 'a name twice is uniqueness_error, "server name is already used"',
    source: 'https://github.com/frappe/press/issues/5857',
    certainty: 'measured',
    test: 'have names of their own',
  },
  {
    behaviour: 'name and labels of a server change while it is locked',
    source: 'nobody tells',
    certainty: 'assumed',
    test: 'are renamed even while an action locks them',
  },
  {
    behaviour: 'DELETE takes a server out of the project at once, and answers 200 with an action',
    source: REFERENCE,
    certainty: 'documented',
    test: 'are deleted by an action that stays to be read; they are gone at once',
    routes: ['DELETE /servers/:id'],
  },
  {
    behaviour:
      'a deleted server takes backups and primary IPs with auto_delete along; volumes, other addresses, groups and networks are let go',
    source: `${REFERENCE}; ${ACTIONS}-create-image-from-a-server`,
    certainty: 'documented',
    test: 'take with them what is theirs alone, and let go of everything else',
  },
  {
    behaviour: 'a protected server is not deleted (protected), nor one with a running action (locked)',
    source: `${ANSIBLE}/server; ${REFERENCE}`,
    certainty: 'measured',
    test: 'are not deleted while they are protected, or an action locks them',
  },
  {
    behaviour: 'everything about a server that does not exist is not_found',
    source: REFERENCE,
    certainty: 'documented',
    test: 'that do not exist are not found, whatever is asked of them',
  },
  {
    behaviour: 'metrics of cpu, disk and network with their nine series, types one by one or with commas',
    source: `${REFERENCE}-get-metrics-for-a-server`,
    certainty: 'documented',
    test: 'have metrics of processor, disk and network by type, all of them zero',
    routes: ['GET /servers/:id/metrics'],
  },
  {
    behaviour: 'SSH keys are copied at creation: one that is deleted later still lets in',
    source: 'https://docs.hetzner.cloud/reference/cloud#ssh-keys',
    certainty: 'documented',
    test: 'keep the keys that they were created with, though these are deleted',
  },
];

export const SERVERS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'metrics and traffic of servers are zero',
    why: 'nothing here measures them, and nothing is invented',
  },
  {
    what: 'ISOs are attached and detached in the API alone: no server boots from one',
    why: 'a machine here is a container with the kernel of this computer',
  },
  {
    what: 'request_console answers an address that nobody listens at',
    why: 'machines here have no screen; `twin exec` is their console',
  },
  {
    what: 'backups are made when they are asked for, not daily; the window is always 22-02',
    why: 'a twin seldom lives for a day',
  },
  {
    what: 'a rescue system that is enabled stays so until the next boot, not for 60 minutes only',
    why: 'nobody waits for that in a test',
  },
  {
    what: 'shutdown ends when the server is off',
    why: 'at Hetzner it ends when the system was asked; clients wait for the status either way',
  },
  {
    what: 'automount of volumes is accepted and nothing mounted',
    why: "a package of Hetzner's own images does that within the machine",
  },
  {
    what: 'actions for the rescue system, backups and protection are a success as they are answered',
    why: 'there is nothing to wait for; clients do not poll an action that has ended',
  },
];
