import { fault } from '../errors.ts';

/**
 * Hetzner's label selectors. They look like those of Kubernetes, and differ in one thing: `k!=v` and `k notin (v)` mean
 * resources that have the key. Measured by hetzner.hcloud's integration test of `zone_rrset_info`, where `key!=value`
 * finds nothing beside record sets without any label.
 * @throws ApiFault when the text is none
 */
export function labelSelector(
  text: string,
  field = 'label_selector',
): (labels: Readonly<Record<string, string>>) => boolean {
  // A comma between parentheses separates members of a set, any other one terms.
  const terms = text.trim() === '' ? [] : text.split(/,(?![^(]*\))/);
  const tests = terms.map((part) => {
    const term = part.trim();
    const match =
      /^(?<absent>!)?\s*(?<key>[\w./-]+)\s*(?:(?<operator>==|=|!=)\s*(?<value>[\w.-]*)|\s(?<set>in|notin)\s*\((?<list>[^)]*)\))?$/.exec(
        term,
      )?.groups;
    if (!match) throw fault.invalid(field, `cannot read "${term}"`);
    const { absent, key = '', operator, value, set, list = '' } = match;
    const members = list.split(',').map((member) => member.trim());
    return (labels: Readonly<Record<string, string>>): boolean => {
      const own = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (absent) return own === undefined;
      if (own === undefined) return false;
      if (operator) return (own === value) === (operator !== '!=');
      return set === undefined || members.includes(own) === (set === 'in');
    };
  });
  return (labels) => tests.every((test) => test(labels));
}
