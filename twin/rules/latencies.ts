/**
 * Milliseconds that an action takes at Hetzner, at speed 1. Assumed: rounded from what users report of provider runs,
 * such as https://github.com/hetznercloud/terraform-provider-hcloud/issues; nobody publishes a table.
 */
export const LATENCIES_MS: Readonly<Record<string, number>> = {
  create_server: 8000,
  start_server: 3000,
  stop_server: 3000,
  shutdown_server: 5000,
  reboot_server: 5000,
  reset_server: 3000,
  delete_server: 3000,
  rebuild_server: 15_000,
  change_server_type: 60_000,
  create_image: 60_000,
  create_volume: 2000,
  attach_volume: 3000,
  detach_volume: 3000,
  resize_volume: 2000,
  attach_to_network: 3000,
  detach_from_network: 3000,
  create_load_balancer: 3000,
};

/** For every action that has no line of its own. */
export const OTHER_LATENCY_MS = 1000;

/**
 * Milliseconds one way between two locations at speed 1, from the distance of the cities at two thirds of the speed
 * of light and a third more for the way that cables take. Assumed; measured values are welcome.
 */
export const DELAYS_MS: Readonly<Record<string, number>> = {
  'fsn1.nbg1': 1.5,
  'fsn1.hel1': 12,
  'nbg1.hel1': 12.5,
};
