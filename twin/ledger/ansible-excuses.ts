import type { Excuse } from './behaviour.ts';

const SUITE = 'hetzner.hcloud';

/** What the modules of hetzner.hcloud 5.4.0 do wrong by themselves, whatever the API says. */
export const ANSIBLE_EXCUSES: readonly Excuse[] = [
  {
    suite: SUITE,
    check: 'floating_ip: of another server, in check mode',
    why: 'the module tells of a forced move only where it is not in check mode (_update_floating_ip)',
  },
  {
    suite: SUITE,
    check: 'load_balancer: by connections, in check mode',
    why: 'the module changes the algorithm in check mode too (_update_load_balancer), which the suite lets it not',
  },
  {
    suite: SUITE,
    check: 'load_balancer_network: detached, in check mode',
    why: 'the module tells of a detachment only where it is not in check mode (delete_load_balancer_network)',
  },
  {
    suite: SUITE,
    check: 'zone_rrset: by id',
    why: 'the module takes whole numbers only for its option id, and ids of record sets are such as web/A',
  },
];
