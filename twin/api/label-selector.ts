import { fault } from '../errors.ts';

/** Hetzner's label selectors, which are those of Kubernetes. @throws ApiFault when the text is none */
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
      if (absent) return !(key in labels);
      if (operator === '!=') return labels[key] !== value;
      if (operator) return labels[key] === value;
      if (set === 'in') return key in labels && members.includes(labels[key] ?? '');
      if (set === 'notin') return !members.includes(labels[key] ?? '');
      return key in labels;
    };
  });
  return (labels) => tests.every((test) => test(labels));
}
