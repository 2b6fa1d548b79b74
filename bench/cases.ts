/** What a request does. */
export type Kind = 'read' | 'list' | 'create' | 'update' | 'toggle';

/** What is measured: requests of these kinds, in these shares of a hundred, over so many connections. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly mix: Readonly<Partial<Record<Kind, number>>>;
  readonly connections: number;
  /** Milliseconds between an answer and the next request on its connection, on average; none, unless given. */
  readonly pause?: number;
}

const CONNECTIONS = 64;
const MIX = { list: 70, read: 15, toggle: 10, create: 5 };

export const CASES: readonly Case[] = [
  { name: 'read', title: 'Read one', mix: { read: 100 }, connections: CONNECTIONS },
  { name: 'list', title: 'List of 100', mix: { list: 100 }, connections: CONNECTIONS },
  { name: 'create', title: 'Create', mix: { create: 100 }, connections: CONNECTIONS },
  { name: 'update', title: 'Update', mix: { update: 100 }, connections: CONNECTIONS },
  { name: 'toggle', title: 'Toggle', mix: { toggle: 100 }, connections: CONNECTIONS },
  { name: 'mixed', title: 'Mixed load', mix: MIX, connections: CONNECTIONS },
  { name: 'connections', title: 'Mixed, 1,000 connections', mix: MIX, connections: 1000 },
  { name: 'users', title: 'Mixed, 1,000 users who pause for 2 s', mix: MIX, connections: 1000, pause: 2000 },
];

/** Whether the case leaves tasks changed, so that the database has to be tidied up before the next one is measured. */
export function writes({ mix }: Case): boolean {
  return Object.keys(mix).some((kind) => kind !== 'read' && kind !== 'list');
}

/** As `list:70,read:15`. */
export function mixText({ mix }: Case): string {
  return Object.entries(mix)
    .map(([kind, share]) => `${kind}:${share}`)
    .join(',');
}

/** A kind, drawn by the shares. */
export function drawn({ mix }: Case): Kind {
  let left = Math.random() * 100;
  for (const [kind, share] of Object.entries(mix)) {
    left -= share;
    if (left < 0) return kind as Kind;
  }
  return 'read';
}
