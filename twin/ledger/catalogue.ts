import type { Behaviour, Difference } from './behaviour.ts';

const REFERENCE = 'https://docs.hetzner.cloud/reference/cloud';

export const CATALOGUE: readonly Behaviour[] = [
  {
    behaviour:
      'six locations with their ids, in the network zones eu-central, us-east, us-west and ap-southeast',
    source: 'https://docs.hetzner.com/cloud/general/locations/',
    certainty: 'documented',
    test: 'are six locations in four network zones',
    routes: ['GET /locations', 'GET /locations/:id'],
  },
  {
    behaviour: 'server types with prices, stock and deprecation for each location that has them',
    source: `${REFERENCE}#server-types`,
    certainty: 'documented',
    test: 'are server types with a price and a stock for each of their locations',
    routes: ['GET /server_types', 'GET /server_types/:id'],
  },
  {
    behaviour:
      'a system image for x86 and one for arm have the same name; that of debian-13 for arm has an id of ours',
    source: `${REFERENCE}#images; https://github.com/hetznercloud/terraform-provider-hcloud (docs/data-sources/image.md)`,
    certainty: 'documented',
    test: 'are system images by name, one for each architecture',
  },
  {
    behaviour: 'an image by name is that of the architecture of the server type',
    source: `${REFERENCE}#servers-create-a-server`,
    certainty: 'assumed',
    test: 'give a server the image that its type can boot, where it is asked for by name',
  },
  {
    behaviour: 'a type that is not in stock, or at its end, is told as unavailable',
    source: `${REFERENCE}#server-types`,
    certainty: 'documented',
    test: 'follow the rules for stock, end and price of a server type',
  },
  {
    behaviour: 'prices are decimal text with ten places, net and gross, by location',
    source: `${REFERENCE}#pricing`,
    certainty: 'documented',
    test: 'has prices in euros as decimal text, net and gross',
    routes: ['GET /pricing'],
  },
  {
    behaviour: 'ISOs by name and architecture, of which null is any',
    source: `${REFERENCE}#isos`,
    certainty: 'documented',
    test: 'are ISOs by name and architecture',
    routes: ['GET /isos', 'GET /isos/:id'],
  },
  {
    behaviour: 'data centres are 410 deprecated_api_endpoint since 2026-10-01',
    source: 'https://docs.hetzner.cloud/changelog#2026-06-02-datacenters-deprecated',
    certainty: 'documented',
    test: 'are no data centres any more, and 410 says where to look',
    routes: ['GET /datacenters', 'GET /datacenters/:id'],
  },
  {
    behaviour: 'with `twin set legacy.datacenters=on` they are what they were before, for older clients',
    source: 'https://docs.hetzner.cloud/changelog#2025-12-16-phasing-out-datacenters',
    certainty: 'documented',
    test: 'are data centres again with the legacy switch, one for each location',
  },
  {
    behaviour: 'every call about Storage Boxes is refused with unsupported_error',
    source: 'a difference, see below',
    certainty: 'assumed',
    test: 'are no Storage Boxes: %s %s is refused with what to do instead',
    routes: [
      'ANY /storage_boxes',
      'ANY /storage_boxes/*',
      'ANY /storage_box_types',
      'ANY /storage_box_types/*',
    ],
  },
];

export const CATALOGUE_DIFFERENCES: readonly Difference[] = [
  {
    what: 'prices and types are those of 2026-09-03, as far as public sources list them; the others are scaled',
    why: 'the real list needs a token; `twin set price.<type>=…` sets another price',
  },
  {
    what: 'four ISOs of the hundred and more',
    why: 'they are attached and told, and none is booted from',
  },
  {
    what: 'there are no Storage Boxes',
    why: 'Hetzner serves them at another address, and a server with a volume does here',
  },
];
