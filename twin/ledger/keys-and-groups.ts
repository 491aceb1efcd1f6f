import type { Behaviour, Difference } from './behaviour.ts';

const KEYS = 'https://docs.hetzner.cloud/reference/cloud#ssh-keys';
const GROUPS = 'https://docs.hetzner.cloud/reference/cloud#placement-groups';
const GROUPS_FAQ = 'https://docs.hetzner.com/cloud/placement-groups/faq/';
const ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#server-actions';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';
const PROVIDER = 'https://github.com/hetznercloud/terraform-provider-hcloud';
const KUBE_HETZNER = 'https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues';

const SSH_KEYS: readonly Behaviour[] = [
  {
    behaviour: 'an SSH key tells the MD5 fingerprint of its public key, and is listed by it',
    source: KEYS,
    certainty: 'documented',
    test: 'are told with the MD5 fingerprint that everyone computes',
    routes: ['POST /ssh_keys', 'GET /ssh_keys', 'GET /ssh_keys/:id'],
  },
  {
    behaviour: 'the types of SSH keys that Hetzner lists are taken',
    source: `${KUBE_HETZNER}/310`,
    certainty: 'measured',
    test: 'may be of type %s',
  },
  {
    behaviour: 'an SSH key of another type is invalid_input with the list of types',
    source: `${KUBE_HETZNER}/310`,
    certainty: 'measured',
    test: 'of another type are refused, and the types that there are told',
  },
  {
    behaviour: 'an SSH key that is cut off, or of another type than it says, is invalid_input',
    source: KEYS,
    certainty: 'assumed',
    test: 'that are cut off, or say one type and are of another, are refused',
  },
  {
    behaviour: 'uniqueness_error of SSH keys: the same fingerprint (field public_key), or the same name',
    source: `https://docs.hetzner.cloud/reference/cloud#errors; ${KUBE_HETZNER}/686; ${ANSIBLE}/ssh_key`,
    certainty: 'measured',
    test: 'are unique by name and by key, and no more than the project may have',
  },
  {
    behaviour: 'SSH keys change their name and labels, and are deleted whoever was created with them',
    source: KEYS,
    certainty: 'documented',
    test: 'are renamed, relabelled, found by name and label, and deleted',
    routes: ['PUT /ssh_keys/:id', 'DELETE /ssh_keys/:id'],
  },
];

const PLACEMENT_GROUPS: readonly Behaviour[] = [
  {
    behaviour: 'a placement group is of type spread, empty at first, and created without an action',
    source: GROUPS,
    certainty: 'documented',
    test: 'are of type spread, and empty at first',
    routes: ['POST /placement_groups', 'GET /placement_groups/:id'],
  },
  {
    behaviour: 'names of placement groups are unique: "name is already used"; 50 of them are allowed',
    source: `${KUBE_HETZNER}/388; ${GROUPS_FAQ}`,
    certainty: 'measured',
    test: 'have names of their own, and are no more than the project may have',
  },
  {
    behaviour: 'placement groups are listed by name, type and labels, and change their name and labels',
    source: GROUPS,
    certainty: 'documented',
    test: 'are renamed, relabelled, and found by name, type and label',
    routes: ['GET /placement_groups', 'PUT /placement_groups/:id'],
  },
  {
    behaviour: 'a placement group may span locations, and is resource_in_use as long as it holds a server',
    source: 'nobody tells either',
    certainty: 'assumed',
    test: 'hold servers of any location, and are deleted when they hold none',
    routes: ['DELETE /placement_groups/:id'],
  },
  {
    behaviour: 'the eleventh server of a placement group is refused, and nothing of it kept',
    source: GROUPS_FAQ,
    certainty: 'documented',
    test: 'puts ten servers into a placement group and no more; nothing is left of the eleventh',
  },
  {
    behaviour: 'a full placement group is placement_group_member_limit_reached, with its ID and its number',
    source: `${PROVIDER}/issues/1170; the status 422 is assumed`,
    certainty: 'measured',
    test: 'are not joined when ten others are in it',
  },
  {
    behaviour: 'add_to_placement_group: server_not_stopped and already_in_placement_group',
    source: `${ACTIONS}-add-a-server-to-a-placement-group`,
    certainty: 'documented',
    test: 'are joined while it is stopped',
    routes: ['POST /servers/:id/actions/add_to_placement_group'],
  },
  {
    behaviour: 'remove_from_placement_group is done while the server runs',
    source: `${ANSIBLE}/placement_group; that a server in none is refused is assumed`,
    certainty: 'measured',
    test: 'are parted at any time',
    routes: ['POST /servers/:id/actions/remove_from_placement_group'],
  },
];

export const KEYS_AND_GROUPS: readonly Behaviour[] = [...SSH_KEYS, ...PLACEMENT_GROUPS];

export const KEYS_AND_GROUPS_DIFFERENCES: readonly Difference[] = [
  {
    what: 'placement_error is answered only when the fault of that name is armed',
    why: 'all servers here are on one host: there is nowhere to spread them to',
  },
];
