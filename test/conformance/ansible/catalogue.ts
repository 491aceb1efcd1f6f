import type { Scenario } from './scenario.ts';

/** What Hetzner offers. */
export function catalogue(of: Scenario): void {
  for (const [module, name, id] of [
    ['location_info', 'fsn1', 1],
    ['datacenter_info', 'fsn1-dc14', 4],
    ['load_balancer_type_info', 'lb11', 1],
  ] as const) {
    of.tells('all', module, {});
    of.tells('by name', module, { name }, [name]);
    of.tells('by id', module, { id }, [name]);
    of.tells('by the name of none', module, { name: 'nothing' }, []);
    of.refused('by the id of none', module, { id: 999_999_999 }, 'not_found');
  }
  of.tells('all', 'server_type_info', {}, undefined, {}, 'types');
  of.tells('by name', 'server_type_info', { name: 'cpx22' }, ['cpx22']);
  of.tells('by id', 'server_type_info', { id: '{{ types.hcloud_server_type_info[0].id }}' });

  of.tells('all', 'image_info', {}, undefined, {}, 'images');
  of.tells('by id', 'image_info', { id: '{{ images.hcloud_image_info[0].id }}' });
  of.tells('by name and architecture', 'image_info', { name: 'debian-12', architecture: 'arm' }, [
    'debian-12',
  ]);
  of.tells('of an architecture', 'image_info', { architecture: 'arm' });
  of.tells('snapshots', 'image_info', { type: 'snapshot' }, []);
  of.tells('with a label', 'image_info', { label_selector: 'made-by=nobody' }, []);

  of.tells('all', 'iso_info', {}, undefined, {}, 'isos');
  of.tells('by name', 'iso_info', { name: '{{ isos.hcloud_iso_info[0].name }}' });
  of.tells('by id', 'iso_info', { id: '{{ isos.hcloud_iso_info[0].id }}' });
  of.tells('of an architecture', 'iso_info', { architecture: 'arm', include_architecture_wildcard: true });
}
