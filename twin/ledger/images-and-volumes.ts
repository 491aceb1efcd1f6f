import type { Behaviour, Difference } from './behaviour.ts';

const IMAGES = 'https://docs.hetzner.cloud/reference/cloud#images';
const BACKUPS = 'https://docs.hetzner.com/cloud/servers/backups-snapshots/overview/';
const VOLUMES = 'https://docs.hetzner.cloud/reference/cloud#volumes';
const VOLUME_ACTIONS = 'https://docs.hetzner.cloud/reference/cloud#volume-actions';
const ERRORS = 'https://docs.hetzner.cloud/reference/cloud#errors';
const CHANGELOG = 'https://docs.hetzner.cloud/changelog#2026-09-08-removing-the-deprecated-field';
const GO = 'https://github.com/hetznercloud/hcloud-go';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud (tests/integration/targets)';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud';
const CSI = 'https://github.com/hetznercloud/csi-driver';

export const IMAGES_AND_VOLUMES: readonly Behaviour[] = [
  {
    behaviour: 'a system image has a name, no size of its own, and no server that it comes from',
    source: IMAGES,
    certainty: 'documented',
    test: 'of the system have a name, belong to nobody, and are not deprecated',
    routes: ['GET /images/:id'],
  },
  {
    behaviour: 'images tell `deprecation` beside `deprecated`; both are null for what can be used',
    source: `${CHANGELOG}; ${GO}/pull/919`,
    certainty: 'documented',
    test: 'of the system have a name, belong to nobody, and are not deprecated',
  },
  {
    behaviour: 'a snapshot has no name, and tells the server and the system that it was made of',
    source: IMAGES,
    certainty: 'documented',
    test: 'of servers are being created first, then available with their size, and name their server',
  },
  {
    behaviour: 'images are listed by type, status, architecture, name, labels and bound_to, also by several',
    source: IMAGES,
    certainty: 'documented',
    test: 'are listed by type, status, architecture, name, labels and the server that they are bound to',
    routes: ['GET /images'],
  },
  {
    behaviour: 'description and labels of snapshots and backups can be changed',
    source: IMAGES,
    certainty: 'documented',
    test: 'are described and labelled anew when they are the project’s own',
    routes: ['PUT /images/:id'],
  },
  {
    behaviour: 'system images are neither changed nor deleted: invalid_input',
    source: `${IMAGES}; the code is assumed`,
    certainty: 'documented',
    test: 'of the system, and those that lie ready here, are neither changed nor deleted',
  },
  {
    behaviour: 'a backup goes with its server, unless it was made a snapshot',
    source: IMAGES,
    certainty: 'documented',
    test: 'that are backups are deleted with their server, and those made snapshots of stay',
  },
  {
    behaviour: 'a server has seven backups, the oldest of which gives way; without enable_backup none',
    source: `${BACKUPS}; that it is service_error without is assumed`,
    certainty: 'documented',
    test: 'of type backup need backups, belong to their server, are seven, and go with it',
  },
  {
    behaviour: 'resource_limit_exceeded for a snapshot too many',
    source: ERRORS,
    certainty: 'documented',
    test: 'are no more snapshots than the project may have',
  },
  {
    behaviour: 'a backup that becomes a snapshot counts as one: resource_limit_exceeded',
    source: 'the limit would be none otherwise',
    certainty: 'assumed',
    test: 'that are backups become snapshots only as far as the project may have more',
  },
  {
    behaviour: 'a protected snapshot is 423 protected',
    source: `${IMAGES}; https://github.com/cloudpanel-io/cloudpanel-ce/issues/220`,
    certainty: 'documented',
    test: 'are protected and deleted: snapshots can be protected, backups cannot',
    routes: ['DELETE /images/:id', 'POST /images/:id/actions/change_protection'],
  },
  {
    behaviour: 'only snapshots can be protected; other images answer unsupported_error',
    source: `https://docs.hetzner.cloud/reference/cloud#image-actions; ${ERRORS}; the code is assumed`,
    certainty: 'documented',
    test: 'are protected and deleted: snapshots can be protected, backups cannot',
  },
  {
    behaviour:
      'an image is locked while a server is being saved as it; what a failed action leaves can be deleted',
    source: `${ERRORS}: an action is running`,
    certainty: 'assumed',
    test: 'are locked while a server is being saved as them, and can be deleted when that failed',
  },
  {
    behaviour: 'an image that is being created is resource_unavailable for new servers',
    source: `${ERRORS}: it is not available right now`,
    certainty: 'assumed',
    test: 'make servers once they are available, of their architecture and with room for their disk',
  },
  {
    behaviour: 'a server made of an image has its architecture, and a disk that is as large at least',
    source: BACKUPS,
    certainty: 'documented',
    test: 'make servers once they are available, of their architecture and with room for their disk',
  },
  {
    behaviour: 'an image can be deleted although servers were made of it',
    source: `${GO}/pull/172: what servers were made of may be deleted`,
    certainty: 'documented',
    test: 'are deleted whatever servers were made of them',
  },
  {
    behaviour: 'every operation on an image or a volume that does not exist is 404 not_found',
    source: ERRORS,
    certainty: 'documented',
    test: 'that do not exist cannot be read, changed or deleted',
  },
  {
    behaviour: 'the actions of images and volumes are listed and read in four ways',
    source: VOLUME_ACTIONS,
    certainty: 'documented',
    test: 'have actions, listed for each and for all, and read one by one',
    routes: [
      'GET /images/actions',
      'GET /images/actions/:id',
      'GET /images/:id/actions',
      'GET /images/:id/actions/:action',
      'GET /volumes/actions',
      'GET /volumes/actions/:id',
      'GET /volumes/:id/actions',
      'GET /volumes/:id/actions/:action',
    ],
  },
  {
    behaviour:
      'a new volume is creating, by the action create_volume, and available then; a format needs no server',
    source: 'https://github.com/hetznercloud/cli/issues/529',
    certainty: 'measured',
    test: 'are creating in a location, unattached, and available when that action has ended',
    routes: ['POST /volumes', 'GET /volumes/:id'],
  },
  {
    behaviour: 'a volume for a server is in its location, and next_actions is one attach_volume',
    source: VOLUMES,
    certainty: 'documented',
    test: 'are where their server is, and attached to it by a next action',
  },
  {
    behaviour:
      'a volume needs a location, by name or id, or a server, and both in one place if both are said',
    source: `${VOLUMES}; which fields a refusal names is assumed`,
    certainty: 'documented',
    test: 'need a location or a server, which are in the same place',
  },
  {
    behaviour:
      "automount without a format is invalid_input, \"invalid input in fields 'format', 'automount'\"",
    source: `${TERRAFORM}/issues/337`,
    certainty: 'measured',
    test: 'are mounted by themselves only with a format and on a server',
  },
  {
    behaviour:
      'names have 1 to 64 letters, digits, dashes, underscores and dots, with a letter or digit at each end',
    source: VOLUMES,
    certainty: 'documented',
    test: 'are not called by a name with %s',
  },
  {
    behaviour: 'sizes are from 10 to 10,240 GB',
    source: VOLUMES,
    certainty: 'documented',
    test: 'have from 10 to 10,240 gigabytes, whole ones',
  },
  {
    behaviour: 'uniqueness_error for a name that another volume has, which the CSI driver counts on',
    source: `${VOLUMES}; ${CSI} (internal/volsrv/volume.go)`,
    certainty: 'measured',
    test: 'have names of their own, and are no more and no larger in sum than the project may have',
  },
  {
    behaviour: 'resource_limit_exceeded for a volume too many, and for too many gigabytes in sum',
    source: `${ERRORS}; the names of the limits are assumed`,
    certainty: 'documented',
    test: 'have names of their own, and are no more and no larger in sum than the project may have',
  },
  {
    behaviour: 'no_space_left_in_location, for a larger one too',
    source: `${VOLUMES}; that resize answers it is assumed`,
    certainty: 'documented',
    test: 'are refused, and do not grow, where there is no space left',
  },
  {
    behaviour: 'attach and detach are actions that name volume and server; both tell of each other',
    source: VOLUME_ACTIONS,
    certainty: 'documented',
    test: 'are attached and detached, on both sides, by an action that names both',
    routes: ['POST /volumes/:id/actions/attach', 'POST /volumes/:id/actions/detach'],
  },
  {
    behaviour: 'a volume goes only to a server of its location; volume_already_attached while it is at one',
    source: `${VOLUME_ACTIONS}; ${GO} (hcloud/error.go)`,
    certainty: 'documented',
    test: 'are attached to one server that exists, in the same location, and detached only when they are',
  },
  {
    behaviour: 'detaching a volume that is nowhere attached is service_error',
    source: 'deleting one that is attached is',
    certainty: 'assumed',
    test: 'are attached to one server that exists, in the same location, and detached only when they are',
  },
  {
    behaviour: '16 volumes of a server; one more is limit_exceeded_error, not resource_limit_exceeded',
    source: `https://docs.hetzner.com/cloud/volumes/faq/; ${CSI} (internal/volsrv/volume.go)`,
    certainty: 'measured',
    test: 'are 16 of a server at most',
  },
  {
    behaviour: 'a volume grows, attached or not, and never shrinks',
    source: VOLUME_ACTIONS,
    certainty: 'documented',
    test: 'grow and never shrink, attached or not',
    routes: ['POST /volumes/:id/actions/resize'],
  },
  {
    behaviour: 'a volume is as large as before when growing it fails',
    source: 'failed actions are taken back everywhere here',
    certainty: 'assumed',
    test: 'are as large as before when growing fails',
  },
  {
    behaviour: 'a volume whose attachment fails is made, and attached to nothing',
    source: 'the volume is an action of its own',
    certainty: 'assumed',
    test: 'leaves a new volume unattached on both sides',
  },
  {
    behaviour: 'a volume is locked while an action runs, and its server too; an attachment waits for both',
    source: `${TERRAFORM}/issues/53; ${CSI} (internal/volsrv/volume.go)`,
    certainty: 'measured',
    test: 'are locked while something is done to them, and wait for their server',
  },
  {
    behaviour: 'volumes are renamed, relabelled, and listed by name, status and labels',
    source: VOLUMES,
    certainty: 'documented',
    test: 'are renamed and relabelled, and found by name, status and labels',
    routes: ['GET /volumes', 'PUT /volumes/:id'],
  },
  {
    behaviour: 'a protected volume is 423 protected, "volume deletion is protected"',
    source: `${ANSIBLE}/volume, until August 2024`,
    certainty: 'measured',
    test: 'are deleted unless they are protected or attached',
    routes: ['DELETE /volumes/:id', 'POST /volumes/:id/actions/change_protection'],
  },
  {
    behaviour: 'an attached volume is service_error, "volume with ID \'…\' is still attached to a server"',
    source: `${CSI}/issues/12`,
    certainty: 'measured',
    test: 'are deleted unless they are protected or attached',
  },
  {
    behaviour: 'deleting a server detaches its volumes, and leaves them',
    source: 'https://docs.hetzner.cloud/reference/cloud#servers-delete-a-server',
    certainty: 'documented',
    test: 'stay when their server is deleted, even protected',
  },
];

export const IMAGES_AND_VOLUMES_DIFFERENCES: readonly Difference[] = [
  {
    what: 'there are a few system images, none of which is deprecated, and no apps; `include_deprecated` is taken',
    why: 'every other one would be a disk that nobody here boots',
  },
  {
    what: 'snapshots that lie ready on this computer belong to no server, and are neither changed nor deleted',
    why: 'they are made by `make machines`, outside of the API',
  },
  {
    what: 'a server whose image was deleted tells null; Hetzner may still tell the image, with `deleted`',
    why: 'nothing is kept of what is deleted',
  },
  {
    what: 'a volume is mounted by nobody: `automount` is checked, and does nothing',
    why: "Hetzner's images carry a program for that, and plain Debian has none",
  },
  {
    what: 'the size of a snapshot is what the copy takes on the disk of this computer',
    why: 'nothing is compressed here',
  },
];
