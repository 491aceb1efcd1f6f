import { type Cli, expect, type JsonObject, requireSame } from './cli.ts';

/** A group of commands for one kind of thing. */
export interface Kind {
  /** As hcloud calls it: `floating-ip`. */
  readonly group: string;
  /** As the API calls many and one of it. */
  readonly plural: string;
  readonly singular: string;
}

export const KINDS = {
  sshKey: { group: 'ssh-key', plural: 'ssh_keys', singular: 'ssh_key' },
  network: { group: 'network', plural: 'networks', singular: 'network' },
  firewall: { group: 'firewall', plural: 'firewalls', singular: 'firewall' },
  placementGroup: { group: 'placement-group', plural: 'placement_groups', singular: 'placement_group' },
  primaryIp: { group: 'primary-ip', plural: 'primary_ips', singular: 'primary_ip' },
  floatingIp: { group: 'floating-ip', plural: 'floating_ips', singular: 'floating_ip' },
  volume: { group: 'volume', plural: 'volumes', singular: 'volume' },
  server: { group: 'server', plural: 'servers', singular: 'server' },
  image: { group: 'image', plural: 'images', singular: 'image' },
  balancer: { group: 'load-balancer', plural: 'load_balancers', singular: 'load_balancer' },
  certificate: { group: 'certificate', plural: 'certificates', singular: 'certificate' },
  location: { group: 'location', plural: 'locations', singular: 'location' },
  datacenter: { group: 'datacenter', plural: 'datacenters', singular: 'datacenter' },
  serverType: { group: 'server-type', plural: 'server_types', singular: 'server_type' },
  balancerType: {
    group: 'load-balancer-type',
    plural: 'load_balancer_types',
    singular: 'load_balancer_type',
  },
  iso: { group: 'iso', plural: 'isos', singular: 'iso' },
} as const satisfies Record<string, Kind>;

interface Thing extends JsonObject {
  readonly id: number;
  readonly name: string;
}

/** What the API has of a thing. */
async function shown(cli: Cli, kind: Kind, idOrName: string): Promise<Thing> {
  if (!/^\d+$/.test(idOrName)) return await named(cli, kind, idOrName);
  const { [kind.singular]: thing } = await cli.api<{ [singular: string]: Thing }>(
    `/${kind.plural}/${idOrName}`,
  );
  if (!thing) throw new Error(`the API has no ${kind.singular} ${idOrName}`);
  return thing;
}

/** What the API has under a name. @throws Error when that is nothing */
export async function named(cli: Cli, { plural }: Kind, name: string): Promise<Thing> {
  const found = (await cli.api<{ [plural: string]: Thing[] }>(`/${plural}?name=${name}`))[plural]?.[0];
  if (!found) throw new Error(`the API has no ${name} among its ${plural}`);
  return found;
}

/** Reading: one by id and by name, all, as tables and as JSON, always beside what the API says. */
export async function reads(cli: Cli, kind: Kind, idOrName: string): Promise<void> {
  const { group, plural, singular } = kind;
  const thing = await shown(cli, kind, idOrName);
  for (const handle of new Set([String(thing.id), idOrName])) {
    await cli.check(`${group} describe ${handle === idOrName ? 'by name' : 'by id'}`, async () => {
      requireSame(await cli.json(group, 'describe', handle), thing, singular);
    });
  }
  await cli.check(`${group} describe, for people`, async () => {
    const text = await cli.ok(group, 'describe', idOrName);
    expect(text.includes(String(thing.id)), `it does not name ${thing.id}: ${text}`);
  });
  await cli.check(`${group} describe, by a template`, async () => {
    const text = await cli.ok(group, 'describe', idOrName, '-o', 'format={{.ID}}');
    expect(text.trim() === String(thing.id), `it is ${text}`);
  });
  await cli.refused(`${group} describe what is not there`, /not found/, group, 'describe', 'no-such-thing');
  await cli.check(`${group} list as JSON`, async () => {
    const listed = await cli.json<Thing[]>(group, 'list');
    for (const one of listed) {
      const { [singular]: other } = await cli.api<{ [singular: string]: Thing }>(`/${plural}/${one.id}`);
      requireSame(one, other, `${singular} ${one.id}`, true);
    }
    expect(
      listed.some(({ id }) => id === thing.id),
      `${thing.id} is not among them`,
    );
  });
  await cli.check(`${group} list as a table`, async () => {
    const lines = (await cli.ok(group, 'list', '-o', 'columns=id,name', '-s', 'id:desc', '-o', 'noheader'))
      .trim()
      .split('\n')
      .map((line) => Number(line.split(/\s+/)[0]));
    expect(lines.includes(thing.id), `${thing.id} is not in it`);
    expect(
      lines.every((id, index) => index === 0 || id < (lines[index - 1] ?? 0)),
      `it is not sorted: ${lines.join(' ')}`,
    );
  });
}

/** Labels: added, not overwritten unless wished, selected by, and removed. */
export async function labels(cli: Cli, kind: Kind, name: string): Promise<void> {
  const { group } = kind;
  const now = async () => (await shown(cli, kind, name))['labels'];
  await cli.check(`${group} add-label`, async () => {
    await cli.ok(group, 'add-label', name, 'tier=one');
    await cli.ok(group, 'add-label', name, 'other=two');
    requireSame(await now(), { tier: 'one', other: 'two' }, 'labels');
  });
  await cli.refused(
    `${group} add-label that is there`,
    /already exists/,
    group,
    'add-label',
    name,
    'tier=three',
  );
  await cli.check(`${group} add-label --overwrite`, async () => {
    await cli.ok(group, 'add-label', '--overwrite', name, 'tier=three');
    requireSame(await now(), { tier: 'three', other: 'two' }, 'labels');
  });
  await cli.check(`${group} list by a selector`, async () => {
    const found = await cli.json<Thing[]>(group, 'list', '-l', 'tier=three,other');
    expect(found.length === 1, `${found.length} were found`);
    const none = await cli.ok(group, 'list', '-l', 'tier=one', '-o', 'noheader');
    expect(none.trim() === '', `something was found: ${none}`);
  });
  await cli.check(`${group} remove-label`, async () => {
    await cli.ok(group, 'remove-label', name, 'tier');
    expect(Object.keys((await now()) ?? {}).join() === 'other', 'another label is gone, too');
    await cli.ok(group, 'remove-label', '--all', name);
    expect(Object.keys((await now()) ?? {}).length === 0, 'a label is left');
  });
}

/** A new name, and the old one back. */
export async function renames(cli: Cli, kind: Kind, name: string): Promise<void> {
  const { group } = kind;
  await cli.check(`${group} update`, async () => {
    const { id } = await named(cli, kind, name);
    await cli.ok(group, 'update', name, '--name', `${name}-2`);
    expect((await shown(cli, kind, String(id))).name === `${name}-2`, 'it has its old name');
    await cli.ok(group, 'update', `${name}-2`, '--name', name);
  });
}

/** Protection against deletion holds until it is taken away. */
export async function protects(
  cli: Cli,
  { group }: Kind,
  name: string,
  levels: readonly string[] = ['delete'],
): Promise<void> {
  await cli.check(`${group} enable-protection`, async () => {
    await cli.ok(group, 'enable-protection', name, ...levels);
    const { protection } = await cli.json(group, 'describe', name);
    expect((protection as JsonObject)['delete'] === true, 'it is not protected');
  });
  await cli.refused(`${group} delete what is protected`, /protected/, group, 'delete', name);
  await cli.check(`${group} disable-protection`, () => cli.ok(group, 'disable-protection', name, ...levels));
}

export async function deletes(cli: Cli, kind: Kind, idOrName: string): Promise<void> {
  const { group } = kind;
  await cli.check(`${group} delete`, () => cli.ok(group, 'delete', idOrName));
  await cli.refused(`${group} delete what is gone`, /not found/, group, 'delete', idOrName);
}
