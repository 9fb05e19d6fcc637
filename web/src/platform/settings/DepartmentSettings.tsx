import { Network } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useDelete } from '@/record/form/useActions';
import { Empty } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';
import { SettingsTree, treeOf } from './SettingsTree';

function Departments({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const rows = useRows('departments', {
    expand: 'head($select=name),parent($select=name)',
    orderby: 'order',
  });
  const users = useRows('users', { select: 'id,department_id,status' });
  const remove = useDelete(object);
  const refresh = useRefresh('departments');
  const [editing, setEditing] = useState<{ record: RecordData | null; parent?: RecordData } | null>(
    null,
  );
  const tree = useMemo(() => {
    const people = new Map<number, number[]>();
    for (const { id, department_id: at, status } of users.data ?? []) {
      if (typeof at === 'number' && status === 'active') {
        people.set(at, [...(people.get(at) ?? []), id]);
      }
    }
    return treeOf(rows.data ?? [], (row) => people.get(row.id) ?? []);
  }, [rows.data, users.data]);
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
        <SettingsTree
          tree={tree}
          addLabel={t('settings.add_below')}
          headOf={(row) => (row.head as { name?: string } | null)?.name}
          onEdit={(record) => setEditing({ record })}
          onAdd={(parent) => setEditing({ record: null, parent })}
          onDelete={(record) => void remove([record]).then(refresh)}
        />
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
