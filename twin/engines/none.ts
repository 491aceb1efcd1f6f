import type { MachineEngine } from './engine.ts';

/** No machines: the API alone. Servers run as far as the API tells. */
export function createNoneEngine(): MachineEngine {
  const nothing = async (): Promise<void> => {};
  return {
    name: 'none',
    open: nothing,
    observe: async () => [],
    putServer: nothing,
    stopServer: nothing,
    removeServer: nothing,
    putNetwork: nothing,
    removeNetwork: nothing,
    putFirewalls: nothing,
    putVolume: nothing,
    removeVolume: nothing,
    putFloatingIps: nothing,
    execCommand: async () => {
      throw new Error('this twin has no machines: it was started with --engine none');
    },
    close: nothing,
  };
}
