import { LOAD_BALANCER_TYPES } from './load-balancer-types.ts';
import { LOCATIONS } from './locations.ts';
import { price } from './server-types.ts';

/** Euros per month without VAT, on 2026-09-03. */
const PRIMARY_IPV4 = 0.5;
const FLOATING_IPV4 = 3;
const FLOATING_IPV6 = 1;
const VOLUME_GB = 0.044;
const IMAGE_GB = 0.011;
/** Of addresses, whose hourly prices follow from monthly ones by it. */
export const HOURS_OF_ADDRESSES = 720;

function perLocation(type: 'ipv4' | 'ipv6', monthly: number) {
  const prices = LOCATIONS.map(({ name }) => ({
    location: name,
    price_hourly: price(monthly / HOURS_OF_ADDRESSES),
    price_monthly: price(monthly),
  }));
  return { type, prices };
}

export const PRICING = {
  currency: 'EUR',
  vat_rate: '19.00',
  load_balancer_types: LOAD_BALANCER_TYPES.map(({ id, name, prices }) => ({ id, name, prices })),
  primary_ips: [perLocation('ipv4', PRIMARY_IPV4), perLocation('ipv6', 0)],
  floating_ips: [perLocation('ipv4', FLOATING_IPV4), perLocation('ipv6', FLOATING_IPV6)],
  volume: { price_per_gb_month: price(VOLUME_GB) },
  image: { price_per_gb_month: price(IMAGE_GB) },
  // Of clients that read the fields which Hetzner replaced by the lists above.
  floating_ip: { price_monthly: price(FLOATING_IPV4) },
  server_backup: { percentage: '20.0000000000' },
} as const;
