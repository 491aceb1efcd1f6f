import type { FastifyInstance } from 'fastify';
import type { Network } from '../model.ts';
import type { Project } from '../project.ts';
import { inside } from '../ranges.ts';
import { type Listing, requireOne, sendList } from './http.ts';

interface Member {
  readonly id: number;
  readonly type: 'server' | 'load_balancer';
  readonly ip: string;
  readonly alias_ips: readonly string[];
  /** Range of the subnet that it is attached to. */
  readonly subnet: string | null;
  readonly status: 'ok' | 'updating';
}

/** `GET /networks/{id}/members`. Source: https://docs.hetzner.cloud/changelog and hcloud-python 2.27 */
export function memberRoute(app: FastifyInstance, project: Project, networks: Listing<Network>): void {
  app.get('/networks/:id/members', (request, reply) => {
    const network = requireOne(networks, request);
    const listing: Listing<Member> = {
      plural: 'members',
      singular: 'member',
      noun: 'member',
      all: () => membersOf(project, network),
      filters: ['type', 'status', 'subnet'],
      sorts: ['type', 'ip'],
      render: (member) => member,
    };
    return sendList(listing, request, reply);
  });
}

function membersOf({ store, actions }: Project, network: Network): Member[] {
  const member = (
    type: Member['type'],
    id: number,
    nic: { readonly ip: string; readonly alias_ips?: readonly string[] },
  ): Member => ({
    id,
    type,
    ip: nic.ip,
    alias_ips: nic.alias_ips ?? [],
    subnet: network.subnets.find(({ ip_range }) => inside(nic.ip, ip_range))?.ip_range ?? null,
    status: actions.isBusy(type, id) ? 'updating' : 'ok',
  });
  const nicsOf = <N extends { readonly network: number }>(nics: readonly N[] = []): N[] =>
    nics.filter((nic) => nic.network === network.id);
  return [
    ...network.servers.flatMap((id) =>
      nicsOf(store.get('servers', id)?.private_net).map((nic) => member('server', id, nic)),
    ),
    ...network.load_balancers.flatMap((id) =>
      nicsOf(store.get('load_balancers', id)?.private_net).map((nic) => member('load_balancer', id, nic)),
    ),
  ];
}
