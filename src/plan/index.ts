export {
  addressAt,
  contains,
  nodeAddress,
  overlap,
  poolCapacity,
  poolSubnet,
  toIpv4,
  toNumber,
  toRange,
} from './addresses.ts';
export {
  KUBERNETES_VERSIONS,
  LIMITS,
  LOCATIONS,
  PRICES_OF,
  RETIRED_SERVER_TYPES,
  SERVER_TYPES,
} from './catalogue.ts';
export { monthlyCost } from './cost.ts';
export type * from './model.ts';
export { plan } from './plan.ts';
