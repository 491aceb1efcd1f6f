import { Cluster } from './src/cluster/index.ts';
import { loadSpec } from './src/config/index.ts';
import { UserError } from './src/errors.ts';
import { plan as decide, type Plan } from './src/plan/index.ts';
import { Gateway, Keys, Network, NodePool } from './src/resources/index.ts';

/** Config, then plan, then components, then outputs; what is decided is in `src/plan`. */
function declare(plan: Plan) {
  const { cluster: name } = plan;
  const network = new Network(name, plan);
  const keys = new Keys(name, plan);
  const gateway = new Gateway(name, { plan, network, keys });
  const pools = [...new Set(plan.nodes.map((node) => node.pool))].map(
    (pool) =>
      new NodePool(`${name}-${pool}`, {
        plan,
        network,
        keys,
        nodes: plan.nodes.filter((node) => node.pool === pool),
      }),
  );
  const cluster = new Cluster(name, {
    plan,
    keys,
    gateway,
    nodes: pools.flatMap((pool) => pool.nodes),
    runPhases: process.env['GROUNDUP_WITHOUT_MACHINES'] !== '1',
  });
  return {
    nodes: plan.nodes.map((node) => ({
      name: node.name,
      role: node.role,
      location: node.location,
      type: node.serverType,
      address: node.privateIp,
    })),
    gatewayAddress: gateway.publicIp,
    kubeconfig: cluster.kubeconfig,
    access: cluster.access,
    wgQuick: gateway.wgQuick,
    costPerMonth: `${plan.cost.monthlyEur.toFixed(2)} ${plan.cost.currency} without VAT, prices of ${plan.cost.pricesOf}`,
    nextCommands: ['./bin/groundup kubectl get nodes', `./bin/groundup ssh ${plan.nodes[0]?.name ?? ''}`],
  };
}

function specification(): Plan {
  try {
    return decide(loadSpec());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Nothing is registered yet: the message alone, no stack trace, and an exit code that is not 0.
    console.error(error.message);
    process.exit(1);
  }
}

export default declare(specification());
