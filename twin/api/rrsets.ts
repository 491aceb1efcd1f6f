import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { fault } from '../errors.ts';
import type { Rrset, Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { body, defined, type Listing, requireOne, sendList, sendOne, shape } from './http.ts';
import { beginZoneAction, changeProtected, requireMode } from './zone-actions.ts';
import { countChange, putRrset, rrsetsOf, setRecords } from './zone-content.ts';
import { commentedRecords, newRrset, records, ttl } from './zone-records.ts';

const LARGEST_PAGE = 100;
const SETS = '/zones/:id/rrsets';
const SET = `${SETS}/:name/:type`;

/** Clients know a set by its name and type, which are unique in its zone. */
function render({ created: _, ...rrset }: Rrset) {
  return {
    ...rrset,
    id: `${rrset.name}/${rrset.type}`,
    records: rrset.records.map(({ value, comment = '' }) => ({ value, comment })),
  };
}

interface Place {
  readonly zone: Zone;
  readonly name: string;
  readonly type: string;
  readonly rrset: Rrset | undefined;
}

/** Record sets of primary zones. Source: https://docs.hetzner.cloud/reference/cloud#zone-rrsets */
export function rrsetRoutes(app: FastifyInstance, project: Project, zones: Listing<Zone>): void {
  const { store } = project;
  const listing = (zone: Zone): Listing<Rrset> => ({
    plural: 'rrsets',
    singular: 'rrset',
    noun: 'record set',
    all: () => rrsetsOf(project, zone.id),
    filters: ['type'],
    largestPage: LARGEST_PAGE,
    render,
  });
  const placeOf = (request: FastifyRequest): Place => {
    const zone = requireMode(requireOne(zones, request), 'primary');
    const { name, type } = request.params as { name: string; type: string };
    const rrset = rrsetsOf(project, zone.id).find((set) => set.name === name && set.type === type);
    return { zone, name, type, rrset };
  };
  const existing = (request: FastifyRequest): { zone: Zone; rrset: Rrset } => {
    const { zone, rrset, name, type } = placeOf(request);
    if (!rrset) throw fault.notFound('record set', `${name}/${type}`);
    return { zone, rrset };
  };
  const changeable = (request: FastifyRequest): { zone: Zone; rrset: Rrset } => {
    const found = existing(request);
    if (found.rrset.protection.change) throw changeProtected();
    return found;
  };

  app.get(SETS, (request, reply) => {
    const zone = requireMode(requireOne(zones, request), 'primary');
    return sendList(listing(zone), request, reply);
  });
  app.post(SETS, (request, reply) => {
    const zone = requireMode(requireOne(zones, request), 'primary');
    const wanted = body(newRrset, request);
    return store.change(() => {
      const rrset = putRrset(project, zone, wanted);
      countChange(project, zone);
      const action = beginZoneAction(project, 'create_rrset', zone);
      return reply.code(201).send({ rrset: render(rrset), action });
    });
  });
  app.get(SET, (request, reply) => {
    const { zone, rrset } = existing(request);
    return sendOne(listing(zone), rrset, reply);
  });
  app.put(SET, (request) => {
    const { rrset } = changeable(request);
    // In Hetzner's words. Source: https://github.com/ddclient/ddclient/issues/871
    if (Object.hasOwn(body(z.looseObject({}), request), 'records'))
      throw fault.other(422, 'invalid_input', "can't update records with this endpoint");
    const wanted = body(z.object({ labels: shape.labels.optional() }), request);
    return { rrset: render(store.change(() => store.put('rrsets', { ...rrset, ...defined(wanted) }))) };
  });

  const change = (work: () => Zone, command: string) =>
    store.change(() => ({ action: beginZoneAction(project, command, work()) }));
  app.delete(SET, (request, reply) => {
    const { zone, rrset } = changeable(request);
    const remove = () => {
      setRecords(project, zone, rrset, []);
      return zone;
    };
    return reply.code(201).send(change(remove, 'delete_rrset'));
  });
  const route = (path: string, command: string, work: (request: FastifyRequest) => Zone, status = 201) => {
    app.post(`${SET}/actions/${path}`, (request, reply) =>
      reply.code(status).send(change(() => work(request), command)),
    );
  };
  route('set_records', 'set_rrset_records', (request) => {
    const { zone, rrset } = changeable(request);
    setRecords(project, zone, rrset, body(z.object({ records }), request).records);
    return zone;
  });
  route('add_records', 'add_rrset_records', (request) => {
    const { zone, name, type, rrset } = placeOf(request);
    const wanted = body(z.object({ records, ttl: ttl.nullish() }), request);
    if (!rrset) {
      // A type that does not exist is a mistake of the path here, and told like one of a new set.
      const { success, data } = newRrset.safeParse({ name, type, ...wanted });
      if (!success) throw fault.invalid('type', `there are no records of type ${type}`);
      putRrset(project, zone, data);
      countChange(project, zone);
      return zone;
    }
    changeable(request);
    const own = wanted.ttl ?? rrset.ttl;
    if (rrset.ttl !== null && own !== rrset.ttl)
      throw fault.invalid('ttl', 'differs from that of the record set; change it by change_ttl');
    setRecords(project, zone, { ...rrset, ttl: own }, [...rrset.records, ...wanted.records]);
    return zone;
  });
  route('remove_records', 'remove_rrset_records', (request) => {
    const { zone, rrset } = changeable(request);
    const wanted = body(z.object({ records }), request).records.map(({ value }) => value);
    requirePresent(rrset, wanted);
    const kept = rrset.records.filter(({ value }) => !wanted.includes(value));
    setRecords(project, zone, rrset, kept);
    return zone;
  });
  const update = (request: FastifyRequest): Zone => {
    const { zone, rrset } = changeable(request);
    const wanted = body(z.object({ records: commentedRecords }), request).records;
    requirePresent(
      rrset,
      wanted.map(({ value }) => value),
    );
    const changed = rrset.records.map((one) => wanted.find(({ value }) => value === one.value) ?? one);
    store.put('rrsets', { ...rrset, records: changed });
    return zone;
  };
  // The only action that the reference answers with 200.
  route('update_records', 'update_rrset_records', update, 200);
  route('change_ttl', 'change_rrset_ttl', (request) => {
    const { zone, rrset } = changeable(request);
    store.put('rrsets', { ...rrset, ...body(z.object({ ttl: ttl.nullable() }), request) });
    countChange(project, zone);
    return zone;
  });
  route('change_protection', 'change_rrset_protection', (request) => {
    const { zone, rrset } = existing(request);
    store.put('rrsets', { ...rrset, protection: body(z.object({ change: z.boolean() }), request) });
    return zone;
  });
}

/** @throws ApiFault with every value that is not in the set */
function requirePresent(rrset: Rrset, wanted: readonly string[]): void {
  const absent = wanted.filter((value) => !rrset.records.some((one) => one.value === value));
  if (absent.length > 0) throw fault.invalid('records', `${absent.join(', ')} is not in the record set`);
}
