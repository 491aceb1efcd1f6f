import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parse } from 'tldts';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { writeZoneFile, type ZoneFileRecord } from '../zone-file.ts';
import { body, defined, type Listing, listRoutes, requireOne, shape } from './http.ts';
import { now, requireBelowLimit } from './references.ts';
import { rrsetRoutes } from './rrsets.ts';
import { beginZoneAction, requireMode, requireUnprotectedRecords } from './zone-actions.ts';
import { fillZone, NAME_SERVERS, parseZoneFile, replaceContent, rrsetsOf } from './zone-content.ts';
import { newRrset, ttl } from './zone-records.ts';

const STANDARD_TTL = 3600;
const DNS_PORT = 53;

/** Source: https://docs.hetzner.cloud/reference/cloud#zones */
const primaryServers = z
  .array(
    z.object({
      address: z.union([z.ipv4(), z.ipv6()]),
      port: z.int().min(1).max(65_535).default(DNS_PORT),
      tsig_key: z.base64().optional(),
      tsig_algorithm: z.enum(['hmac-md5', 'hmac-sha1', 'hmac-sha256']).optional(),
    }),
  )
  .min(1);
const newZone = z.object({
  name: z
    .string()
    .max(255)
    .refine(isDomain, 'must be a domain right below a public suffix, such as example.com, in lower case'),
  mode: z.enum(['primary', 'secondary']),
  ttl: ttl.default(STANDARD_TTL),
  labels: shape.labels.default({}),
  primary_nameservers: primaryServers.or(z.tuple([])).default([]),
  rrsets: z.array(newRrset).default([]),
  zonefile: z.string().default(''),
});

/** Neither a suffix itself nor something below a domain. Source of suffixes: https://publicsuffix.org */
function isDomain(name: string): boolean {
  if (!/^[a-z0-9.-]+$/.test(name)) return false;
  return [false, true].some((allowPrivateDomains) => {
    const { domain, isIcann, isPrivate } = parse(name, { allowPrivateDomains });
    return domain === name && (isIcann === true || isPrivate === true);
  });
}

function zoneListing(project: Project): Listing<Zone> {
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

function renderZone(project: Project, zone: Zone) {
  return {
    ...zone,
    status: 'ok',
    record_count: rrsetsOf(project, zone.id).reduce((sum, rrset) => sum + rrset.records.length, 0),
    // No one asks the real name servers, so nobody knows of a delegation, as at Hetzner right after the creation.
    authoritative_nameservers: {
      assigned: NAME_SERVERS,
      delegated: [],
      delegation_last_check: null,
      delegation_status: 'unknown',
    },
    registrar: 'other',
  };
}

/** DNS zones as objects of the API; nothing here answers DNS. */
export function zoneRoutes(app: FastifyInstance, project: Project): void {
  const { store } = project;
  const listing = zoneListing(project);
  listRoutes(app, project, listing);

  app.post('/zones', (request, reply) => {
    const wanted = body(newZone, request);
    if (store.all('zones').some(({ name }) => name === wanted.name)) throw fault.unique('name');
    requireBelowLimit(project, 'zones');
    // What belongs to the other mode is ignored, as documented.
    const secondary = wanted.mode === 'secondary';
    if (secondary && wanted.primary_nameservers.length === 0)
      throw fault.invalid('primary_nameservers', 'is needed for a secondary zone');
    if (!secondary && wanted.rrsets.length > 0 && wanted.zonefile !== '')
      throw fault.invalid('zonefile', 'is not possible together with rrsets');
    return store.change(() => {
      const { name, mode, labels } = wanted;
      const id = store.nextId();
      const zone = { id, name, mode, ttl: wanted.ttl, labels, protection: { delete: false }, created: now() };
      if (secondary) store.put('zones', { ...zone, primary_nameservers: wanted.primary_nameservers });
      else createPrimary({ ...zone, primary_nameservers: [] }, wanted);
      const made = requireOneZone(id);
      const action = beginZoneAction(project, 'create_zone', made);
      return reply.code(201).send({ zone: renderZone(project, made), action });
    });
  });
  const createPrimary = (zone: Zone, { rrsets, zonefile }: z.infer<typeof newZone>): void => {
    const file = zonefile === '' ? undefined : parseZoneFile(zonefile, zone, false);
    fillZone(project, store.put('zones', { ...zone, ttl: file?.ttl ?? zone.ttl }), rrsets, file);
  };
  const requireOneZone = (id: number): Zone => {
    const zone = store.get('zones', id);
    if (!zone) throw new Error(`zone ${id} was not kept`);
    return zone;
  };
  app.put('/zones/:id', (request) => {
    const zone = requireOne(listing, request);
    const wanted = body(z.object({ labels: shape.labels.optional() }), request);
    const changed = store.change(() => store.put('zones', { ...zone, ...defined(wanted) }));
    return { zone: renderZone(project, changed) };
  });
  app.delete('/zones/:id', (request, reply) => {
    const zone = requireOne(listing, request);
    if (zone.protection.delete) throw fault.protected('zone');
    requireUnprotectedRecords(project, zone);
    const action = store.change(() => {
      for (const rrset of rrsetsOf(project, zone.id)) store.remove('rrsets', rrset.id);
      store.remove('zones', zone.id);
      return beginZoneAction(project, 'delete_zone', zone);
    });
    return reply.code(201).send({ action });
  });
  app.get('/zones/:id/zonefile', (request) => {
    const zone = requireMode(requireOne(listing, request), 'primary');
    const records = rrsetsOf(project, zone.id).flatMap(({ name, type, ttl: own, records: all }) =>
      all.map(({ value, comment = '' }): ZoneFileRecord => ({ name, type, ttl: own, value, comment })),
    );
    return { zonefile: writeZoneFile(zone.name, zone.ttl, records) };
  });
  const route = (command: string, change: (zone: Zone, request: FastifyRequest) => void) => {
    app.post(`/zones/:id/actions/${command}`, (request, reply) => {
      const zone = requireOne(listing, request);
      const action = store.change(() => {
        change(zone, request);
        return beginZoneAction(project, command, zone);
      });
      return reply.code(201).send({ action });
    });
  };
  route('change_protection', (zone, request) => {
    const wanted = body(z.object({ delete: z.boolean().optional() }), request);
    store.put('zones', { ...zone, protection: { ...zone.protection, ...defined(wanted) } });
  });
  route('change_ttl', (zone, request) => {
    store.put('zones', { ...zone, ...body(z.object({ ttl }), request) });
  });
  route('change_primary_nameservers', (zone, request) => {
    requireMode(zone, 'secondary');
    store.put('zones', { ...zone, ...body(z.object({ primary_nameservers: primaryServers }), request) });
  });
  route('import_zonefile', (zone, request) => {
    requireMode(zone, 'primary');
    const { zonefile } = body(z.object({ zonefile: z.string() }), request);
    const file = parseZoneFile(zonefile, zone, true);
    requireUnprotectedRecords(project, zone);
    replaceContent(project, store.put('zones', { ...zone, ttl: file.ttl ?? zone.ttl }), file);
  });
  rrsetRoutes(app, project, listing);
}
