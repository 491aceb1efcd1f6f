import type { Behaviour, Difference } from './behaviour.ts';

const ZONE = 'https://docs.hetzner.cloud/reference/cloud#zones';
const ZONE_ACTION = 'https://docs.hetzner.cloud/reference/cloud#zone-actions';
const RRSET = 'https://docs.hetzner.cloud/reference/cloud#zone-rrsets';
const IMPORT = 'https://docs.hetzner.cloud/reference/cloud#tag/zones/zone-file-import';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud/tree/main/tests/integration/targets';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud/blob/main/internal';

const OF_ZONES: readonly Behaviour[] = [
  {
    behaviour:
      'a primary zone begins with a SOA record and three NS records, with no primary name servers, unprotected, TTL 3600',
    source: `${ZONE}; ${ANSIBLE}/zone`,
    certainty: 'measured',
    test: 'begin with a SOA record and the three name servers of Hetzner',
    routes: ['POST /zones', 'GET /zones/:id'],
  },
  {
    behaviour: 'a new zone is of registrar other, delegated to nobody, and that was never checked',
    source: `${ANSIBLE}/zone; until the registrar is looked up it is unknown at Hetzner`,
    certainty: 'measured',
    test: 'begin with a SOA record and the three name servers of Hetzner',
  },
  {
    behaviour:
      'the NS records that a zone begins with have a TTL of 3600 of their own, the SOA record has none',
    source: 'nobody tells',
    certainty: 'assumed',
    test: 'begin with a SOA record and the three name servers of Hetzner',
  },
  {
    behaviour: 'record sets given at creation are made, all or none; what is wrong is told by its place',
    source: ZONE,
    certainty: 'documented',
    test: 'are created with record sets, whole or not at all',
  },
  {
    behaviour:
      "a SOA or NS set given at creation replaces the standard one; Hetzner's name servers must be in it",
    source: 'by what an import demands',
    certainty: 'assumed',
    test: 'may name their own SOA and further name servers at creation, but not other ones',
  },
  {
    behaviour: 'a zone is found by id and by name in every path, actions included',
    source: ZONE,
    certainty: 'documented',
    test: 'are found by number and by name in every path',
    routes: [
      'GET /zones/:id',
      'GET /zones/actions',
      'GET /zones/actions/:id',
      'GET /zones/:id/actions',
      'GET /zones/:id/actions/:action',
    ],
  },
  {
    behaviour: 'zones are listed by name, mode and labels, in the order of id, name or time',
    source: ZONE,
    certainty: 'documented',
    test: 'are listed by name, mode, labels and in any order',
    routes: ['GET /zones'],
  },
  {
    behaviour: 'a name is one part below a public suffix, in lower case and Punycode; subdomains are refused',
    source: `${ZONE}; https://publicsuffix.org, as of the package tldts`,
    certainty: 'documented',
    test: 'have no name like %s: %s are not possible',
  },
  {
    behaviour: 'suffixes of the private part of the list, such as github.io, count as well',
    source: 'the reference names the list and no part of it',
    certainty: 'assumed',
    test: 'may be called %s',
  },
  {
    behaviour: 'a second zone of a name is refused with uniqueness_error',
    source: ZONE,
    certainty: 'documented',
    test: 'have a name once',
  },
  {
    behaviour: 'too many zones are refused with resource_limit_exceeded',
    source: 'https://docs.hetzner.cloud/reference/cloud#errors',
    certainty: 'documented',
    test: 'are no more than the account may have',
  },
  {
    behaviour: 'PUT replaces the labels and changes nothing else',
    source: ZONE,
    certainty: 'documented',
    test: 'change their labels as a whole, and nothing else by PUT',
    routes: ['PUT /zones/:id'],
  },
  {
    behaviour: 'a protected zone is not deleted; DELETE answers 201 with an action',
    source: `${ZONE}; ${ZONE_ACTION}`,
    certainty: 'documented',
    test: 'are not deleted while they are protected, or one of their record sets is',
    routes: ['DELETE /zones/:id', 'POST /zones/:id/actions/change_protection'],
  },
  {
    behaviour: 'a protected record set keeps its zone from being deleted: "RRSet(s) is/are change protected"',
    source: `${ANSIBLE}/zone_rrset; https://github.com/caddy-dns/hetzner/issues/28`,
    certainty: 'measured',
    test: 'are not deleted while they are protected, or one of their record sets is',
    routes: ['DELETE /zones/:id'],
  },
  {
    behaviour: 'a TTL is from 60 to 2147483647 seconds',
    source: ZONE_ACTION,
    certainty: 'documented',
    test: 'have a TTL from one minute to 68 years, in both modes',
    routes: ['POST /zones/:id/actions/change_ttl'],
  },
  {
    behaviour: 'change_ttl works in secondary mode too, other than the reference says',
    source: `${TERRAFORM}/zone/resource_test.go, TestAccZoneResource_Secondary`,
    certainty: 'measured',
    test: 'have a TTL from one minute to 68 years, in both modes',
  },
  {
    behaviour: 'a secondary zone has primary name servers, with port 53 unless told; TSIG keys are base64',
    source: `${ZONE}; ${ANSIBLE}/zone`,
    certainty: 'measured',
    test: 'in secondary mode come from name servers, on port 53 when none is named',
    routes: ['POST /zones/:id/actions/change_primary_nameservers'],
  },
  {
    behaviour:
      'name servers to come from are addresses; other algorithms than MD5, SHA1 and SHA256 are refused',
    source: ZONE,
    certainty: 'documented',
    test: 'in secondary mode cannot come from %o',
  },
  {
    behaviour: 'what belongs to the other mode is ignored at creation',
    source: ZONE,
    certainty: 'documented',
    test: 'in secondary mode need a name server, and ignore records; those in primary mode ignore name servers',
  },
  {
    behaviour: 'a secondary zone without primary name servers is refused',
    source: 'Terraform and Ansible demand them; the reference does not say',
    certainty: 'assumed',
    test: 'in secondary mode need a name server, and ignore records; those in primary mode ignore name servers',
  },
  {
    behaviour: 'incorrect_zone_mode for records and zone files of secondary zones',
    source: `${ZONE}; ${RRSET}`,
    certainty: 'documented',
    test: 'in secondary mode refuse %s %s',
  },
  {
    behaviour: 'incorrect_zone_mode for primary name servers of primary zones',
    source: ZONE_ACTION,
    certainty: 'documented',
    test: 'in primary mode refuse other name servers to come from',
  },
  {
    behaviour: 'actions of a zone queue up; a further write is no conflict',
    source: `${TERRAFORM}/zone/resource.go begins several and waits afterwards; nobody reports a conflict`,
    certainty: 'assumed',
    test: 'take several actions at once, which end one after the other',
  },
];

const OF_FILES: readonly Behaviour[] = [
  {
    behaviour:
      'a zone is created from a zone file, in which SOA and NS records may be missing; $TTL is the zone’s TTL',
    source: `${ANSIBLE}/zone; ${IMPORT}`,
    certainty: 'measured',
    test: 'make a zone; the SOA and NS records may be left out then',
  },
  {
    behaviour: 'a zone file and record sets exclude each other',
    source: ZONE,
    certainty: 'documented',
    test: 'make no zone together with record sets, and nothing when they are wrong',
  },
  {
    behaviour: 'an import replaces all record sets, and keeps the TTL when the file has none',
    source: ZONE_ACTION,
    certainty: 'documented',
    test: 'replace everything on import, with the serial counted on',
    routes: ['POST /zones/:id/actions/import_zonefile'],
  },
  {
    behaviour: 'comments of records are imported and exported, those on their own lines are lost',
    source: IMPORT,
    certainty: 'documented',
    test: 'are written with every record, TTL and comment, so that an import changes nothing',
    routes: ['GET /zones/:id/zonefile'],
  },
  {
    behaviour: 'parentheses, quotes, owners left out, units of TTLs and absolute names are read',
    source: 'https://datatracker.ietf.org/doc/html/rfc1035#section-5',
    certainty: 'documented',
    test: 'are read as RFC 1035 says: parentheses, owners left out, quotes, escapes, absolute names',
  },
  {
    behaviour: 'no import while a record set is protected',
    source: ZONE_ACTION,
    certainty: 'documented',
    test: 'are not imported while a record set is protected',
  },
  {
    behaviour:
      'an import needs the SOA record and all of Hetzner’s NS records, class IN, the zone as $ORIGIN, and one TTL for a set',
    source: `${IMPORT}; https://docs.hetzner.com/networking/dns/migration-to-hetzner-console/process`,
    certainty: 'documented',
    test: 'are refused when they are %j',
  },
];

export const ZONES: readonly Behaviour[] = [...OF_ZONES, ...OF_FILES];

export const ZONES_DIFFERENCES: readonly Difference[] = [
  {
    what: 'no name server answers for a zone, and secondary zones never get a record',
    why: 'the twin keeps zones as objects of the API; nothing asks for names outside its network',
  },
  {
    what: 'the status of a zone is always ok, its registrar other, its delegation unknown',
    why: 'nothing is published, and neither registries nor parent zones are asked',
  },
  {
    what: 'all zones are assigned the same three name servers',
    why: 'Hetzner has other sets for zones that came from elsewhere, which do not exist here',
  },
  {
    what: 'public suffixes are those of the day on which the package tldts was published',
    why: 'nothing is downloaded at run time',
  },
];
