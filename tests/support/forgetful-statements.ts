/** Replaces the condition `user_id = $1` of all statements of a module by one that is true of every row. */
export function forgetUser<Exported>(exported: Exported): Exported;
export function forgetUser(exported: unknown): unknown {
  if (Array.isArray(exported)) return exported.map((one) => forgetUser(one));
  if (typeof exported !== 'object' || exported === null) return exported;
  const fields = Object.entries(exported).map(([name, value]) =>
    name === 'text'
      ? [name, String(value).replaceAll(/(\w+\.)?user_id = \$1/g, () => '$1::text is not null')]
      : [name, forgetUser(value)],
  );
  return Object.fromEntries(fields);
}
