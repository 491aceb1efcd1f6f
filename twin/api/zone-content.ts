import { ApiFault, fault } from '../errors.ts';
import type { DnsRecord, Rrset, Zone } from '../model.ts';
import type { Project } from '../project.ts';
import { readZoneFile, type ZoneFile, type ZoneFileRecord } from '../zone-file.ts';
import { now } from './references.ts';
import { type NewRrset, RECORD_TYPES, requireRecordName, requireValues, ttl } from './zone-records.ts';

/** Hetzner's own. Source: https://docs.hetzner.com/networking/dns/ */
export const NAME_SERVERS = ['hydrogen.ns.hetzner.com.', 'oxygen.ns.hetzner.com.', 'helium.ns.hetzner.de.'];
const NAME_SERVER_TTL = 3600;
const LARGEST_SERIAL = 2 ** 32 - 1;
const SERIAL = 2;

export function rrsetsOf({ store }: Project, zone: number): Rrset[] {
  return store.all('rrsets').filter((rrset) => rrset.zone === zone);
}

/** The SOA and NS records that every primary zone has. */
function standardRecords(): ZoneFileRecord[] {
  const soa = `${NAME_SERVERS[0]} dns.hetzner.com. 0 86400 10800 3600000 3600`;
  return [
    { name: '@', type: 'SOA', ttl: null, value: soa, comment: '' },
    ...NAME_SERVERS.map((value) => ({ name: '@', type: 'NS', ttl: NAME_SERVER_TTL, value, comment: '' })),
  ];
}

/**
 * The zone's first content. Only within a change of the store.
 * @throws ApiFault when the sets cannot be
 */
export function fillZone(project: Project, zone: Zone, sets: readonly NewRrset[], file?: ZoneFile): void {
  const own = file ? setsOf(file.records) : [];
  const standard = setsOf(standardRecords()).filter(
    ({ type }) => ![...own, ...sets].some((set) => set.name === '@' && set.type === type),
  );
  for (const set of standard) putRrset(project, zone, set);
  for (const set of own) putFromFile(project, zone, set);
  for (const [index, set] of sets.entries()) putRrset(project, zone, set, `rrsets[${index}]`);
  countChange(project, zone);
}

/** Another content for a zone that has one. Only within a change of the store. */
export function replaceContent(project: Project, zone: Zone, file: ZoneFile): void {
  const before = serialOf(project, zone);
  for (const rrset of rrsetsOf(project, zone.id)) project.store.remove('rrsets', rrset.id);
  for (const set of setsOf(file.records)) putFromFile(project, zone, set);
  countChange(project, zone, before);
}

/**
 * A zone file that Hetzner would import.
 * @param whole whether the zone's own SOA and NS records must be in it
 * @throws ApiFault with what is wrong and where
 */
export function parseZoneFile(text: string, zone: Zone, whole: boolean): ZoneFile {
  const refuse = (why: string) => fault.invalid('zonefile', why);
  const isTtl = (seconds: unknown) => ttl.nullish().safeParse(seconds).success;
  let file: ZoneFile;
  try {
    file = readZoneFile(text, zone.name);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const standard = file.ttl ?? zone.ttl;
  if (!isTtl(file.ttl)) throw refuse(`TTL ${file.ttl} is not possible`);
  for (const set of setsOf(file.records)) {
    const { name, type } = set;
    if (!(RECORD_TYPES as readonly string[]).includes(type))
      throw refuse(`there are no records of type ${type}`);
    if (!isTtl(set.ttl)) throw refuse(`${name} ${type}: TTL ${set.ttl} is not possible`);
    const records = file.records.filter((record) => record.name === name && record.type === type);
    // Source: https://docs.hetzner.com/networking/dns/migration-to-hetzner-console/process
    if (records.some((record) => (record.ttl ?? standard) !== (set.ttl ?? standard)))
      throw refuse(`${name} ${type}: all records need the same TTL`);
  }
  const has = (type: string) => file.records.some((record) => record.name === '@' && record.type === type);
  if (whole && !has('SOA')) throw refuse('the SOA record of the zone is missing');
  if (whole && !has('NS')) throw refuse(`the NS records ${NAME_SERVERS.join(', ')} are missing`);
  return file;
}

/** @throws ApiFault that names the zone file, whatever of the set is wrong */
function putFromFile(project: Project, zone: Zone, set: WantedSet): void {
  try {
    putRrset(project, zone, set);
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    const { fields } = error.details as {
      readonly fields: readonly { readonly messages: readonly string[] }[];
    };
    throw fault.invalid('zonefile', `${set.name} ${set.type}: ${fields[0]?.messages[0]}`);
  }
}

type WantedSet = Omit<NewRrset, 'type'> & { readonly type: string };

/** The records by name and type, in the order of their first ones. */
function setsOf(records: readonly ZoneFileRecord[]): WantedSet[] {
  const sets = new Map<string, WantedSet>();
  for (const { name, type, ttl: own, value, comment } of records) {
    const key = `${name}/${type}`;
    const known = sets.get(key) ?? { name, type, ttl: own, labels: {}, records: [] };
    sets.set(key, { ...known, records: [...known.records, { value, comment }] });
  }
  return [...sets.values()];
}

/**
 * Only within a change of the store.
 * @param place of the set in the request
 * @throws ApiFault when the set cannot be, or the zone has one of its name and type
 */
export function putRrset(project: Project, zone: Zone, wanted: WantedSet, place?: string): Rrset {
  const { store } = project;
  requireRecordName(wanted.name, zone.name);
  requirePossible(wanted.name, wanted.type, wanted.records, place);
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
    ttl: wanted.ttl ?? null,
    records: wanted.records,
    labels: wanted.labels,
    protection: { change: false },
    created: now(),
  });
}

/**
 * Only within a change of the store. A set without records is no more.
 * @throws ApiFault when these cannot be the set's records
 */
export function setRecords(project: Project, zone: Zone, rrset: Rrset, records: readonly DnsRecord[]): void {
  const { store } = project;
  requirePossible(rrset.name, rrset.type, records);
  const before = serialOf(project, zone);
  if (records.length === 0) store.remove('rrsets', rrset.id);
  else store.put('rrsets', { ...rrset, records });
  countChange(project, zone, before);
}

/**
 * Every zone keeps its SOA record and Hetzner's name servers.
 * Source: https://docs.hetzner.com/networking/dns/faq/nameservers
 */
function requirePossible(name: string, type: string, records: readonly DnsRecord[], place?: string): void {
  const values = records.map(({ value }) => value);
  requireValues(type, values, place);
  if (type === 'SOA' && name !== '@')
    throw fault.invalid('name', 'only the zone itself, @, has a SOA record');
  if (type === 'SOA' && values.length === 0) throw fault.invalid('records', 'a zone keeps its SOA record');
  const missing = NAME_SERVERS.filter((server) => !values.some((value) => value.toLowerCase() === server));
  if (type === 'NS' && name === '@' && missing.length > 0)
    throw fault.invalid(
      'records',
      `a zone keeps the name servers that it was assigned: ${missing.join(', ')}`,
    );
}

function soaOf(project: Project, zone: Zone): Rrset | undefined {
  return rrsetsOf(project, zone.id).find(({ name, type }) => name === '@' && type === 'SOA');
}

function serialOf(project: Project, zone: Zone): number {
  const value = soaOf(project, zone)?.records[0]?.value ?? '';
  return Number(value.split(/\s+/)[SERIAL] ?? 0);
}

/**
 * Hetzner counts the serial itself, as YYYYMMDDnn. Only within a change of the store.
 * Source: https://docs.hetzner.cloud/reference/cloud#zones
 * @param before the serial until now, where someone has written another one
 */
export function countChange(project: Project, zone: Zone, before = serialOf(project, zone)): void {
  const soa = soaOf(project, zone);
  const [record] = soa?.records ?? [];
  if (!soa || !record) return;
  const today = Number(`${now().slice(0, 10).replaceAll('-', '')}00`);
  const serial = Math.min(Math.max(today, before + 1), LARGEST_SERIAL);
  const value = record.value.split(/\s+/).with(SERIAL, String(serial)).join(' ');
  project.store.put('rrsets', { ...soa, records: [{ ...record, value }] });
}
