import { optionalText, type Value, type Values } from '../protocol/index.ts';
import type { HcloudClient, Json } from './client.ts';

/** `getImage` by id, name or label selector; the newest one where several match and `mostRecent` is set. */
export async function getImage(api: HcloudClient, inputs: Values): Promise<Values> {
  const id = optionalText(inputs, 'id');
  const query = new URLSearchParams({ sort: 'created:desc', per_page: '50' });
  const name = optionalText(inputs, 'name');
  const selector = optionalText(inputs, 'withSelector') ?? optionalText(inputs, 'selector');
  if (name !== undefined) query.set('name', name);
  if (selector !== undefined) query.set('label_selector', selector);
  // Where none is given, x86 is meant, as by the official provider.
  query.set('architecture', optionalText(inputs, 'withArchitecture') ?? 'x86');
  const images =
    id === undefined
      ? ((await api.get(`/images?${query}`))['images'] as Json[])
      : [(await api.get(`/images/${id}`))['image'] as Json];
  const [image] = images;
  const wanted = selector === undefined ? `the name ${name}` : `the labels ${selector}`;
  if (!image) throw new Error(`Hetzner has no image with ${wanted}`);
  if (images.length > 1 && inputs['mostRecent'] !== true)
    throw new Error(`${images.length} images have ${wanted}: set mostRecent`);
  return {
    ...inputs,
    id: image['id'] as number,
    name: (image['name'] as string | null) ?? '',
    type: image['type'] as string,
    description: image['description'] as string,
    created: image['created'] as string,
    osFlavor: image['os_flavor'] as string,
    osVersion: (image['os_version'] as string | null) ?? '',
    architecture: image['architecture'] as string,
    rapidDeploy: image['rapid_deploy'] as boolean,
    deprecated: (image['deprecated'] as string | null) ?? '',
    labels: image['labels'] as Value,
  };
}
