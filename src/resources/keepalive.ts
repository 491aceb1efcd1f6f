/** Often enough that no router on the way forgets the path. Source: wg(8), PersistentKeepalive */
export const KEEPALIVE_SECONDS = 25;
