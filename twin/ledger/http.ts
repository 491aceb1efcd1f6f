import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud';
const ANSIBLE = 'https://github.com/ansible-collections/hetzner.hcloud/tree/main/tests/integration/targets';
const GO = 'https://github.com/hetznercloud/hcloud-go (hcloud/client.go, hcloud/error.go)';

export const HTTP: readonly Behaviour[] = [
  {
    behaviour: 'a request without the token, or with another one, is 401 unauthorized',
    source: `${REFERENCE}#authentication`,
    certainty: 'documented',
    test: 'lets nobody in without the token',
  },
  {
    behaviour: 'answers and refusals are application/json; hcloud-go reads no error otherwise',
    source: `${REFERENCE}#introduction; ${GO}`,
    certainty: 'documented',
    test: 'is JSON and says so, refusals too',
  },
  {
    behaviour: 'a refusal is error with code, message and details; details are null where there are none',
    source: `${REFERENCE}#errors; https://github.com/ddclient/ddclient/issues/871`,
    certainty: 'measured',
    test: 'that refuses has a code, a message and details, which are null where there are none',
  },
  {
    behaviour: 'invalid_input tells field and reason in its message, several fields by name',
    source: `${REFERENCE}#errors; ${ANSIBLE}/floating_ip`,
    certainty: 'measured',
    test: 'names the one field that is wrong with the reason, and several without',
  },
  {
    behaviour: 'another method than a path takes is 405 method_not_allowed, an unknown path 404 not_found',
    source: `${REFERENCE}#errors`,
    certainty: 'documented',
    test: 'to a method that a path does not take is 405, to a path that is none 404',
  },
  {
    behaviour: 'a body that cannot be read is 400 json_error; one of another shape 422; one above 1 MiB 413',
    source: `${REFERENCE}#errors; the largest body is assumed`,
    certainty: 'documented',
    test: 'to the body %.20s is %i %s',
  },
  {
    behaviour: 'a body of another type than JSON is 415',
    source: 'nobody tells',
    certainty: 'assumed',
    test: 'to a body that is not JSON by its type is a refusal',
  },
  {
    behaviour: 'unknown fields of a body are ignored',
    source: 'clients send fields of removed features, such as datacenter: null',
    certainty: 'assumed',
    test: 'ignores fields that are unknown, as those of later versions of a client',
  },
  {
    behaviour: 'every answer has an X-Correlation-Id of 32 hexadecimal digits',
    source: 'https://github.com/hetzner/cert-manager-webhook-hetzner/issues/213',
    certainty: 'measured',
    test: 'has a correlation id of its own',
  },
  {
    behaviour:
      'RateLimit-Limit, -Remaining and -Reset; 3600 requests per hour, filled up by one a second; 429 beyond',
    source: `${REFERENCE}#rate-limiting`,
    certainty: 'documented',
    test: 'count requests, tell how many are left, and refuse too many only when asked to',
  },
  {
    behaviour: 'pages of 25 entries, of 50 at most',
    source: `${REFERENCE}#pagination`,
    certainty: 'documented',
    test: 'lists in pages of 25, at most 50, with links to the others',
  },
  {
    behaviour: 'a per_page above the largest is taken as the largest, not refused',
    source: 'nobody tells',
    certainty: 'assumed',
    test: 'lists in pages of 25, at most 50, with links to the others',
  },
  {
    behaviour:
      'meta.pagination has null at the edges, and Link names prev, next and last with the whole query',
    source: `${REFERENCE}#pagination`,
    certainty: 'documented',
    test: 'with a list links to the pages before, after and at the end',
  },
  {
    behaviour: 'sort may be given several times, with :asc or :desc; an unknown field is refused',
    source: `${REFERENCE}#sorting`,
    certainty: 'documented',
    test: 'with a list is in the order that was asked for, by several keys',
  },
  {
    behaviour: 'label selectors by =, ==, !=, in, notin, presence and absence, all of which must hold',
    source: `${REFERENCE}#label-selector`,
    certainty: 'documented',
    test: 'finds by name, label selector and order',
  },
  {
    behaviour: 'k!=v means resources that have k; the same is assumed of notin',
    source: `${ANSIBLE}/zone_rrset_info: nothing is found among sets without labels`,
    certainty: 'measured',
    test: 'finds by name, label selector and order',
  },
  {
    behaviour: 'labels have the keys and values of the reference; the prefix hetzner.cloud/ is refused',
    source: `${REFERENCE}#labels`,
    certainty: 'documented',
    test: 'takes labels with %s: %j %s',
  },
  {
    behaviour: 'uniqueness_error names the field',
    source: `${REFERENCE}#errors`,
    certainty: 'documented',
    test: 'gives a name once, and says which field was wrong',
  },
  {
    behaviour: 'GET /actions needs ids, and is 410 deprecated_api_endpoint with an announcement otherwise',
    source:
      'https://docs.hetzner.cloud/changelog#2025-01-30-listing-arbitrary-actions-in-the-actions-list-endpoint-is-removed',
    certainty: 'documented',
    test: 'about actions needs their ids, or is 410; some that are gone are left out',
    routes: ['GET /actions', 'GET /actions/:id'],
  },
  {
    behaviour:
      'actions are listed for one resource and for all of a kind, by status and order, and read one by one',
    source: `${REFERENCE}#actions`,
    certainty: 'documented',
    test: 'about actions of a resource is there for each and for all, by status and order',
    routes: ['GET /*/actions', 'GET /*/actions/:id', 'GET /*/:id/actions', 'GET /*/:id/actions/:action'],
  },
  {
    behaviour: 'an action is running when it is answered, locks its resource, and ends with progress 100',
    source: `${REFERENCE}#actions`,
    certainty: 'documented',
    test: 'locks a server while an action runs, and the action ends after its answer',
  },
  {
    behaviour: 'a failed action has an error, and what it should have changed is as before',
    source: `${REFERENCE}#actions; that the change is taken back is assumed`,
    certainty: 'documented',
    test: 'a failed action takes its change back and says so',
  },
  {
    behaviour: 'everything acknowledged is there after a restart, and no id comes again',
    source: 'an acknowledged change is one',
    certainty: 'assumed',
    test: 'remembers everything after a restart',
  },
];

export const HTTP_DIFFERENCES: readonly Difference[] = [
  {
    what: 'one token that may do everything; token_readonly and forbidden are never answered',
    why: 'a local project has one user',
  },
  {
    what: 'the rate limit is told and counted, and enforced only after `twin set rate_limit=on`',
    why: 'a test suite would wait for hours; the fault rate_limit_exceeded shows what clients do then',
  },
  {
    what: 'requests without a valid token carry no rate-limit headers',
    why: 'there is no project to count them for',
  },
  {
    what: 'HTTP without TLS, on loopback only',
    why: 'clients take the endpoint as it is, and no certificate has to be trusted',
  },
  {
    what: 'actions end at once unless `twin set speed=…` says otherwise; the 10,000 latest are kept',
    why: 'nobody knows the latencies better than roughly, and Hetzner tells no retention',
  },
  {
    what: 'maintenance (403) is never answered',
    why: 'nothing here needs any',
  },
];
