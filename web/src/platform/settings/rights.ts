import { get, put } from '@/api/client';
import type { ObjectMeta } from '@/api/types';

/** What a role may do, in the words of the server. */
export const scopes = [
  'own',
  'subordinates',
  'department',
  'department_below',
  'departments',
  'all',
] as const;

export type FieldRuleName = 'hidden' | 'read' | 'edit';

export interface FieldRule {
  field: string;
  rule: FieldRuleName;
  mask: boolean;
}

export interface ObjectRights {
  object: string;
  actions: string[];
  scope: string;
  departments: number[];
  fields: FieldRule[];
}

export type Rights = Record<string, ObjectRights>;

export async function readRights(role: number): Promise<Rights> {
  const answer = await get<{ objects: ObjectRights[] }>(`/roles/${role}/rights`);
  return Object.fromEntries(answer.objects.map((entry) => [entry.object, entry]));
}

export async function writeRights(role: number, rights: Rights): Promise<void> {
  const objects = Object.values(rights).filter(
    (entry) => entry.actions.length > 0 || entry.fields.length > 0,
  );
  await put(`/roles/${role}/rights`, { objects });
}

export const commonActions = ['read', 'create', 'edit', 'delete', 'import', 'export'] as const;

/** The rights of an object besides the common ones: its business actions. */
export function specialActions(object: ObjectMeta, present: ObjectRights | undefined): string[] {
  const common: readonly string[] = [...commonActions, 'configure'];
  return [...new Set([...object.rights, ...(present?.actions ?? [])])].filter(
    (name) => !common.includes(name),
  );
}

export function none(object: string): ObjectRights {
  return { object, actions: [], scope: 'own', departments: [], fields: [] };
}

/** Turns one right on or off. Every other right needs that of reading; without it there is none. */
export function withAction(rights: ObjectRights, action: string, on: boolean): ObjectRights {
  const set = new Set(rights.actions);
  if (on) {
    set.add(action);
    if (action !== 'configure') set.add('read');
  } else if (action === 'read') set.clear();
  else set.delete(action);
  return { ...rights, actions: [...set] };
}

export function withFieldRule(rights: ObjectRights, rule: FieldRule): ObjectRights {
  const others = rights.fields.filter((entry) => entry.field !== rule.field);
  // Free to edit and unmasked is what applies without a rule.
  const plain = rule.rule === 'edit' && !rule.mask;
  return { ...rights, fields: plain ? others : [...others, rule] };
}
