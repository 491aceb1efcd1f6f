export interface DnsZone {
  readonly id: number;
  readonly name: string;
  readonly mode: string;
  readonly ttl: number;
  readonly record_count: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: { readonly delete: boolean };
  readonly primary_nameservers: readonly object[];
}

export interface RecordSet {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly ttl: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: { readonly change: boolean };
  readonly records: readonly { readonly value: string; readonly comment: string }[];
  readonly zone: number;
}
