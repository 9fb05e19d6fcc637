import { Dropdown } from 'antd';
import { ChevronDown, ChevronRight, Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordData } from '@/api/types';
import { Person } from '@/ui/basics';

export interface TreeNode {
  row: RecordData;
  children: TreeNode[];
  /** Who is here and below; nobody counts twice. */
  people: ReadonlySet<number>;
}

/** Rows below their parents, in their order; those whose parent is not known stand at the top. */
export function treeOf(
  rows: readonly RecordData[],
  peopleOf: (row: RecordData) => Iterable<number>,
): TreeNode[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<number | null, RecordData[]>();
  for (const row of rows) {
    const parent =
      typeof row.parent_id === 'number' && known.has(row.parent_id) ? row.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const order = (a: RecordData, b: RecordData) =>
    Number(a.order ?? 0) - Number(b.order ?? 0) || a.id - b.id;
  const build = (parent: number | null): TreeNode[] =>
    (below.get(parent) ?? []).toSorted(order).map((row) => {
      const children = build(row.id);
      const people = new Set(peopleOf(row));
      for (const child of children) for (const id of child.people) people.add(id);
      return { row, children, people };
    });
  return build(null);
}

interface Verbs {
  /** What a new node below another is called in its menu. */
  addLabel: string;
  /** What else is said about a node. */
  note?: (row: RecordData) => ReactNode;
  /** The name of whoever leads it. */
  headOf: (row: RecordData) => string | undefined;
  onEdit: (row: RecordData) => void;
  onAdd: (row: RecordData) => void;
  onDelete: (row: RecordData) => void;
}

function Branch({
  node,
  depth,
  closed,
  onToggle,
  verbs,
}: {
  node: TreeNode;
  depth: number;
  closed: ReadonlySet<number>;
  onToggle: (id: number) => void;
  verbs: Verbs;
}) {
  const { t } = useTranslation();
  const { row, children } = node;
  const open = !closed.has(row.id);
  const name = String(row.name);
  const head = verbs.headOf(row);
  const note = verbs.note?.(row);
  return (
    <li>
      <div className="settings-node" style={{ paddingLeft: 8 + depth * 24 }}>
        {children.length > 0 ? (
          <button
            type="button"
            className="icon-button"
            aria-expanded={open}
            aria-label={name}
            onClick={() => onToggle(row.id)}
          >
            {open ? (
              <ChevronDown size={15} aria-hidden="true" />
            ) : (
              <ChevronRight size={15} aria-hidden="true" />
            )}
          </button>
        ) : (
          <span className="settings-node-gap" />
        )}
        <button type="button" className="settings-node-name" onClick={() => verbs.onEdit(row)}>
          {name}
        </button>
        {note && <span className="muted ellipsis settings-node-note">{note}</span>}
        <span className="muted">{t('settings.people', { count: node.people.size })}</span>
        <span className="grow" />
        {head && <Person name={head} />}
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              {
                key: 'edit',
                icon: <Pencil size={14} aria-hidden="true" />,
                label: t('settings.edit'),
                onClick: () => verbs.onEdit(row),
              },
              {
                key: 'add',
                icon: <Plus size={14} aria-hidden="true" />,
                label: verbs.addLabel,
                onClick: () => verbs.onAdd(row),
              },
              { type: 'divider' },
              {
                key: 'delete',
                danger: true,
                icon: <Trash2 size={14} aria-hidden="true" />,
                label: t('common.delete'),
                onClick: () => verbs.onDelete(row),
              },
            ],
          }}
        >
          <button
            type="button"
            className="icon-button"
            aria-label={t('settings.more_for', { name })}
          >
            <Ellipsis size={16} aria-hidden="true" />
          </button>
        </Dropdown>
      </div>
      {open && children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Branch
              key={child.row.id}
              node={child}
              depth={depth + 1}
              closed={closed}
              onToggle={onToggle}
              verbs={verbs}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

/** A tree of settings, such as departments: branches close, each node has its menu. */
export function SettingsTree({ tree, ...verbs }: { tree: readonly TreeNode[] } & Verbs) {
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const toggle = (id: number) =>
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <ul className="card settings-tree">
      {tree.map((node) => (
        <Branch
          key={node.row.id}
          node={node}
          depth={0}
          closed={closed}
          onToggle={toggle}
          verbs={verbs}
        />
      ))}
    </ul>
  );
}
