import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { ApiFault, fault } from '../errors.ts';
import type { Rrset, Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { readZoneFile, writeZoneFile, type ZoneFileRecord } from '../zone-file.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { now, requireBelowLimit } from './references.ts';
import { rrsetRoutes, rrsetsOf } from './rrsets.ts';
import { newRrset, RECORD_TYPES, requireValues, ttl } from './zone-records.ts';

/** Hetzner's own. Source: https://docs.hetzner.com/networking/dns/ */
export const NAME_SERVERS = ['hydrogen.ns.hetzner.com.', 'oxygen.ns.hetzner.com.', 'helium.ns.hetzner.de.'];
const STANDARD_TTL = 3600;

const primaryServers = z.array(
  z.object({
    address: z.union([z.ipv4(), z.ipv6()]),
    port: z.int().min(1).max(65_535).default(53),
    tsig_key: z.string().optional(),
    tsig_algorithm: z.enum(['hmac-md5', 'hmac-sha1', 'hmac-sha256']).optional(),
  }),
);
const newZone = z.object({
  name: z
    .string()
    .regex(
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
      'must be a domain such as example.com',
    ),
  mode: z.enum(['primary', 'secondary']),
  ttl: ttl.default(STANDARD_TTL),
  labels: shape.labels.default({}),
  primary_nameservers: primaryServers.optional(),
  rrsets: z.array(newRrset).optional(),
  zonefile: z.string().optional(),
});

export function zoneListing(project: Project): Listing<Zone> {
  const { store } = project;
  const byName = (name: string) => store.all('zones').find((zone) => zone.name === name);
  return {
    plural: 'zones',
    singular: 'zone',
    noun: 'zone',
    all: () => store.all('zones'),
    find: (idOrName) => store.find('zones', idOrName) ?? byName(idOrName),
    filters: ['mode'],
    actionsOf: 'zone',
    dependsOn: () => [store.all('rrsets')],
    render: (zone) => renderZone(project, zone),
  };
}

function renderZone(project: Project, { primary_nameservers, ...zone }: Zone) {
  return {
    ...zone,
    ...(zone.mode === 'secondary' ? { primary_nameservers } : {}),
    status: 'ok',
    record_count: rrsetsOf(project, zone.id).reduce((sum, rrset) => sum + rrset.records.length, 0),
    // No one asks the real name servers, so nobody knows of a delegation.
    authoritative_nameservers: {
      assigned: NAME_SERVERS,
      delegated: [],
      delegation_last_check: null,
      delegation_status: 'unknown',
    },
    registrar: 'unknown',
  };
}

/** DNS zones as objects of the API; nothing here answers DNS. */
export function zoneRoutes(app: FastifyInstance, project: Project): void {
  const { store, actions } = project;
  const listing = zoneListing(project);
  listRoutes(app, project, listing);
  const resource = ({ id }: Zone) => [{ id, type: 'zone' }];
  const begin = (command: string, zone: Zone) => actions.begin(command, resource(zone), async () => {});

  app.post('/zones', (request, reply) => {
    const wanted = body(newZone, request);
    if (store.all('zones').some(({ name }) => name === wanted.name)) throw fault.unique('name');
    requireBelowLimit(project, 'zones');
    const secondary = wanted.mode === 'secondary';
    if (secondary && (wanted.primary_nameservers ?? []).length === 0)
      throw fault.invalid('primary_nameservers', 'is needed for a secondary zone');
    if (secondary && (wanted.rrsets || wanted.zonefile !== undefined))
      throw fault.invalid(
        'rrsets',
        'is not possible for a secondary zone, whose records come from its primary',
      );
    if (wanted.rrsets && wanted.zonefile !== undefined)
      throw fault.invalid('zonefile', 'is not possible together with rrsets');
    return store.change(() => {
      const zone = store.put('zones', {
        id: store.nextId(),
        name: wanted.name,
        mode: wanted.mode,
        ttl: wanted.ttl,
        labels: wanted.labels,
        primary_nameservers: wanted.primary_nameservers ?? [],
        protection: { delete: false },
        created: now(),
      });
      if (!secondary) {
        const file = wanted.zonefile === undefined ? undefined : parsed(wanted.zonefile, zone);
        if (file?.ttl !== undefined) store.put('zones', { ...zone, ttl: file.ttl });
        fill(project, zone, file?.records ?? []);
        for (const rrset of wanted.rrsets ?? []) {
          requireValues(
            rrset.type,
            rrset.records.map(({ value }) => value),
          );
          putRrset(project, zone, { ...rrset, ttl: rrset.ttl ?? null });
        }
      }
      const made = store.get('zones', zone.id) ?? zone;
      return reply.code(201).send({ zone: renderZone(project, made), action: begin('create_zone', made) });
    });
  });
  app.put('/zones/:id', (request) => {
    const zone = requireOne(listing, request);
    const wanted = body(z.object({ labels: shape.labels.optional() }), request);
    return {
      zone: renderZone(
        project,
        store.change(() => store.put('zones', { ...zone, ...defined(wanted) })),
      ),
    };
  });
  app.delete('/zones/:id', (request, reply) => {
    const zone = requireOne(listing, request);
    if (zone.protection.delete) throw fault.protected('zone');
    actions.requireUnlocked('zone', zone.id);
    const action = store.change(() => {
      for (const rrset of rrsetsOf(project, zone.id)) store.remove('rrsets', rrset.id);
      store.remove('zones', zone.id);
      return begin('delete_zone', zone);
    });
    return reply.code(201).send({ action });
  });
  app.get('/zones/:id/zonefile', (request) => {
    const zone = requirePrimary(requireOne(listing, request));
    const records = rrsetsOf(project, zone.id).flatMap((rrset): ZoneFileRecord[] =>
      rrset.records.map(({ value }) => ({ name: rrset.name, type: rrset.type, ttl: rrset.ttl, value })),
    );
    return { zonefile: writeZoneFile(zone.name, zone.ttl, records) };
  });
  const route = (path: string, command: string, change: (zone: Zone, request: FastifyRequest) => void) => {
    app.post(`/zones/:id/actions/${path}`, (request, reply) => {
      const zone = requireOne(listing, request);
      actions.requireUnlocked('zone', zone.id);
      const action = store.change(() => {
        change(zone, request);
        return begin(command, zone);
      });
      return reply.code(201).send({ action });
    });
  };
  route('change_protection', 'change_protection', (zone, request) => {
    const wanted = body(z.object({ delete: z.boolean() }), request);
    store.put('zones', { ...zone, protection: wanted });
  });
  route('change_ttl', 'change_ttl', (zone, request) => {
    requirePrimary(zone);
    store.put('zones', { ...zone, ...body(z.object({ ttl }), request) });
  });
  route('change_primary_nameservers', 'change_primary_nameservers', (zone, request) => {
    if (zone.mode !== 'secondary') throw wrongMode('secondary');
    store.put('zones', { ...zone, ...body(z.object({ primary_nameservers: primaryServers }), request) });
  });
  route('import_zonefile', 'import_zonefile', (zone, request) => {
    requirePrimary(zone);
    const { zonefile } = body(z.object({ zonefile: z.string() }), request);
    const present = rrsetsOf(project, zone.id);
    if (present.some(({ protection }) => protection.change))
      throw fault.other(423, 'protected', 'a record set of the zone is protected against changes');
    const file = parsed(zonefile, zone);
    for (const rrset of present) store.remove('rrsets', rrset.id);
    if (file.ttl !== undefined) store.put('zones', { ...zone, ttl: file.ttl });
    fill(project, zone, file.records);
  });
  rrsetRoutes(app, project, listing);
}

function parsed(text: string, zone: Zone) {
  try {
    const file = readZoneFile(text, zone.name);
    const foreign = file.records.find(({ name }) => name.endsWith('.'));
    if (foreign) throw new Error(`${foreign.name} is not in the zone`);
    const unknown = file.records.find(({ type }) => !(RECORD_TYPES as readonly string[]).includes(type));
    if (unknown) throw new Error(`there are no records of type ${unknown.type}`);
    return file;
  } catch (error) {
    throw error instanceof ApiFault ? error : fault.invalid('zonefile', (error as Error).message);
  }
}

/** Puts records into an empty zone, with the SOA and NS records that each zone has. Only within a change. */
function fill(project: Project, zone: Zone, records: readonly ZoneFileRecord[]): void {
  const sets = new Map<string, ZoneFileRecord[]>();
  const soa = `${NAME_SERVERS[0]} dns.hetzner.com. ${soaSerial()} 86400 10800 3600000 3600`;
  const standard = [
    { name: '@', type: 'SOA', ttl: null, value: soa },
    ...NAME_SERVERS.map((value) => ({ name: '@', type: 'NS', ttl: STANDARD_TTL, value })),
  ];
  const needed = standard.filter(
    ({ type }) => type === 'SOA' || !records.some((one) => one.type === type && one.name === '@'),
  );
  for (const record of [...needed, ...records.filter(({ type }) => type !== 'SOA')]) {
    const key = `${record.name}/${record.type}`;
    sets.set(key, [...(sets.get(key) ?? []), record]);
  }
  for (const set of sets.values()) {
    const [first] = set;
    if (!first) continue;
    requireValues(
      first.type,
      set.map(({ value }) => value),
    );
    putRrset(project, zone, {
      name: first.name,
      type: first.type,
      ttl: first.ttl,
      records: set.map(({ value }) => ({ value })),
      labels: {},
    });
  }
}

function soaSerial(): string {
  return `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}00`;
}

/** Only within a change of the store. @throws ApiFault when the zone has such a set already */
export function putRrset(
  project: Project,
  zone: Zone,
  wanted: Pick<Rrset, 'name' | 'type' | 'ttl' | 'records' | 'labels'>,
) {
  const { store } = project;
  const others = rrsetsOf(project, zone.id).filter(({ name }) => name === wanted.name);
  if (others.some(({ type }) => type === wanted.type)) throw fault.unique('name');
  const alias = [...others, wanted].some(({ type }) => type === 'CNAME');
  if (alias && others.length > 0)
    throw fault.invalid('name', `${wanted.name} would have a CNAME beside other records, which DNS forbids`);
  return store.put('rrsets', {
    id: store.nextId(),
    zone: zone.id,
    name: wanted.name,
    type: wanted.type,
    ttl: wanted.ttl,
    records: wanted.records,
    labels: wanted.labels,
    protection: { change: false },
    created: now(),
  });
}

export function requirePrimary(zone: Zone): Zone {
  if (zone.mode !== 'primary') throw wrongMode('primary');
  return zone;
}

function wrongMode(needed: string): ApiFault {
  return fault.other(422, 'incorrect_zone_mode', `this needs a zone in ${needed} mode`);
}
