import type * as pulumi from '@pulumi/pulumi';

/** Hetzner's ids are text as ids of resources and numbers as arguments. */
export function toNumber(id: pulumi.Output<string>): pulumi.Output<number> {
  return id.apply(Number);
}
