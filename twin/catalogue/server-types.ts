import { LOCATIONS } from './locations.ts';

type Row = readonly [
  id: number,
  name: string,
  cores: number,
  memory: number,
  disk: number,
  cpu: 'shared' | 'dedicated',
  architecture: 'x86' | 'arm',
  netPerMonth: number,
  zones: 'eu' | 'all',
];

/**
 * Types that could be ordered on 2026-09-03, with the price of that day in euros per month, without VAT. Prices of
 * types that no source lists are scaled by cores. Source: https://www.hetzner.com/cloud
 */
const ROWS: readonly Row[] = [
  [114, 'cx23', 2, 4, 40, 'shared', 'x86', 5.99, 'eu'],
  [115, 'cx33', 4, 8, 80, 'shared', 'x86', 8.99, 'eu'],
  [116, 'cx43', 8, 16, 160, 'shared', 'x86', 17.98, 'eu'],
  [117, 'cx53', 16, 32, 320, 'shared', 'x86', 35.96, 'eu'],
  [45, 'cax11', 2, 4, 40, 'shared', 'arm', 6.49, 'eu'],
  [93, 'cax21', 4, 8, 80, 'shared', 'arm', 12.98, 'eu'],
  [94, 'cax31', 8, 16, 160, 'shared', 'arm', 25.96, 'eu'],
  [95, 'cax41', 16, 32, 320, 'shared', 'arm', 51.92, 'eu'],
  [108, 'cpx12', 1, 2, 40, 'shared', 'x86', 11.99, 'all'],
  [109, 'cpx22', 2, 4, 80, 'shared', 'x86', 19.99, 'all'],
  [110, 'cpx32', 4, 8, 160, 'shared', 'x86', 39.98, 'all'],
  [111, 'cpx42', 8, 16, 320, 'shared', 'x86', 79.96, 'all'],
  [112, 'cpx52', 12, 24, 480, 'shared', 'x86', 119.94, 'all'],
  [113, 'cpx62', 16, 32, 640, 'shared', 'x86', 159.92, 'all'],
  [96, 'ccx13', 2, 8, 80, 'dedicated', 'x86', 43.49, 'all'],
  [97, 'ccx23', 4, 16, 160, 'dedicated', 'x86', 86.98, 'all'],
  [98, 'ccx33', 8, 32, 240, 'dedicated', 'x86', 173.96, 'all'],
  [99, 'ccx43', 16, 64, 360, 'dedicated', 'x86', 347.92, 'all'],
  [100, 'ccx53', 32, 128, 600, 'dedicated', 'x86', 695.84, 'all'],
  [101, 'ccx63', 48, 192, 960, 'dedicated', 'x86', 1043.76, 'all'],
];

/** Hours of a server or load balancer after which a month is paid: hourly prices follow from monthly ones by it. */
export const HOURS_PER_MONTH = 624;
const VAT = 1.19;

/** Prices are decimal strings, net and with German VAT. */
export function price(net: number): { readonly net: string; readonly gross: string } {
  return { net: net.toFixed(10), gross: (net * VAT).toFixed(16) };
}

const EU = ['fsn1', 'nbg1', 'hel1'];
const TERABYTE = 1024 ** 4;

export const SERVER_TYPES = ROWS.map(([id, name, cores, memory, disk, cpu, architecture, net, zones]) => {
  const places = LOCATIONS.filter((location) => zones === 'all' || EU.includes(location.name));
  return {
    id,
    name,
    description: name.toUpperCase(),
    category:
      cpu === 'dedicated' ? 'general_purpose' : name.startsWith('cpx') ? 'regular_purpose' : 'cost_optimized',
    cores,
    memory,
    disk,
    storage_type: 'local',
    cpu_type: cpu,
    architecture,
    deprecated: false,
    deprecation: null,
    locations: places.map((location) => ({
      id: location.id,
      name: location.name,
      available: true,
      recommended: true,
      deprecation: null,
    })),
    prices: places.map((location) => ({
      location: location.name,
      price_hourly: price(net / HOURS_PER_MONTH),
      price_monthly: price(net),
      included_traffic: 20 * TERABYTE,
      price_per_tb_traffic: price(1),
    })),
  };
});

export function findServerType(nameOrId: string) {
  return SERVER_TYPES.find(({ id, name }) => name === nameOrId || String(id) === nameOrId);
}
