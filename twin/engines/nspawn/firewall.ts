import type { FilterRule, ServerFilter } from '../engine.ts';
import { must } from './commands.ts';
import { publicLink } from './internet.ts';

/**
 * Hetzner's cloud firewall in nftables: it stands on the Internet's router, so it sees public interfaces only.
 * Stateful; without `in` rules nothing comes in, without `out` rules everything goes out.
 */
export function renderFirewall(filters: readonly ServerFilter[]): string {
  const guarded = filters.flatMap(({ server, rules }) => (rules ? [{ server, rules }] : []));
  const outgoing = guarded.filter(({ rules }) => rules.some(({ direction }) => direction === 'out'));
  const jumps = (servers: readonly { readonly server: number }[], chain: string) =>
    servers.map(({ server }) => `"${publicLink(server)}" : jump ${chain}-${server}`).join(', ');
  return `table inet twin
delete table inet twin
table inet twin {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
${outgoing.length > 0 ? `    iifname vmap { ${jumps(outgoing, 'out')} }\n` : ''}${guarded.length > 0 ? `    oifname vmap { ${jumps(guarded, 'in')} }\n` : ''}  }
${guarded.map(({ server, rules }) => chain(`in-${server}`, ruleLines(rules, 'in', 'accept'))).join('')}${outgoing
  .map(({ server, rules }) => chain(`out-${server}`, ruleLines(rules, 'out', 'return')))
  .join('')}}
`;
}

function chain(name: string, lines: readonly string[]): string {
  return `  chain ${name} {\n${[...lines, 'counter drop'].map((line) => `    ${line}\n`).join('')}  }\n`;
}

function ruleLines(
  rules: readonly FilterRule[],
  direction: 'in' | 'out',
  verdict: 'accept' | 'return',
): string[] {
  const side = direction === 'in' ? 'saddr' : 'daddr';
  return rules
    .filter((rule) => rule.direction === direction)
    .flatMap((rule) =>
      rule.ips.map((ip) => `${from(ip, side)} ${what(rule, ip.includes(':'))} counter ${verdict}`),
    );
}

function from(ip: string, side: 'saddr' | 'daddr'): string {
  if (ip === '0.0.0.0/0') return 'meta nfproto ipv4';
  if (ip === '::/0') return 'meta nfproto ipv6';
  return `${ip.includes(':') ? 'ip6' : 'ip'} ${side} ${ip}`;
}

function what({ protocol, port }: FilterRule, ipv6: boolean): string {
  if (protocol === 'icmp') return `meta l4proto ${ipv6 ? 'ipv6-icmp' : 'icmp'}`;
  if (protocol === 'esp' || protocol === 'gre') return `meta l4proto ${protocol}`;
  return port === undefined || port === 'any' ? `meta l4proto ${protocol}` : `${protocol} dport ${port}`;
}

/** Replaces the whole firewall in one transaction: at no moment is a packet judged by half of it. */
export async function putFirewall(inet: string, filters: readonly ServerFilter[]): Promise<void> {
  await must('ip', ['netns', 'exec', inet, 'nft', '-f', '-'], renderFirewall(filters));
}
