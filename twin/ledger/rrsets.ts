import type { Behaviour } from './behaviour.ts';

const ZONE = 'https://docs.hetzner.cloud/reference/cloud#zones';
const RRSET = 'https://docs.hetzner.cloud/reference/cloud#zone-rrsets';
const RRSET_ACTION = 'https://docs.hetzner.cloud/reference/cloud#zone-rrset-actions';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud/tree/main/tests/integration/targets';
const TERRAFORM = 'https://github.com/hetznercloud/terraform-provider-hcloud/blob/main/internal';

const SET = '/zones/:id/rrsets/:name/:type';

export const RRSETS: readonly Behaviour[] = [
  {
    behaviour: 'a set is known by name and type, and there once; a comment that is not given is empty',
    source: `${RRSET}; ${ANSIBLE}/zone_rrset`,
    certainty: 'measured',
    test: 'are one for a name and a type, which is what they are known by',
    routes: ['POST /zones/:id/rrsets', `GET ${SET}`],
  },
  {
    behaviour: 'the zone itself is @, escaped in paths or not',
    source: RRSET,
    certainty: 'documented',
    test: 'of the zone itself are called @, in paths too',
    routes: [`GET ${SET}`],
  },
  {
    behaviour: 'a TTL of null is that of the zone',
    source: RRSET,
    certainty: 'documented',
    test: 'without a TTL have that of the zone',
  },
  {
    behaviour: 'sets are listed by name, several types and labels, up to 100 on a page',
    source: RRSET,
    certainty: 'documented',
    test: 'are listed by name, several types and labels, in pages of up to 100',
    routes: ['GET /zones/:id/rrsets'],
  },
  {
    behaviour: 'a name is in lower case and Punycode, and ends neither with a dot nor with the zone',
    source: RRSET,
    certainty: 'documented',
    test: 'are not called %s: %s',
  },
  {
    behaviour: 'stars in front, underscores and digits are possible in names',
    source: 'https://datatracker.ietf.org/doc/html/rfc4592, rfc8552',
    certainty: 'documented',
    test: 'may be called %s',
  },
  {
    behaviour: 'values have the form that zone files have for their type',
    source: 'https://docs.hetzner.com/networking/dns/record-types/overview, and the RFC of each type',
    certainty: 'documented',
    test: 'of type %s have values such as %j, and not such as %j',
  },
  {
    behaviour: 'values and comments are one line',
    source: 'they would not survive in a zone file',
    certainty: 'assumed',
    test: 'have no value with a line break, and no comment either',
  },
  {
    behaviour: 'TXT values are quoted strings of up to 255 characters: "a TXT string exceeds 255 characters"',
    source: 'https://github.com/ansible-collections/hetzner.hcloud/issues/752',
    certainty: 'measured',
    test: 'of type TXT have strings of 255 characters at most, and as many as are needed',
  },
  {
    behaviour: 'a set needs a name, a type that exists, and a record',
    source: RRSET,
    certainty: 'documented',
    test: 'are refused when they are %j: %s is wrong',
  },
  {
    behaviour:
      'a value that is there already is invalid_input with "duplicate value" as message, named records[0].records[n].value',
    source: 'https://github.com/hetzner/cert-manager-webhook-hetzner/issues/213',
    certainty: 'measured',
    test: 'have a value once, and say which one is there twice',
    routes: [`POST ${SET}/actions/add_records`],
  },
  {
    behaviour: 'a CNAME is alone at its name, and one',
    source:
      'https://datatracker.ietf.org/doc/html/rfc1034#section-3.6.2; code and field of the refusal are assumed',
    certainty: 'assumed',
    test: 'of type CNAME are alone at their name, and have one record',
  },
  {
    behaviour: 'PUT replaces labels; records in it are refused: "can\'t update records with this endpoint"',
    source: `${RRSET}; https://github.com/ddclient/ddclient/issues/871`,
    certainty: 'measured',
    test: 'change their labels by PUT, and by nothing but their actions anything else',
    routes: [`PUT ${SET}`],
  },
  {
    behaviour: 'set_records replaces all records of a set that exists',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: 'have their records set, and lose the others',
    routes: [`POST ${SET}/actions/set_records`],
  },
  {
    behaviour: 'add_records makes the set if there is none',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: 'get further records, and begin to be with the first',
    routes: [`POST ${SET}/actions/add_records`],
  },
  {
    behaviour: 'the TTL of add_records must be that of the set; a set without one takes it',
    source: `${RRSET_ACTION}; the second half is assumed`,
    certainty: 'documented',
    test: 'have one TTL: that of further records is the same, or the first one',
  },
  {
    behaviour: 'remove_records goes by value alone, and removes the set with its last record',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: 'lose records by their value, and are gone with the last',
    routes: [`POST ${SET}/actions/remove_records`],
  },
  {
    behaviour: 'records to remove or to update that are not in the set are refused with invalid_input',
    source: 'nobody tells',
    certainty: 'assumed',
    test: 'lose records by their value, and are gone with the last',
  },
  {
    behaviour: 'update_records changes comments, and is the only action that answers 200',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: 'get other comments for their records, answered with 200',
    routes: [`POST ${SET}/actions/update_records`],
  },
  {
    behaviour: 'an action takes from 1 to 50 records',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: '%s takes from 1 to 50 records',
  },
  {
    behaviour: 'change_ttl takes null, which is that of the zone again',
    source: RRSET_ACTION,
    certainty: 'documented',
    test: 'change their TTL, also back to that of the zone',
    routes: [`POST ${SET}/actions/change_ttl`],
  },
  {
    behaviour: 'a protected set changes in no way, labels included',
    source: `${RRSET_ACTION}; ${ANSIBLE}/zone_rrset; that labels are included is assumed`,
    certainty: 'documented',
    test: 'do not change in any way while they are protected',
    routes: [`DELETE ${SET}`, `POST ${SET}/actions/change_protection`],
  },
  {
    behaviour: 'a set that does not exist is not_found',
    source: RRSET,
    certainty: 'documented',
    test: 'that do not exist are not found',
  },
  {
    behaviour:
      'the serial of the SOA record is YYYYMMDDnn and counted with every change, whatever is written',
    source: `${ZONE}; https://github.com/hetznercloud/terraform-provider-hcloud/issues/1289`,
    certainty: 'measured',
    test: 'keep the SOA record, whose serial is counted whatever is written',
  },
  {
    behaviour: 'the SOA record is neither deleted nor doubled, and the zone’s alone',
    source: `${TERRAFORM}/zonerrset/resource.go; codes are assumed`,
    certainty: 'assumed',
    test: 'keep the SOA record, whose serial is counted whatever is written',
  },
  {
    behaviour: "Hetzner's name servers cannot be removed; others may stand beside them",
    source: 'https://docs.hetzner.com/networking/dns/faq/nameservers',
    certainty: 'documented',
    test: "keep Hetzner's name servers, and take others beside them",
  },
];
