import type { MachineEngine } from './engine.ts';

/** What a snapshot of a freshly installed system takes at Hetzner, more or less. */
const EMPTY_DISK_GB = 0.5;

/** No machines: the API alone. Servers run as far as the API tells. */
export function createNoneEngine(): MachineEngine {
  const nothing = async (): Promise<void> => {};
  return {
    name: 'none',
    open: nothing,
    observe: async () => [],
    putServer: nothing,
    stopServer: nothing,
    setPassword: nothing,
    saveImage: async () => ({ sizeGB: EMPTY_DISK_GB }),
    keepImages: nothing,
    removeServer: nothing,
    putNetwork: nothing,
    removeNetwork: nothing,
    putFirewalls: nothing,
    putVolume: nothing,
    removeVolume: nothing,
    putLoadBalancer: nothing,
    removeLoadBalancer: nothing,
    observeLoadBalancers: async () => [],
    putFloatingIps: nothing,
    putPlaces: nothing,
    execCommand: async () => {
      throw new Error('this twin has no machines: it was started with --engine none');
    },
    close: nothing,
  };
}
