import * as hcloud from '@pulumi/hcloud';
import type * as pulumi from '@pulumi/pulumi';
import type { ImagePlan } from '../plan/index.ts';

/** What `image` of a server takes: a name as it is, or the id of the newest snapshot with the labels. */
export function imageOf(image: ImagePlan): pulumi.Input<string> {
  if (image.selector === undefined) return image.name ?? '';
  return hcloud
    .getImageOutput({ withSelector: image.selector, mostRecent: true })
    .apply(({ id }) => String(id));
}

/** Nothing is installed from a mirror where the image was made for us. */
export function packagesFor(image: ImagePlan, packages: readonly string[]): readonly string[] {
  return image.selector === undefined ? packages : [];
}
