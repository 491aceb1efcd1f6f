import type * as pulumi from '@pulumi/pulumi';

/**
 * Options of every server. A machine is replaced when someone asks for it, never because a key, a line of user data
 * or an image changed: those reach running machines by a phase.
 */
export function serverOptions(parent: pulumi.Resource, protect: boolean): pulumi.CustomResourceOptions {
  return { parent, protect, deleteBeforeReplace: true, ignoreChanges: ['sshKeys', 'userData', 'image'] };
}
