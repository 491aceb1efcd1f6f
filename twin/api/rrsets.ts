import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { DnsRecord, Rrset, Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, requireOne, sendList, sendOne, shape } from './http.ts';
import { newRrset, record, records, requireValues, ttl } from './zone-records.ts';
import { putRrset, requirePrimary } from './zones.ts';

const LARGEST_PAGE = 100;

export function rrsetsOf({ store }: Project, zone: number): Rrset[] {
  return store.all('rrsets').filter((rrset) => rrset.zone === zone);
}

/** Clients know a set by its name and type, which are unique in its zone. */
function render({ created: _, ...rrset }: Rrset) {
  return { ...rrset, id: `${rrset.name}/${rrset.type}` };
}

/** Record sets of primary zones. Source: https://docs.hetzner.cloud/reference/cloud#zone-rrsets */
export function rrsetRoutes(app: FastifyInstance, project: Project, zones: Listing<Zone>): void {
  const { store, actions } = project;
  const listing = (zone: Zone): Listing<Rrset> => ({
    plural: 'rrsets',
    singular: 'rrset',
    noun: 'record set',
    all: () => rrsetsOf(project, zone.id),
    filters: ['type'],
    largestPage: LARGEST_PAGE,
    render,
  });
  const one = (
    request: FastifyRequest,
  ): { zone: Zone; rrset: Rrset | undefined; name: string; type: string } => {
    const zone = requirePrimary(requireOne(zones, request));
    const { name, type } = request.params as { name: string; type: string };
    const rrset = rrsetsOf(project, zone.id).find(
      (set) => set.name === name && set.type === type.toUpperCase(),
    );
    return { zone, rrset, name, type };
  };
  const existing = (request: FastifyRequest): { zone: Zone; rrset: Rrset } => {
    const { zone, rrset, name, type } = one(request);
    if (!rrset) throw fault.notFound('record set', `${name}/${type}`);
    return { zone, rrset };
  };
  const changeable = (rrset: Rrset): Rrset => {
    if (rrset.protection.change)
      throw fault.other(423, 'protected', 'record set is protected against changes');
    return rrset;
  };
  const begin = (command: string, zone: Zone) =>
    actions.begin(command, [{ id: zone.id, type: 'zone' }], async () => {});

  app.get('/zones/:id/rrsets', (request, reply) => {
    const zone = requirePrimary(requireOne(zones, request));
    return sendList(listing(zone), request, reply);
  });
  app.post('/zones/:id/rrsets', (request, reply) => {
    const zone = requirePrimary(requireOne(zones, request));
    const wanted = body(newRrset, request);
    requireValues(wanted.type, valuesOf(wanted.records));
    actions.requireUnlocked('zone', zone.id);
    return store.change(() => {
      const rrset = putRrset(project, zone, {
        ...wanted,
        ttl: wanted.ttl ?? null,
        records: clean(wanted.records),
      });
      return reply.code(201).send({ rrset: render(rrset), action: begin('create_rrset', zone) });
    });
  });
  app.get('/zones/:id/rrsets/:name/:type', (request, reply) => {
    const { zone, rrset } = existing(request);
    return sendOne(listing(zone), rrset, reply);
  });
  app.put('/zones/:id/rrsets/:name/:type', (request) => {
    const { rrset } = existing(request);
    const wanted = body(z.object({ labels: shape.labels.optional() }), request);
    return { rrset: render(store.change(() => store.put('rrsets', { ...rrset, ...defined(wanted) }))) };
  });
  app.delete('/zones/:id/rrsets/:name/:type', (request, reply) => {
    const { zone, rrset } = existing(request);
    changeable(rrset);
    if (rrset.type === 'SOA') throw fault.invalid('type', 'a zone keeps its SOA record');
    actions.requireUnlocked('zone', zone.id);
    const action = store.change(() => {
      store.remove('rrsets', rrset.id);
      return begin('delete_rrset', zone);
    });
    return reply.code(201).send({ action });
  });

  const route = (path: string, command: string, change: (request: FastifyRequest) => Zone, status = 201) => {
    app.post(`/zones/:id/rrsets/:name/:type/actions/${path}`, (request, reply) => {
      actions.requireUnlocked('zone', requireOne(zones, request).id);
      const action = store.change(() => begin(command, change(request)));
      return reply.code(status).send({ action });
    });
  };
  const put = (rrset: Rrset, changed: readonly DnsRecord[]): void => {
    requireValues(rrset.type, valuesOf(changed));
    if (changed.length === 0) store.remove('rrsets', rrset.id);
    else store.put('rrsets', { ...rrset, records: clean(changed) });
  };
  route('set_records', 'set_rrset_records', (request) => {
    const { zone, rrset } = existing(request);
    put(changeable(rrset), body(z.object({ records }), request).records);
    return zone;
  });
  route('add_records', 'add_rrset_records', (request) => {
    const { zone, rrset, name, type } = one(request);
    const wanted = body(z.object({ records, ttl: ttl.nullish() }), request);
    if (rrset) {
      if (wanted.ttl !== undefined && wanted.ttl !== rrset.ttl)
        throw fault.invalid('ttl', 'differs from that of the record set; change it by change_ttl');
      put(changeable(rrset), [...rrset.records, ...wanted.records]);
    } else {
      const made = newRrset.safeParse({ name, type, ...wanted });
      if (!made.success)
        throw fault.invalid('name', made.error.issues.map(({ message }) => message).join(', '));
      requireValues(type, valuesOf(wanted.records));
      putRrset(project, zone, { ...made.data, ttl: wanted.ttl ?? null, records: clean(wanted.records) });
    }
    return zone;
  });
  route('remove_records', 'remove_rrset_records', (request) => {
    const { zone, rrset } = existing(request);
    const wanted = valuesOf(body(z.object({ records }), request).records);
    const absent = wanted.find((value) => !rrset.records.some((one) => one.value === value));
    if (absent !== undefined) throw fault.invalid('records', `${absent} is not in the record set`);
    put(
      changeable(rrset),
      rrset.records.filter(({ value }) => !wanted.includes(value)),
    );
    return zone;
  });
  route('update_records', 'update_rrset_records', (request) => {
    const { zone, rrset } = existing(request);
    const wanted = body(z.object({ records: z.array(record.required()) }), request).records;
    const absent = wanted.find(({ value }) => !rrset.records.some((one) => one.value === value));
    if (absent) throw fault.invalid('records', `${absent.value} is not in the record set`);
    put(
      changeable(rrset),
      rrset.records.map((one) => wanted.find(({ value }) => value === one.value) ?? one),
    );
    return zone;
  });
  route('change_ttl', 'change_rrset_ttl', (request) => {
    const { zone, rrset } = existing(request);
    store.put('rrsets', { ...changeable(rrset), ...body(z.object({ ttl: ttl.nullable() }), request) });
    return zone;
  });
  route('change_protection', 'change_rrset_protection', (request) => {
    const { zone, rrset } = existing(request);
    store.put('rrsets', { ...rrset, protection: body(z.object({ change: z.boolean() }), request) });
    return zone;
  });
}

function valuesOf(wanted: readonly { readonly value: string }[]): string[] {
  return wanted.map(({ value }) => value);
}

/** An empty comment is none. */
function clean(
  wanted: readonly { readonly value: string; readonly comment?: string | undefined }[],
): DnsRecord[] {
  return wanted.map(({ value, comment }) => ({ value, ...(comment ? { comment } : {}) }));
}
