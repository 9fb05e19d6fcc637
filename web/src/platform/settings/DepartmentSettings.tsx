import { Dropdown } from 'antd';
import { ChevronDown, ChevronRight, Ellipsis, Network, Pencil, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useDelete } from '@/record/form/useActions';
import { Empty, Person } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

interface Node {
  row: RecordData;
  children: Node[];
  /** People in this department and in those below. */
  people: number;
}

function treeOf(rows: readonly RecordData[], counts: ReadonlyMap<number, number>): Node[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<number | null, RecordData[]>();
  for (const row of rows) {
    const parent =
      typeof row.parent_id === 'number' && known.has(row.parent_id) ? row.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const order = (a: RecordData, b: RecordData) =>
    Number(a.order ?? 0) - Number(b.order ?? 0) || a.id - b.id;
  const build = (parent: number | null): Node[] =>
    (below.get(parent) ?? []).toSorted(order).map((row) => {
      const children = build(row.id);
      const people =
        (counts.get(row.id) ?? 0) + children.reduce((sum, child) => sum + child.people, 0);
      return { row, children, people };
    });
  return build(null);
}

function Branch({
  node,
  depth,
  closed,
  onToggle,
  onEdit,
  onAdd,
  onDelete,
}: {
  node: Node;
  depth: number;
  closed: ReadonlySet<number>;
  onToggle: (id: number) => void;
  onEdit: (row: RecordData) => void;
  onAdd: (row: RecordData) => void;
  onDelete: (row: RecordData) => void;
}) {
  const { t } = useTranslation();
  const { row, children } = node;
  const open = !closed.has(row.id);
  const name = String(row.name);
  const head = row.head as { name?: string } | null;
  return (
    <li>
      <div className="department" style={{ paddingLeft: 8 + depth * 24 }}>
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
          <span className="department-gap" />
        )}
        <button type="button" className="department-name" onClick={() => onEdit(row)}>
          {name}
        </button>
        <span className="muted">{t('settings.people', { count: node.people })}</span>
        <span className="grow" />
        {head?.name && <Person name={head.name} />}
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              {
                key: 'edit',
                icon: <Pencil size={14} aria-hidden="true" />,
                label: t('settings.edit'),
                onClick: () => onEdit(row),
              },
              {
                key: 'add',
                icon: <Plus size={14} aria-hidden="true" />,
                label: t('settings.add_below'),
                onClick: () => onAdd(row),
              },
              { type: 'divider' },
              {
                key: 'delete',
                danger: true,
                icon: <Trash2 size={14} aria-hidden="true" />,
                label: t('common.delete'),
                onClick: () => onDelete(row),
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
              onEdit={onEdit}
              onAdd={onAdd}
              onDelete={onDelete}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

function Departments({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const rows = useRows('departments', {
    expand: 'head($select=name),parent($select=name)',
    orderby: 'order',
  });
  const users = useRows('users', { select: 'id,department_id,status' });
  const remove = useDelete(object);
  const refresh = useRefresh('departments');
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const [editing, setEditing] = useState<{ record: RecordData | null; parent?: RecordData } | null>(
    null,
  );
  const tree = useMemo(() => {
    const counts = new Map<number, number>();
    for (const user of users.data ?? []) {
      const at = user.department_id;
      if (typeof at === 'number' && user.status === 'active') {
        counts.set(at, (counts.get(at) ?? 0) + 1);
      }
    }
    return treeOf(rows.data ?? [], counts);
  }, [rows.data, users.data]);
  const toggle = (id: number) =>
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <>
      <SectionHead title={t('settings.section.departments')} text={t('settings.departments_text')}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing({ record: null, parent: tree[0]?.row })}
        />
      </SectionHead>
      <RowsState query={rows} />
      {rows.data && tree.length === 0 && (
        <Empty
          icon={<Network size={26} />}
          title={t('empty.none_title', { object: object.label_plural })}
          text={t('settings.departments_text')}
        />
      )}
      {tree.length > 0 && (
        <ul className="card departments">
          {tree.map((node) => (
            <Branch
              key={node.row.id}
              node={node}
              depth={0}
              closed={closed}
              onToggle={toggle}
              onEdit={(record) => setEditing({ record })}
              onAdd={(parent) => setEditing({ record: null, parent })}
              onDelete={(record) => void remove([record]).then(refresh)}
            />
          ))}
        </ul>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing.record}
          fields={['name', 'parent_id', 'head_id', 'order']}
          preset={editing.parent ? { parent_id: editing.parent.id } : undefined}
          presetDisplays={editing.parent ? { parent_id: String(editing.parent.name) } : undefined}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export default function DepartmentSettings() {
  const { model } = useRecordWorld();
  const object = model.object('department');
  return object ? <Departments object={object} /> : null;
}
