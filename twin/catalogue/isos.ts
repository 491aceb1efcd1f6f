export interface Iso {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly type: 'public' | 'private';
  readonly architecture: 'x86' | 'arm' | null;
  readonly deprecation: { readonly announced: string; readonly unavailable_after: string } | null;
}

/** A few of Hetzner's, enough for every kind of answer. Source: https://docs.hetzner.cloud/reference/cloud#isos */
export const ISOS: readonly Iso[] = [
  [26_843, 'virtio-win-0.1.248.iso', 'virtio 0.1.248', null],
  [122_630, 'debian-12.11.0-amd64-netinst.iso', 'Debian 12.11 (amd64, netinstall)', 'x86'],
  [122_631, 'debian-12.11.0-arm64-netinst.iso', 'Debian 12.11 (arm64, netinstall)', 'arm'],
  [122_700, 'nixos-minimal-25.05-x86_64-linux.iso', 'NixOS 25.05 (amd64, minimal)', 'x86'],
].map(([id, name, description, architecture]) => ({
  id: Number(id),
  name: String(name),
  description: String(description),
  type: 'public',
  architecture: architecture as Iso['architecture'],
  deprecation: null,
}));

export function findIso(nameOrId: string): Iso | undefined {
  return ISOS.find(({ id, name }) => name === nameOrId || String(id) === nameOrId);
}
