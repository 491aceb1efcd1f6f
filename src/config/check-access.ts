import { checkLocation, checkServerType } from './check-pools.ts';
import type { Finding } from './findings.ts';
import type { AccessSpec } from './schema.ts';

const SOFTWARE_KEY = 'ssh-ed25519';
const HARDWARE_KEY = 'sk-ssh-ed25519@openssh.com';

export function checkAccess(access: AccessSpec, zone: string | undefined): Finding[] {
  const findings: Finding[] = [
    ...checkServerType('groundup:access.gateway.serverType', access.gateway.serverType, zone),
    ...checkLocation('groundup:access.gateway.location', access.gateway.location, zone),
  ];
  if ([22, 53, 443, 6443].includes(access.vpnPort)) {
    findings.push({
      path: 'groundup:access.vpnPort',
      value: access.vpnPort,
      rule: 'is the port of another service',
      remedy: 'Write 51820 or another free port.',
    });
  }
  for (const key of ['name', 'number', 'sshKey', 'wireguardKey'] as const) {
    access.people.forEach((person, index) => {
      const first = access.people.findIndex((other) => other[key] === person[key]);
      if (first === index) return;
      findings.push({
        path: `groundup:access.people[${index}].${key}`,
        ...(key === 'name' || key === 'number' ? { value: person[key] } : {}),
        rule: `is the same as that of people[${first}]`,
        remedy: `Give every person a ${key} of their own.`,
      });
    });
  }
  access.people.forEach((person, index) => {
    const path = `groundup:access.people[${index}]`;
    findings.push(...checkSshKey(`${path}.sshKey`, person.sshKey, access.requireHardwareKeys));
    findings.push(...checkWireguardKey(`${path}.wireguardKey`, person.wireguardKey));
  });
  return findings;
}

/** A key's text is never part of a finding: someone may have pasted the private one. */
function checkSshKey(path: string, key: string, hardware: boolean): Finding[] {
  const remedy = `Make a key by \`ssh-keygen -t ${hardware ? 'ed25519-sk' : 'ed25519'}\` and write the line of its .pub file.`;
  if (key.includes('PRIVATE KEY')) {
    return [{ path, rule: 'is a private key; it must never leave its owner, so consider it lost', remedy }];
  }
  const [type = '', body = ''] = key.trim().split(/\s+/);
  if (type !== SOFTWARE_KEY && type !== HARDWARE_KEY) {
    const what = /^(ssh-|ecdsa-|sk-)/.test(type) ? `a key of type ${type}` : 'not an OpenSSH public key';
    return [{ path, rule: `is ${what}; ED25519 is asked for`, remedy }];
  }
  if (hardware && type !== HARDWARE_KEY) {
    return [{ path, rule: 'must be bound to a hardware key (access.requireHardwareKeys)', remedy }];
  }
  const bytes = Buffer.from(body, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const announced = bytes.subarray(4, 4 + length).toString('latin1');
  const whole =
    announced === type && bytes.length >= 4 + type.length + 4 + 32 && bytes.toString('base64') === body;
  return whole ? [] : [{ path, rule: 'is damaged or cut off', remedy }];
}

function checkWireguardKey(path: string, key: string): Finding[] {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === key) return [];
  return [
    {
      path,
      rule: 'is not a WireGuard public key (44 characters of base64)',
      remedy:
        'Write what `wg genkey | tee wireguard.key | wg pubkey` prints; wireguard.key stays with its owner.',
    },
  ];
}
