/**
 * What Hetzner offers, as far as a plan must know it before the first API call. Prices are a dated snapshot in
 * euros per month without VAT; the live list overrides them where a token is at hand.
 * Source of locations and zones: https://docs.hetzner.com/cloud/general/locations/
 * Source of prices: https://www.hetzner.com/cloud (read on the day below)
 */
export const PRICES_OF = '2026-09-03';

export interface LocationFacts {
  readonly zone: string;
  readonly city: string;
}

export const LOCATIONS: Readonly<Record<string, LocationFacts>> = {
  fsn1: { zone: 'eu-central', city: 'Falkenstein' },
  nbg1: { zone: 'eu-central', city: 'Nuremberg' },
  hel1: { zone: 'eu-central', city: 'Helsinki' },
  ash: { zone: 'us-east', city: 'Ashburn' },
  hil: { zone: 'us-west', city: 'Hillsboro' },
  sin: { zone: 'ap-southeast', city: 'Singapore' },
};

export interface ServerTypeFacts {
  readonly cores: number;
  readonly memoryGB: number;
  readonly diskGB: number;
  readonly architecture: 'x86' | 'arm';
  readonly monthlyEur: number;
  /** Network zones where it is sold. */
  readonly zones: readonly string[];
}

const EU = ['eu-central'];
const ALL = ['eu-central', 'us-east', 'us-west', 'ap-southeast'];

export const SERVER_TYPES: Readonly<Record<string, ServerTypeFacts>> = {
  cx23: { cores: 2, memoryGB: 4, diskGB: 40, architecture: 'x86', monthlyEur: 5.99, zones: EU },
  cx33: { cores: 4, memoryGB: 8, diskGB: 80, architecture: 'x86', monthlyEur: 8.99, zones: EU },
  cax11: { cores: 2, memoryGB: 4, diskGB: 40, architecture: 'arm', monthlyEur: 6.49, zones: EU },
  cpx12: { cores: 1, memoryGB: 2, diskGB: 40, architecture: 'x86', monthlyEur: 11.99, zones: ALL },
  cpx22: { cores: 2, memoryGB: 4, diskGB: 80, architecture: 'x86', monthlyEur: 19.99, zones: ALL },
  ccx13: { cores: 2, memoryGB: 8, diskGB: 80, architecture: 'x86', monthlyEur: 43.49, zones: ALL },
};

/** Types that can no longer be ordered, with what to take instead. */
export const RETIRED_SERVER_TYPES: Readonly<Record<string, string>> = {
  cx11: 'cx23',
  cx21: 'cx23',
  cx22: 'cx23',
  cx31: 'cx33',
  cx32: 'cx33',
  cpx11: 'cpx12',
  cpx21: 'cpx22',
  cpx31: 'cpx22',
};

/** A volume costs this much per GB and month. */
export const VOLUME_GB_MONTHLY_EUR = 0.044;
/** A primary IPv4 address; IPv6 is free. */
export const PRIMARY_IPV4_MONTHLY_EUR = 0.5;

/** Limits of Hetzner Cloud, with the page that states each. */
export const LIMITS = {
  /** https://docs.hetzner.com/cloud/networks/faq/ */
  serversPerNetwork: 100,
  /** https://docs.hetzner.com/cloud/networks/faq/ */
  subnetsPerNetwork: 50,
  /** https://docs.hetzner.com/cloud/placement-groups/overview/ */
  serversPerPlacementGroup: 10,
  /** https://docs.hetzner.com/cloud/volumes/overview/ */
  volumeMinGB: 10,
  volumeMaxGB: 10_240,
  /** https://docs.hetzner.cloud/reference/cloud#labels */
  labelNameLength: 63,
  /** https://docs.hetzner.cloud/reference/cloud#servers-create-a-server */
  userDataBytes: 32_768,
} as const;

/** Kubernetes versions that each engine can install; none where the engine is not built yet. */
export const KUBERNETES_VERSIONS: Readonly<Record<'minimal' | 'kubespray', readonly string[]>> = {
  minimal: ['1.35.4'],
  kubespray: [],
};
